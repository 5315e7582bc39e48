"""A file as rows of cells: its encoding, its separator, its headings; whatever is broken costs one row, not the file.

- Encoding: UTF-8 (with or without a byte order mark) or Windows-1252, whichever more of the lines with accents are in.
  A line that is not in it is rejected alone.
- Separator: comma, semicolon or tab, whichever finds most of our columns in the first line.
- A quotation mark that is never closed would swallow the rows after it. So a cell may go on over several lines
  only in a column that we do not read (notes, postal addresses), and only where the row then has its right length.
"""

from __future__ import annotations

import csv
import re
from collections import deque
from dataclasses import dataclass
from itertools import islice
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

from subscribers.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path
    from typing import TextIO

COLUMNS = ("email", "name", "language", "topics", "timezone", "status")
_ALSO = {"e-mail": "email", "languages": "language", "topic": "topics", "time zone": "timezone"}

_SEPARATORS = {",": "a comma", ";": "a semicolon", "\t": "a tab"}
_LONGEST_ROW = 100
"""Lines that one row may take."""
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_NOT_TEXT = {
    b"PK\x03\x04": "an Excel workbook or a ZIP archive",
    b"\x1f\x8b": "compressed (gzip)",
    b"\xff\xfe": "in UTF-16",
    b"\xfe\xff": "in UTF-16",
}


class Row(NamedTuple):
    """A line of the file, or several: one row of the table."""

    line: int
    """Of its first line, counted from 1, the headings included."""
    cells: Sequence[str]
    """One for each of `COLUMNS`, "" where the file has no such column."""
    broken: str | None = None
    """Why it cannot be read; its cells are then only good to show it."""


@dataclass(frozen=True, slots=True)
class Table:
    """What is known of a file before its rows are read."""

    path: Path
    encoding: str
    separator: str
    positions: Sequence[int]
    """Where each of `COLUMNS` stands; -1 for one that is not there. `email` always is."""
    width: int
    """Number of columns."""
    lines: int
    warnings: tuple[str, ...]

    def rows(self) -> Iterator[Row]:
        """Yield the rows under the headings, one at a time; empty lines are none."""
        pick = itemgetter(*self.positions)
        with self.path.open(encoding=self.encoding, errors="surrogateescape", newline="") as text:
            lines = _Lines(text)
            lines.next()
            while (line := lines.next()) is not None:
                number = lines.number
                cells, broken = self._cells(line, lines)
                if line.strip() and any(cells):
                    cells += [""] * (self.width - len(cells) + 1)  # one more, for the columns that are at -1
                    yield Row(number, pick(cells), broken)

    def _cells(self, line: str, lines: _Lines) -> tuple[list[str], str | None]:
        """Return the cells of the row that begins with `line`, and what is wrong with it."""
        if not line.isascii() and _SURROGATE.search(line):
            return self._apart(line), f"the line is not {_shown(self.encoding)}"
        cells = _cells(line, self.separator) or self._longer(line, lines)
        if cells is None:
            return self._apart(line), "the quotation marks in the line do not make cells"
        while len(cells) > self.width and not cells[-1].strip():
            cells.pop()
        if len(cells) > self.width:
            what = f"{len(cells)} cells under {self.width} headings"
            return cells[: self.width], f"{what}: does a cell with {_SEPARATORS[self.separator]} lack quotation marks?"
        return cells, None

    def _apart(self, line: str) -> list[str]:
        """Return something to show for a line that is no row."""
        return _apart(line, self.separator)[: self.width]

    def _longer(self, line: str, lines: _Lines) -> list[str] | None:
        """Return the cells of a row that goes on after its first line; None if there is no such row."""
        text = line
        for taken, following in enumerate(lines.ahead(_LONGEST_ROW), start=1):
            text += following
            cells = _cells(text, self.separator) if '"' in following else None
            if cells is not None:
                ours = (cells[position] for position in self.positions if 0 <= position < len(cells))
                if len(cells) != self.width or any("\n" in cell for cell in ours):
                    return None
                lines.skip(taken)
                return cells
        return None


def open_table(path: Path) -> Table:
    """Find out how `path` is written. Raises Refused for what is no table of subscribers; nothing is read twice."""
    encoding, lines = _encoding(path)
    with path.open(encoding=encoding, errors="surrogateescape", newline="") as text:
        first = text.readline()
    separator, headings = _headings(first)
    if "email" not in headings:
        raise Refused(
            f"{path.name}: no column is called “email”. The first line has to name the columns: "
            f"{', '.join(COLUMNS)}; email alone is needed, the order is free."
        )
    for name in COLUMNS:
        if headings.count(name) > 1:
            raise Refused(f"{path.name}: two columns are called “{name}”: take one away.")
    unknown = [heading for heading in headings if heading and heading not in COLUMNS]
    warnings = [f"The column “{heading}” is not read." for heading in unknown]
    if encoding == "cp1252":
        warnings.append("The file is not UTF-8 and was read as Windows-1252: look at a name with an accent.")
    positions = [headings.index(name) if name in headings else -1 for name in COLUMNS]
    return Table(path, encoding, separator, positions, len(headings), lines, tuple(warnings))


class _Lines:
    """Lines of a text, with a look ahead."""

    def __init__(self, text: TextIO) -> None:
        self._text = text
        self._ahead: deque[str] = deque()
        self.number = 0

    def next(self) -> str | None:
        self.number += 1
        return self._ahead.popleft() if self._ahead else next(self._text, None)

    def ahead(self, count: int) -> Sequence[str]:
        self._ahead.extend(islice(self._text, max(0, count - len(self._ahead))))
        return list(islice(self._ahead, count))

    def skip(self, count: int) -> None:
        for _ in range(count):
            self.next()


def _encoding(path: Path) -> tuple[str, int]:
    """Return the encoding and the number of lines."""
    lines = utf8 = other = 0
    with path.open("rb") as file:
        for line in file:
            lines += 1
            if lines == 1:
                _refuse_what_is_no_text(path, line)
            if not line.isascii():
                try:
                    line.decode("utf-8")
                    utf8 += 1
                except UnicodeDecodeError:
                    other += 1
    return ("cp1252" if other > utf8 else "utf-8-sig"), lines


def _refuse_what_is_no_text(path: Path, line: bytes) -> None:
    for beginning, what in _NOT_TEXT.items():
        if line.startswith(beginning):
            raise Refused(f"{path.name} is {what}: save it as a CSV file in UTF-8.")
    if b"\0" in line:
        raise Refused(f"{path.name} is no text: save it as a CSV file in UTF-8.")


def _headings(line: str) -> tuple[str, list[str]]:
    """Return the separator that finds most of our columns in `line`, and the headings it gives."""

    def found(separator: str) -> list[str]:
        names = [cell.strip().lower() for cell in _cells(line, separator) or []]
        return [_ALSO.get(name, name) for name in names]

    separator = max(_SEPARATORS, key=lambda each: len(set(found(each)) & set(COLUMNS)))
    return separator, found(separator)


def _cells(text: str, separator: str) -> list[str] | None:
    """Return the cells of one row (RFC 4180); None where its quotation marks do not make one."""
    if '"' not in text:
        return _apart(text, separator)
    try:
        rows = list(csv.reader([text], strict=True, delimiter=separator))
    except csv.Error:
        return None
    return rows[0] if len(rows) == 1 else None


def _apart(line: str, separator: str) -> list[str]:
    return line.rstrip("\r\n").split(separator)


def _shown(encoding: str) -> str:
    return "UTF-8" if encoding == "utf-8-sig" else "Windows-1252"

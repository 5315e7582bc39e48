"""A text whose lines are rows of cells (CSV, TSV); whatever is broken costs one row, not the file.

- Separator: comma, semicolon, tab or bar, whichever finds most known headings in the first line, then most cells.
  A line `sep=;` before it, as Excel writes, says it outright.
- Quotation marks as RFC 4180 doubles them, or with a backslash before them where that makes more rows whole.
- A quotation mark that is never closed would swallow the rows after it. So a cell may go on over several lines
  only in a column that is not read (notes, postal addresses), and only where the row then has its right length.
- An apostrophe that a spreadsheet's export put before a formula is taken off again (`subscribers.formulas`).
"""

from __future__ import annotations

import csv
import re
from collections import deque
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from subscribers.formulas import restored
from subscribers.importing.fields import plain
from subscribers.importing.formats.sheet import Row, Written, picker
from subscribers.sentences import Sentence

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import TextIO

    from subscribers.importing.formats.sheet import Hints
    from subscribers.importing.formats.text import Text

_SEPARATORS = {
    ",": Sentence("a comma"),
    ";": Sentence("a semicolon"),
    "\t": Sentence("a tab"),
    "|": Sentence("a bar"),
}
_LONGEST_ROW = 100
"""Lines that one row may take."""
_SAMPLE = 1_000
"""Lines that decide how quotation marks are written."""
_SURROGATE = re.compile(r"[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Separated:
    """What is known of such a file before its rows are read."""

    text: Text
    separator: str
    quote: str
    backslash: bool
    """Whether a quotation mark inside a cell has a backslash before it, and is not doubled."""
    headings: Sequence[str]
    skipped: int
    """Lines before the first row."""

    @property
    def lines(self) -> int:
        """How many there are, the headings included."""
        return self.text.lines

    @property
    def written(self) -> Written:
        """How the file is written."""
        return Written(
            format="tsv" if self.separator == "\t" else "csv",
            encoding=self.text.encoding,
            separator=self.separator,
            compressed=self.text.packed.compressed,
        )

    @property
    def notes(self) -> Sequence[str]:
        """What a person should look at."""
        return self.text.notes

    def rows(self, positions: Sequence[int]) -> Iterator[Row]:
        """Yield the rows under the headings, one at a time, with the cells at these positions; empty lines are none."""
        width, separator, quote, pick = len(self.headings), self.separator, self.quote, picker(positions)
        with self.text.opened() as file:
            lines = _Lines(file)
            lines.skip(self.skipped)
            while (line := lines.next()) is not None:
                number = lines.number
                if quote not in line and (line.isascii() or not _SURROGATE.search(line)):
                    cells, broken = _apart(line, separator), None
                    if len(cells) != width:
                        cells, broken = self._fitted(cells)
                else:
                    cells, broken = self._cells(line, lines, positions)
                if not any(cells) or not line.strip():
                    continue
                if "'" in line:
                    cells = [restored(cell) for cell in cells]
                if len(cells) < width:
                    cells += [""] * (width - len(cells))
                yield Row(number, pick(cells), broken)

    def _cells(self, line: str, lines: _Lines, positions: Sequence[int]) -> tuple[list[str], str | None]:
        """Return the cells of the row that begins with `line`, and what is wrong with it."""
        if not line.isascii() and _SURROGATE.search(line):
            return self._apart(line), self.text.not_in_it()
        cells = self._row(line) or self._longer(line, lines, positions)
        if cells is None:
            return self._apart(line), Sentence("the quotation marks in the line do not make cells")
        return self._fitted(cells)

    def _fitted(self, cells: list[str]) -> tuple[list[str], str | None]:
        """Return no more cells than there are headings, and what is wrong where there were more."""
        width = len(self.headings)
        while len(cells) > width and not cells[-1].strip():
            cells.pop()
        if len(cells) <= width:
            return cells, None
        return cells[:width], Sentence(
            "{cells} cells under {width} headings: does a cell with {separator} lack quotation marks?",
            cells=len(cells),
            width=width,
            separator=_SEPARATORS[self.separator],
        )

    def _row(self, text: str) -> list[str] | None:
        return _cells(text, self.separator, self.quote, backslash=self.backslash)

    def _apart(self, line: str) -> list[str]:
        """Return something to show for a line that is no row."""
        return _apart(line, self.separator)[: len(self.headings)]

    def _longer(self, line: str, lines: _Lines, positions: Sequence[int]) -> list[str] | None:
        """Return the cells of a row that goes on after its first line; None if there is no such row."""
        text = line
        for taken, following in enumerate(lines.ahead(_LONGEST_ROW), start=1):
            text += following
            cells = self._row(text) if self.quote in following else None
            if cells is not None:
                ours = (cells[position] for position in positions if position < len(cells))
                if len(cells) != len(self.headings) or any("\n" in cell or "\r" in cell for cell in ours):
                    return None
                lines.skip(taken)
                return cells
        return None


def open_separated(text: Text, hints: Hints) -> Separated:
    """Find out how `text` is written: its first line holds the headings, unless `hints` give them."""
    with text.opened() as file:
        sample = list(islice(file, _SAMPLE))
    skipped = next((n for n, line in enumerate(sample) if line.strip()), 0)
    said = re.fullmatch(r"sep=(.)", sample[skipped].strip("\r\n")) if sample else None
    skipped += bool(said)
    first = sample[skipped] if skipped < len(sample) else ""
    quote = "'" if first.startswith("'") and '"' not in first else '"'
    separators = [said[1]] if said and said[1] in _SEPARATORS else list(_SEPARATORS)
    separator, headings = _headings(first, separators, quote, hints)
    headings = list(hints.headings) or headings
    rows = sample[skipped:] if hints.headings else sample[skipped + 1 :]
    return Separated(
        text,
        separator,
        quote,
        _with_backslash(rows, separator, quote, len(headings)),
        headings,
        skipped if hints.headings else skipped + 1,
    )


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


def _headings(line: str, separators: Sequence[str], quote: str, hints: Hints) -> tuple[str, list[str]]:
    """Return the separator that finds most known headings in `line`, or most cells, and the headings it gives."""

    def found(separator: str) -> list[str]:
        return [restored(cell.strip()) for cell in _cells(line, separator, quote, backslash=False) or []]

    def score(separator: str) -> tuple[int, int]:
        cells = found(separator)
        return len({plain(cell) for cell in cells}.intersection(hints.known)), len(cells)

    separator = max(separators, key=score)
    return separator, found(separator)


def _with_backslash(rows: Sequence[str], separator: str, quote: str, width: int) -> bool:
    """Return whether more of the `rows` are whole when a backslash guards a quotation mark than when it is a letter."""
    doubtful = [row for row in rows if f"\\{quote}" in row]

    def whole(*, backslash: bool) -> int:
        return sum(len(_cells(row, separator, quote, backslash=backslash) or []) == width for row in doubtful)

    return whole(backslash=True) > whole(backslash=False)


def _cells(text: str, separator: str, quote: str, *, backslash: bool) -> list[str] | None:
    """Return the cells of one row; None where its quotation marks do not make one."""
    if quote not in text:
        return _apart(text, separator)
    try:
        if backslash:
            reader = csv.reader(
                [text], strict=True, delimiter=separator, quotechar=quote, doublequote=False, escapechar="\\"
            )
        else:
            reader = csv.reader([text], strict=True, delimiter=separator, quotechar=quote)
        rows = list(reader)
    except csv.Error:
        return None
    return rows[0] if len(rows) == 1 else None


def _apart(line: str, separator: str) -> list[str]:
    return line.rstrip("\r\n").split(separator)

"""A workbook (XLSX, as Excel, LibreOffice and Google Sheets write it): one sheet of it, a row at a time.

It is a ZIP archive of XML, and such an archive can hold a thousand times its size: so what it says it holds is looked
at before anything of it is unpacked (`zipfile` gives no more than that), and XML with a document type, which the format
forbids and entities need, is refused.
"""

from __future__ import annotations

import re
import shutil
import tempfile
import zipfile
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import islice
from typing import TYPE_CHECKING, Any, BinaryIO
from xml.etree.ElementTree import ParseError

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from subscribers.errors import Refused
from subscribers.formulas import restored
from subscribers.importing.formats.sheet import Row, Written, picker
from subscribers.sentences import Sentence

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from subscribers.importing.formats.packed import Packed
    from subscribers.importing.formats.sheet import Hints

_LARGEST = 2 * 1024**3
"""Bytes of one part, unpacked: a full sheet of a million rows and six columns has 0.4 GB."""
_LARGEST_IN_MEMORY = 256 * 1024**2
"""Of the parts that openpyxl keeps: texts, styles."""
_DENSEST = 500
"""Times that a part may be larger unpacked; a sheet of equal rows comes to 250."""
_SMALL = 10 * 1024**2
"""Bytes of a part that may be as dense as it likes."""
_HEADINGS_WITHIN = 50
"""Rows in which the headings have to be."""
_WHOLE = re.compile(r"-?\d+\.0")
_DAMAGED = (
    zipfile.BadZipFile, InvalidFileException, ParseError, SyntaxError, KeyError, ValueError, TypeError, IndexError,
    AttributeError, NotImplementedError, OverflowError, OSError,
)  # fmt: skip
"""What openpyxl raises for a workbook that is not what it says."""


@dataclass(frozen=True, slots=True)
class Workbook:
    """One sheet of a workbook."""

    packed: Packed
    title: str
    headings: Sequence[str]
    first: int
    """Number of the row of headings."""
    lines: int
    notes: Sequence[str]

    @property
    def written(self) -> Written:
        """How the file is written."""
        return Written(format="xlsx", compressed=self.packed.compressed, sheet=self.title)

    def rows(self, positions: Sequence[int]) -> Iterator[Row]:
        """Yield the rows under the headings that hold anything."""
        pick, width = picker(positions), len(self.headings)
        with _opened(self.packed) as book:
            sheet = book[self.title]
            sheet.reset_dimensions()
            below = sheet.iter_rows(min_row=self.first + 1, values_only=True)
            for number, values in enumerate(below, start=self.first + 1):
                cells = [restored(_cell(value)) for value in values]
                if any(cell.strip() for cell in cells):
                    cells += [""] * (width - len(cells))
                    beyond = any(cell.strip() for cell in cells[width:])
                    broken = Sentence("cells beyond the {width} headings", width=width) if beyond else None
                    yield Row(number, pick(cells), broken)


def open_workbook(packed: Packed, hints: Hints) -> Workbook:
    """Find the sheet and its headings. Raises Refused for what is no workbook, or none that can be unpacked safely."""
    with _opened(packed) as book:
        titles = [sheet.title for sheet in book.worksheets]
        if hints.sheet is not None and hints.sheet not in titles:
            raise Refused(f"{packed.name}: there is no sheet “{hints.sheet}”; there are: {', '.join(titles)}.")
        if not titles:
            raise Refused(f"{packed.name} has no sheet with rows: save the list as CSV in UTF-8.")
        title = hints.sheet or titles[0]
        sheet = book[title]
        lines = sheet.max_row or 0
        sheet.reset_dimensions()  # what a file says of its size may be wrong; rows are as long as they are
        top = islice(sheet.iter_rows(values_only=True), _HEADINGS_WITHIN)
        rows = [[restored(_cell(value).strip()) for value in values] for values in top]
    first = next((number for number, cells in enumerate(rows, start=1) if any(cells)), None)
    if first is None:
        raise Refused(f"{packed.name}: the sheet “{title}” is empty: say which one to read with --sheet.")
    headings = rows[first - 1]
    while not headings[-1]:
        headings.pop()
    others = [each for each in titles if each != title]
    unread = Sentence(
        "Only the sheet “{title}” is read, not: {others} (--sheet).", title=title, others=", ".join(others)
    )
    given = list(hints.headings)
    return Workbook(packed, title, given or headings, first - bool(given), lines, [unread] if others else [])


@contextmanager
def _opened(packed: Packed) -> Iterator[Any]:
    """Yield the workbook of openpyxl. What it raises for a damaged one becomes Refused."""
    with _seekable(packed) as file:
        try:
            _look_over(packed, file)
            book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
            try:
                yield book
            finally:
                book.close()
        except _DAMAGED as error:
            raise Refused(
                f"{packed.name} is no workbook that can be read ({type(error).__name__}: {str(error)[:120]}): fetch "
                f"it once more, or open it with a spreadsheet and save it as CSV in UTF-8."
            ) from error


@contextmanager
def _seekable(packed: Packed) -> Iterator[BinaryIO]:
    """Yield the file; one inside gzip is unpacked to the disk first: the directory of an archive is at its end."""
    with packed.opened() as file:
        if not packed.compressed:
            yield file
            return
        with tempfile.TemporaryFile() as unpacked:
            shutil.copyfileobj(_Limited(packed, file), unpacked)
            unpacked.seek(0)
            yield unpacked


class _Limited:
    """A stream that refuses to become larger than any workbook."""

    def __init__(self, packed: Packed, file: BinaryIO) -> None:
        self._packed, self._file, self._read = packed, file, 0

    def read(self, size: int = -1) -> bytes:
        block = self._file.read(size)
        self._read += len(block)
        if self._read > _LARGEST:
            raise _too_large(self._packed, "it")
        return block


def _look_over(packed: Packed, file: BinaryIO) -> None:
    with zipfile.ZipFile(file) as archive:
        names = set(archive.namelist())
        if "mimetype" in names or "xl/workbook.bin" in names:
            raise Refused(
                f"{packed.name} is a workbook of another kind (ODS, XLSB): save it as XLSX, or as CSV in UTF-8."
            )
        if "[Content_Types].xml" not in names or not any(name.endswith("workbook.xml") for name in names):
            raise Refused(f"{packed.name} is a ZIP archive and no workbook: unpack it and import its files one by one.")
        for part in archive.infolist():
            streamed = "worksheets/" in part.filename
            if part.file_size > (_LARGEST if streamed else _LARGEST_IN_MEMORY):
                raise _too_large(packed, part.filename)
            if part.file_size > _SMALL and part.file_size > _DENSEST * max(1, part.compress_size):
                raise _too_large(packed, part.filename)
            if part.filename.endswith((".xml", ".rels")):
                _refuse_document_type(packed, archive, part)


def _refuse_document_type(packed: Packed, archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    with archive.open(part) as xml:
        head = xml.read(4096).replace(b"\0", b"")  # so that it is found in UTF-16, too
    if b"<!DOCTYPE" in head.upper() or b"<!ENTITY" in head.upper():
        raise Refused(f"{packed.name} holds XML with a document type ({part.filename}), which no workbook does.")


def _too_large(packed: Packed, part: str) -> Refused:
    return Refused(
        f"{packed.name}: {part} would be too large when unpacked; nothing of it was. "
        f"If it is a real list, save it as CSV in UTF-8."
    )


def _cell(value: Any) -> str:  # noqa: ANN401 - text, number, instant, truth
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, date | time):
        return value.isoformat()
    shown = str(value)
    return shown[:-2] if _WHOLE.fullmatch(shown) else shown

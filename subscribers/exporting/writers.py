"""People as CSV, TSV, JSON lines or a workbook, each written as it comes.

In all but JSON lines a cell that a spreadsheet would run is made text (`subscribers.formulas`); JSON is for programs.
"""

from __future__ import annotations

import csv
import io
import json
import shutil
from contextlib import contextmanager
from functools import lru_cache
from json.encoder import encode_basestring  # what `json.dumps` makes of a text, without the rest of it
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Any, BinaryIO

from subscribers.errors import Refused
from subscribers.formulas import neutralised

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager

    Rows = Sequence[Sequence[str]]
    Write = Callable[[Rows], None]
    Writer = Callable[[BinaryIO, Sequence[str]], AbstractContextManager[Write]]

_ANYTHING = frozenset({"email", "name"})
"""Columns whose cells begin with whatever somebody typed; the others begin with a letter or a figure."""
_SEVERAL = frozenset({"language", "topics", "excluded"})
"""Columns with several words, separated by a semicolon."""
_MOST_ROWS = 1_048_576
"""Of a sheet, the headings included (https://support.microsoft.com/office/1672b34d-7043-467e-8e27-269d656771c3)."""


def writer_of(form: str) -> Writer:
    """Return what writes the format `form`: given a stream and columns, a context that gives a function for rows."""
    return FORMATS[form]


@contextmanager
def _separated(out: BinaryIO, columns: Sequence[str], *, separator: str) -> Iterator[Write]:
    harmless = _harmless(columns)

    def write(rows: Rows) -> None:
        text = io.StringIO(newline="")
        csv.writer(text, delimiter=separator, lineterminator="\n").writerows(rows)
        _all_of(out, text.getvalue())

    write([columns])
    yield lambda rows: write(harmless(rows))


@contextmanager
def _csv(out: BinaryIO, columns: Sequence[str]) -> Iterator[Write]:
    with _separated(out, columns, separator=",") as write:
        yield write


@contextmanager
def _tsv(out: BinaryIO, columns: Sequence[str]) -> Iterator[Write]:
    with _separated(out, columns, separator="\t") as write:
        yield write


@contextmanager
def _json_lines(out: BinaryIO, columns: Sequence[str]) -> Iterator[Write]:
    keys = [f"{encode_basestring(column)}: " for column in columns]
    values = [_words if column in _SEVERAL else encode_basestring for column in columns]

    def line(row: Sequence[str]) -> str:
        pairs = [key + value(cell) for key, value, cell in zip(keys, values, row, strict=True)]
        return f"{{{', '.join(pairs)}}}\n"

    yield lambda rows: _all_of(out, "".join([line(row) for row in rows]))


@lru_cache(4_096)
def _words(cell: str) -> str:
    return json.dumps(cell.split(";") if cell else [], ensure_ascii=False)


@contextmanager
def _workbook(out: BinaryIO, columns: Sequence[str]) -> Iterator[Write]:
    from openpyxl import Workbook  # noqa: PLC0415 - 60 ms, wanted for workbooks only
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE  # noqa: PLC0415 - likewise

    book: Any = Workbook(write_only=True)
    sheet = book.create_sheet("subscribers")
    sheet.append(columns)
    harmless = _harmless(columns)
    written = 1

    def write(rows: Rows) -> None:
        nonlocal written
        written += len(rows)
        if written > _MOST_ROWS:
            raise Refused(f"A sheet holds {_MOST_ROWS - 1:,} people at most, and there are more: export CSV.")
        for row in harmless(rows):
            sheet.append([ILLEGAL_CHARACTERS_RE.sub("", cell) for cell in row])

    try:
        yield write
    except BaseException:
        sheet.close()  # left open, it complains on standard error whenever it is collected
        raise
    with TemporaryFile() as whole:  # an archive is written back and forth, which neither gzip nor a pipe can
        book.save(whole)
        whole.seek(0)
        shutil.copyfileobj(whole, out)


FORMATS: dict[str, Writer] = {"csv": _csv, "tsv": _tsv, "jsonl": _json_lines, "xlsx": _workbook}


def _harmless(columns: Sequence[str]) -> Callable[[Rows], Rows]:
    """Return what makes rows of these columns fit for a spreadsheet."""
    places = [place for place, column in enumerate(columns) if column in _ANYTHING]

    def row_of(row: Sequence[str]) -> Sequence[str]:
        for place in places:
            cell = neutralised(row[place])
            if cell is not row[place]:
                row = (*row[:place], cell, *row[place + 1 :])
        return row

    return lambda rows: [row_of(row) for row in rows]


def _all_of(out: BinaryIO, text: str) -> None:
    out.write(text.encode())

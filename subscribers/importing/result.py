"""What became of every row, as a file: `line,email,fate,reason`."""

from __future__ import annotations

import csv
import io
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from subscribers.files import complete_or_absent
from subscribers.formulas import neutralised

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from subscribers.lifecycle import Fate

_SUSPECT = re.compile(r",[=+\-@\t']")
"""A cell that may need an apostrophe before it."""


class Line(NamedTuple):
    """What became of one row."""

    line: int
    email: str
    fate: Fate
    reason: str


@contextmanager
def result_file(path: Path) -> Iterator[Callable[[Sequence[Line]], object]]:
    """Yield a function that appends lines; at the end they are at `path`, in place of what was there.

    Nobody else can read it: it is a list of people. No spreadsheet runs what stands in it (`subscribers.formulas`).
    """
    with complete_or_absent(path) as file:
        file.write(_written([Line._fields]))
        yield lambda lines: file.write(_plainly(lines) or _written(map(_harmless, lines)))


def _plainly(lines: Sequence[Line]) -> bytes:
    """Return `lines` as they are where none of it needs a quotation mark or an apostrophe, else nothing.

    So it is of most batches; to look at the whole is a third of the work of looking at each cell.
    """
    text = "".join([f"{line},{email},{fate},{reason}\r\n" for line, email, fate, reason in lines])
    cells, ends = text.count(",") == 3 * len(lines), text.count("\n") == text.count("\r") == len(lines)
    if not (cells and ends) or '"' in text or _SUSPECT.search(text):
        return b""
    return text.encode(errors="replace")


def _written(lines: Iterable[Iterable[object]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(lines)
    return text.getvalue().encode(errors="replace")


def _harmless(line: Line) -> Line:
    """Return `line` with its address, which may be anything, as text."""
    email = neutralised(line.email)
    return line if email is line.email else line._replace(email=email)

"""What became of every row, as a file: `line,email,fate,reason`."""

from __future__ import annotations

import csv
import io
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from subscribers.files import complete_or_absent
from subscribers.formulas import neutralised

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from subscribers.lifecycle import Fate


class Line(NamedTuple):
    """What became of one row."""

    line: int
    email: str
    fate: Fate
    reason: str


@contextmanager
def result_file(path: Path) -> Iterator[Callable[[Iterable[Line]], None]]:
    """Yield a function that appends lines; at the end they are at `path`, in place of what was there.

    Nobody else can read it: it is a list of people. No spreadsheet runs what stands in it (`subscribers.formulas`).
    """
    with complete_or_absent(path) as file:

        def write(lines: Iterable[Iterable[object]]) -> None:
            text = io.StringIO(newline="")
            csv.writer(text).writerows(lines)
            file.write(text.getvalue().encode(errors="replace"))

        write([Line._fields])
        yield lambda lines: write(map(_harmless, lines))


def _harmless(line: Line) -> Line:
    """Return `line` with its address, which may be anything, as text."""
    email = neutralised(line.email)
    return line if email is line.email else line._replace(email=email)

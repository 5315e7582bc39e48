"""What became of every row, as a file: `line,email,fate,reason`. It appears when it is complete, or not at all."""

from __future__ import annotations

import csv
import os
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

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

    Nobody else can read it: it is a list of people.
    """
    # NamedTemporaryFile gives it mode 0600
    with NamedTemporaryFile(
        "w", encoding="utf-8", errors="replace", newline="", dir=path.parent, prefix=f".{path.name}.", delete=False
    ) as file:
        try:
            writer = csv.writer(file)
            writer.writerow(Line._fields)
            yield writer.writerows
            file.flush()
            os.fsync(file.fileno())
            Path(file.name).replace(path)
        except BaseException:
            Path(file.name).unlink()
            raise

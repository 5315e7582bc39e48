"""Files of people: they appear when they are complete, and nobody else can read them."""

from __future__ import annotations

import glob
import os
import sys
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Iterator

_ENDING = ".part"


@contextmanager
def complete_or_absent(path: Path) -> Iterator[BinaryIO]:
    """Yield a file to write to; at the end it is at `path`, in place of what was there, on an error it is gone.

    What earlier ones left behind that were killed while they wrote to `path` is removed.
    """
    _clear(path)
    # NamedTemporaryFile gives it mode 0600
    with NamedTemporaryFile("wb", dir=path.parent, prefix=f".{path.name}.", suffix=_ENDING, delete=False) as file:
        _held(file.fileno())
        try:
            yield file  # type: ignore[misc]  # it has all the methods
            file.flush()
            os.fsync(file.fileno())
            Path(file.name).replace(path)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise


def _clear(path: Path) -> None:
    for left in path.parent.glob(f".{glob.escape(path.name)}.*{_ENDING}"):
        with suppress(OSError), left.open("rb") as file:
            if _held(file.fileno()):
                left.unlink()


def _held(descriptor: int) -> bool:
    """Lock a file for as long as it is open, as the system does for whoever lives; return whether nobody else had."""
    if sys.platform == "win32":
        return False  # without such locks nothing is taken away
    import fcntl  # noqa: PLC0415 - not everywhere

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True

"""Runs `newsletter` as a process that kills itself, with SIGKILL, at the n-th time it passes a named point.

    [BY=SIGINT] python killed.py POINT N COMMAND…

Only the world around the program is tampered with: its transactions, and the files it writes.
"""

from __future__ import annotations

import os
import signal
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

POINTS = (
    "before a transaction",
    "before a commit",
    "after a commit",
    "before a file is on the disk",
    "before a mail appears",
    "after a mail appeared",
)


class Fate:
    """Counts how often one point was passed, and strikes at the n-th time."""

    def __init__(self, point: str, times: int) -> None:
        self._point = point
        self._left = times

    def passes(self, point: str) -> None:
        if point == self._point:
            self._left -= 1
            if self._left == 0:
                os.kill(os.getpid(), signal.Signals[os.environ.get("BY", "SIGKILL")])


def meet(fate: Fate) -> None:
    """Let the program meet its fate at transactions and at files."""
    from subscribers.database import Database

    write, transact = Database.write, Database.transact

    @contextmanager
    def mortal_write(self: Database) -> Iterator[Any]:
        fate.passes("before a transaction")
        with write(self) as session:
            yield session
            session.flush()
            fate.passes("before a commit")
        fate.passes("after a commit")

    @contextmanager
    def mortal_transact(self: Database) -> Iterator[Any]:
        fate.passes("before a transaction")
        with transact(self) as connection:
            yield connection
            fate.passes("before a commit")
        fate.passes("after a commit")

    Database.write = mortal_write  # type: ignore[method-assign]  # in this process alone, which dies of it
    Database.transact = mortal_transact  # type: ignore[method-assign]  # in this process alone, which dies of it
    os.fsync = _between(os.fsync, fate, before="before a file is on the disk")
    os.link = _between(os.link, fate, before="before a mail appears", after="after a mail appeared")


def _between(function: Callable[..., Any], fate: Fate, before: str, after: str = "") -> Callable[..., Any]:
    def mortal(*arguments: Any) -> Any:  # noqa: ANN401 - as the function it stands for
        fate.passes(before)
        result = function(*arguments)
        fate.passes(after)
        return result

    return mortal


if __name__ == "__main__":
    from newsletter.__main__ import main

    meet(Fate(sys.argv[1], int(sys.argv[2])))
    sys.argv[1:] = sys.argv[3:]
    main()

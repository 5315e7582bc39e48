"""Whose turn to write it is among the threads of one process, under SQLite.

SQLite has one writer at a time, and whoever waits for its lock looks again and again, in no order
(https://www.sqlite.org/c3ref/busy_timeout.html); threads can be woken instead. PostgreSQL needs no turns.
"""

from __future__ import annotations

from contextlib import contextmanager
from threading import RLock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


class Turns:
    """Taken by one thread at a time, for a transaction."""

    def __init__(self) -> None:
        """Nobody has it yet."""
        self._lock = RLock()

    @contextmanager
    def mine(self, longest_wait: float) -> Iterator[None]:
        """Wait for the turn, and keep it; after so many seconds go on without: SQLite says what is the matter."""
        taken = self._lock.acquire(timeout=longest_wait)
        try:
            yield
        finally:
            if taken:
                self._lock.release()

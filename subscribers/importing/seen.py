"""Which addresses a file has named before, without holding a million of them in memory."""

from __future__ import annotations

import json
import sqlite3
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import TracebackType

    from subscribers.importing.wishes import Wish


_AT_ONCE = 1_000
"""Addresses in one statement, during which other threads of Python work."""


class Seen:
    """Address → line that named it first, in a temporary database of SQLite.

    The empty name makes one that lives in a cache and goes to the disk only when that is full
    (https://www.sqlite.org/inmemorydb.html#temp_db).
    """

    def __init__(self) -> None:
        self._database = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        for statement in (
            "PRAGMA cache_size = -16384",  # KiB
            "PRAGMA journal_mode = OFF",
            "PRAGMA synchronous = OFF",
            "CREATE TABLE seen (email TEXT PRIMARY KEY, line INTEGER NOT NULL) WITHOUT ROWID",
        ):
            self._database.execute(statement)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._database.close()

    def duplicates(self, wishes: Sequence[Wish]) -> Mapping[int, int]:
        """Take note of the addresses; return the lines that name one again, each with the line that named it first."""
        self._database.execute("BEGIN")
        before = self._database.total_changes
        for start in range(0, len(wishes), _AT_ONCE):
            part = wishes[start : start + _AT_ONCE]
            places = ", ".join(["(?, ?)"] * len(part))
            values = [value for wish in part for value in (wish.email, wish.line)]
            self._database.execute(f"INSERT OR IGNORE INTO seen VALUES {places}", values)  # noqa: S608 - places
        new = self._database.total_changes - before
        self._database.execute("COMMIT")
        if new == len(wishes):
            return {}
        found = dict(
            self._database.execute(
                "SELECT email, line FROM seen WHERE email IN (SELECT value FROM json_each(?))",
                (json.dumps([wish.email for wish in wishes]),),
            ).fetchall()
        )
        return {wish.line: found[wish.email] for wish in wishes if found[wish.email] != wish.line}

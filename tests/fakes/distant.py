"""A database that is away at chosen steps: before a transaction, in it, or while its commit is on the way back."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy.exc import OperationalError

from subscribers.database import Database

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection
    from sqlalchemy.orm import Session


@dataclass
class Line:
    """The line to the database: broken at the steps `away`, counted over all transactions."""

    away: frozenset[int] = frozenset()
    taken: int = 0
    broken: list[int] = field(default_factory=list)

    def step(self) -> None:
        self.taken += 1
        if self.taken in self.away:
            self.broken.append(self.taken)
            raise OperationalError("", None, sqlite3.OperationalError("database is locked"))


@dataclass(frozen=True)
class DistantDatabase(Database):
    """A database at the other end of such a line. After a commit the answer may get lost: it happened all the same."""

    line: Line

    @contextmanager
    def write(self) -> Iterator[Session]:
        self.line.step()
        with super().write() as session:
            yield session
            self.line.step()
        self.line.step()

    @contextmanager
    def transact(self) -> Iterator[Connection]:
        self.line.step()
        with super().transact() as connection:
            yield connection
            self.line.step()
        self.line.step()

    @contextmanager
    def read(self) -> Iterator[Session]:
        self.line.step()
        with super().read() as session:
            yield session

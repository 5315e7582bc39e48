"""A process that dies at a chosen step: from then on nothing it does reaches the database, as after a SIGKILL."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from subscribers.database import Database

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection
    from sqlalchemy.orm import Session


class Killed(BaseException):
    """Not an Exception: no handler of the program may take it for one."""


@dataclass
class Life:
    """How many steps a process still has; None: it lives on."""

    steps: int | None = None
    taken: int = 0

    @property
    def ended(self) -> bool:
        return self.steps is not None and self.taken >= self.steps

    def step(self) -> None:
        """Do one thing, or die instead; the dead stay dead."""
        if self.ended:
            raise Killed
        self.taken += 1


@dataclass(frozen=True)
class MortalDatabase(Database):
    """A database whose user may die before a transaction, in it (then it is rolled back), or after its commit."""

    life: Life

    @contextmanager
    def write(self) -> Iterator[Session]:
        self.life.step()
        with super().write() as session:
            yield session
            self.life.step()
        self.life.step()

    @contextmanager
    def transact(self) -> Iterator[Connection]:
        self.life.step()
        with super().transact() as connection:
            yield connection
            self.life.step()
        self.life.step()

"""A database whose connection breaks when it is told to."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy.exc import OperationalError

from subscribers.database import Database

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Session


@dataclass(frozen=True)
class FlakyDatabase(Database):
    """A database that is away for the next so many transactions, before or in their commit."""

    troubles: list[str] = field(default_factory=list)

    @contextmanager
    def write(self) -> Iterator[Session]:
        trouble = self.troubles.pop(0) if self.troubles else ""
        if trouble == "before":
            raise OperationalError("BEGIN", None, ConnectionError("gone"), connection_invalidated=True)
        with super().write() as session:
            yield session
            if trouble == "within":
                raise OperationalError("INSERT", None, ConnectionError("gone"), connection_invalidated=True)
        if trouble == "after":
            raise OperationalError("COMMIT", None, ConnectionError("gone"), connection_invalidated=True)

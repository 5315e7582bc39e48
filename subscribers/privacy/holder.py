"""How a table that keeps something of people is looked through. Each room offers a `Holder` for each of its tables.

`newsletter.bootstrap.privacy` joins them; a test holds that no table with people in it is without one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Protocol

from sqlalchemy import delete, false, inspect, select

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import DeclarativeBase, Session

    from subscribers.privacy.person import Person

    Row = Mapping[str, Any]
    Whose = Callable[[Person], ColumnElement[bool]]


class Holder(Protocol):
    """Keeps something of people, in one table."""

    @property
    def table(self) -> str:
        """Its name."""
        ...

    @property
    def what(self) -> str:
        """What stands in it, for the person it is about."""
        ...

    @property
    def stays(self) -> str:
        """What is left of it when its person is erased; "": nothing."""
        ...

    def rows(self, session: Session, person: Person) -> Iterator[Row]:
        """Yield all that is kept of a person, ready for JSON."""
        ...

    def erase(self, session: Session, person: Person) -> int:
        """Take away whatever tells who it was; return how many rows that changed or deleted."""
        ...


@dataclass(frozen=True, kw_only=True)
class Deleted:
    """Rows that are somebody's: told as they are, gone when their person is erased."""

    model: type[DeclarativeBase]
    what: str
    whose: Whose
    also: Whose | None = None
    """Rows that are deleted besides, though they are not told: somebody else's may be among them."""
    stays: str = ""

    @property
    def table(self) -> str:
        """Its name."""
        return str(self.model.__tablename__)

    def rows(self, session: Session, person: Person) -> Iterator[Row]:
        """Yield all that is kept of a person."""
        yield from told(session, self.model, self.whose(person))

    def erase(self, session: Session, person: Person) -> int:
        """Delete it."""
        mine = self.whose(person)
        if self.also is not None:
            mine |= self.also(person)
        return session.connection().execute(delete(self.model).where(mine)).rowcount


@dataclass(frozen=True, kw_only=True)
class Numbered:
    """Rows that know somebody by a number alone: they stay, and when nobody has the number they are nobody's."""

    model: type[DeclarativeBase]
    what: str
    whose: Whose
    stays: str

    @property
    def table(self) -> str:
        """Its name."""
        return str(self.model.__tablename__)

    def rows(self, session: Session, person: Person) -> Iterator[Row]:
        """Yield all that is kept of a person."""
        yield from told(session, self.model, self.whose(person))

    def erase(self, session: Session, person: Person) -> int:  # noqa: ARG002 - as the Protocol says
        """Leave it."""
        return 0


def by_number(model: type[Any]) -> Whose:
    """Return whose rows are: those with the number of the subscriber."""
    return lambda person: false() if person.number is None else model.subscriber_id == person.number


def by_address(model: type[Any]) -> Whose:
    """Return whose rows are: those with an address of theirs."""
    return lambda person: model.email.in_(person.addresses)


def told(session: Session, model: type[DeclarativeBase], mine: ColumnElement[bool]) -> Iterator[Row]:
    """Yield the rows of a table as JSON has them, in the order of their keys."""
    table = inspect(model).local_table
    for row in session.execute(select(*table.columns).where(mine).order_by(*table.primary_key)).mappings():
        yield {name: plain(value) for name, value in row.items()}


def plain(value: object) -> object:
    """Return a value of a column as JSON has it."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value.hex() if isinstance(value, bytes) else value

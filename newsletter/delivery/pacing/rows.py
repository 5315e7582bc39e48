"""The gauge in the database: whoever holds its row answers one request, or writes down one thing that was learnt.

A transaction of its own, two statements long. Moments are by the clock of the database, read when the row is held:
read before, the same slot might be given away twice. Nobody waits for the disk: by the time a machine that crashed is
up again, the slots it had given away are long past.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from newsletter.delivery.account import AccountState
from newsletter.delivery.pacing.gauge import Gauge, after_jump
from newsletter.delivery.pacing.models import PaceMinute, PaceRow
from newsletter.delivery.pacing.quota import DAY, counted_from, remembered_from
from newsletter.delivery.pacing.rate import Slowing
from subscribers.database import UtcDateTime
from subscribers.ready import Ready

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection
    from sqlalchemy.orm import Session

    from subscribers.clock import Clock
    from subscribers.database import Database

_REMEMBERED = 2 * DAY


class Promised(NamedTuple):
    """What was promised in one minute."""

    minute: datetime
    recipients: int


@dataclass(frozen=True)
class Rows:
    """The gauge of one database."""

    database: Database
    clock: Clock
    """What SQLite goes by, which has no clock of its own."""

    @contextmanager
    def held(self) -> Iterator[HeldRow]:
        """Yield the gauge while nobody else can change it; keep the block short."""
        with self.database.transact_unsynced() as connection:
            yield self.held_within(connection)

    def held_within(self, connection: Connection) -> HeldRow:
        """Return the gauge, held until the end of a transaction of somebody else's that may write."""
        if self.database.is_sqlite:
            now = self.clock()
            (row,) = _READ.rows(connection, {})
        else:
            (row,) = _HOLD.rows(connection, {})
            now = row[-1]
        return HeldRow(connection, after_jump(_gauge(row), now), now)


class HeldRow:
    """The gauge, for as long as its row is ours."""

    def __init__(self, connection: Connection, gauge: Gauge, now: datetime) -> None:
        self._connection = connection
        self.gauge = gauge
        self.now = now

    def write(self, gauge: Gauge) -> None:
        """Put `gauge` in its place; a minute that is over is filed."""
        gauge = replace(gauge, at=self.now)
        if self.gauge.minute is not None and self.gauge.minute != gauge.minute:
            over = {"minute": self.gauge.minute, "recipients": self.gauge.this_minute}
            self._connection.execute(_FILE[self._connection.dialect.name], over)
        _WRITE.change(self._connection, _values(gauge))

    def history(self) -> Sequence[Promised]:
        """Return what was promised in which minute of the last 24 hours, oldest first."""
        return self._since(remembered_from(self.now))

    def uncounted(self, asked_at: datetime) -> int:
        """Return what was promised that SES may not have counted when it was asked; forget what is long past."""
        self._connection.execute(delete(PaceMinute).where(PaceMinute.minute < self.now - _REMEMBERED))
        return sum(each.recipients for each in self._since(counted_from(asked_at)))

    def _since(self, first: datetime) -> Sequence[Promised]:
        query = select(PaceMinute.minute, PaceMinute.recipients).where(PaceMinute.minute >= first)
        found = [Promised(*row) for row in self._connection.execute(query.order_by(PaceMinute.minute))]
        if self.gauge.minute is not None and self.gauge.minute >= first:
            found.append(Promised(self.gauge.minute, self.gauge.this_minute))
        return found


def read_gauge(session: Session) -> Gauge:
    """Return the gauge as it stands, without waiting for anybody."""
    (row,) = _READ.rows(session.connection(), {})
    return _gauge(row)


def _gauge(columns: Sequence[Any]) -> Gauge:
    row = dict(zip(_NAMES, columns, strict=False))  # behind them may be the time
    account = None if row["looked_at"] is None else AccountState(**{name: row[name] for name in _ACCOUNT})
    slowing = Slowing(row["slowed_to"], row["slowed_since"])
    return Gauge(account=account, slowing=slowing, **{name: row[name] for name in _PLAIN})


def _values(gauge: Gauge) -> Mapping[str, Any]:
    """Return the row's columns; with a prefix, for a parameter may not have the name of a column it is written to."""
    values = {name: getattr(gauge, name) for name in _PLAIN}
    values |= {name: getattr(gauge.account, name, None) for name in _ACCOUNT}
    values |= {"slowed_to": gauge.slowing.factor, "slowed_since": gauge.slowing.since}
    return {_PREFIX + name: value for name, value in values.items()}


_ACCOUNT = tuple(field.name for field in fields(AccountState))
_PLAIN = tuple(field.name for field in fields(Gauge) if field.name not in {"account", "slowing"})
_PREFIX = "new_"

_row = PaceRow.__table__
_NAMES = tuple(column.name for column in _row.columns)
_READ = Ready(select(_row))
# the clock outside of what waits for the lock: PostgreSQL reads it when the row is ours
_held = select(_row).with_for_update().cte("held")
_HOLD = Ready(select(_held, func.clock_timestamp(type_=UtcDateTime()).label("now")))
_new = {name: bindparam(_PREFIX + name, type_=_row.columns[name].type) for name in _NAMES if name != "id"}
_WRITE = Ready(update(PaceRow).values(_new))


def _filing(dialect: Any) -> Any:  # noqa: ANN401 - either of two modules of SQLAlchemy that have no common type
    statement = dialect.insert(PaceMinute)
    more = PaceMinute.recipients + statement.excluded.recipients
    return statement.on_conflict_do_update(index_elements=["minute"], set_={"recipients": more})


_FILE = {"sqlite": _filing(sqlite), "postgresql": _filing(postgresql)}
"""Adds to a minute that was filed before: the clock may have been set back."""

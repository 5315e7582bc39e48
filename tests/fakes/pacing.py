"""An installation's workers and the account they send through, on a clock that is turned by hand.

Workers ask `decide`, as over the database; what is granted arrives some time after its slot began, and the account
counts what arrived in the 24 hours before it is asked.
"""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from newsletter.delivery.account import AccountState, AccountUnavailable
from newsletter.delivery.pacing.deciding import Answer, Granted, LookFirst, decide
from newsletter.delivery.pacing.gauge import Gauge, Rules, after_jump, seen
from newsletter.delivery.pacing.models import PaceMinute, PaceRow
from newsletter.delivery.pacing.quota import DAY, counted_from, minute_of, remembered_from
from newsletter.delivery.pacing.rate import Lane
from newsletter.delivery.pacing.rows import HeldRow, Rows
from newsletter.delivery.pacing.shared import SharedPace
from subscribers.clock import utc_now
from subscribers.database import open_database
from tests.factories.people import NOW

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from subscribers.database import Database


def account(quota: int = 50_000, sent: int = 0, max_rate: float = 14.0, **changed: object) -> AccountState:
    """Return an account in good standing."""
    values: dict[str, object] = {"production": True, "sending_enabled": True, "enforcement": "HEALTHY", **changed}
    return AccountState(max_rate=max_rate, quota=quota, sent=sent, **values)  # type: ignore[arg-type]  # named above


@dataclass
class FakeAccount:
    """An account that answers `state`, or not at all where it is an error; `looks` counts."""

    state: AccountState | AccountUnavailable = field(default_factory=account)
    looks: int = 0

    def look(self) -> AccountState:
        self.looks += 1
        if isinstance(self.state, AccountUnavailable):
            raise self.state
        return self.state


def let_pass(database: Database, time: timedelta) -> None:
    """Make everything that was noted in the database so much older, for its clock cannot be turned."""
    with database.write() as session:
        row = session.get_one(PaceRow, 1)
        for column in PaceRow.__table__.columns:
            value = getattr(row, column.name)
            if isinstance(value, datetime):
                setattr(row, column.name, value - time)
            elif isinstance(value, date):
                setattr(row, column.name, value - timedelta(days=time.days))
        minutes = [(each.minute - time, each.recipients) for each in session.scalars(select(PaceMinute))]
        session.execute(delete(PaceMinute))
        session.add_all(PaceMinute(minute=minute, recipients=recipients) for minute, recipients in minutes)


class Stopped(Rows):
    """The gauge by a clock that does not go, on PostgreSQL as well: time goes by only where a test lets it pass."""

    def held_within(self, connection: Connection) -> HeldRow:
        held = super().held_within(connection)
        return HeldRow(connection, held.gauge, self.clock())


def slots_of_a_process(url: str, rules: Rules, lane: Lane, calls: int, threads: int) -> list[tuple[datetime, int]]:
    """Ask for so many calls from each of so many threads, as fast as they can; return what was granted.

    Run in a process of its own.
    """
    database = open_database(url)
    pace = SharedPace(Rows(database, utc_now), rules, lane)

    def ask(number: int) -> tuple[datetime, int]:
        recipients = 1 + number % pace.largest_call()
        answer = pace.ask(recipients)
        assert isinstance(answer, Granted)
        return answer.begin, recipients

    try:
        with ThreadPoolExecutor(threads) as pool:
            return list(pool.map(ask, range(calls)))
    finally:
        database.close()


@dataclass
class Installation:
    """All workers, and the account."""

    rules: Rules = Rules(asks_account=True)  # noqa: RUF009 - frozen
    quota: int = 50_000
    max_rate: float = 14.0
    kept: int = 0
    now: datetime = NOW
    gauge: Gauge = field(default_factory=Gauge)
    minutes: Counter[datetime] = field(default_factory=Counter)
    arrivals: list[tuple[datetime, int]] = field(default_factory=list)
    looks: int = 0

    def request(self, recipients: int, lane: Lane = Lane.BULK, takes: timedelta = timedelta()) -> Answer:
        """Ask for a call until the answer is none to look first; what is granted arrives `takes` after its slot."""
        while True:
            answer = self.decided(recipients, lane)
            if isinstance(answer, LookFirst):
                self.look()
                continue
            if isinstance(answer, Granted):
                self.minutes[minute_of(answer.begin)] += recipients
                self.arrivals.append((answer.begin + takes, recipients))
            return answer

    def decided(self, recipients: int, lane: Lane = Lane.BULK) -> Answer:
        """Ask once."""
        gauge, answer = decide(
            after_jump(self.gauge, self.now), self.rules, lane, recipients, now=self.now, history=self._history
        )
        self.gauge = replace(gauge, at=self.now)
        if gauge.minute is not None:
            self.minutes[gauge.minute] = gauge.this_minute
        return answer

    def _history(self) -> list[tuple[datetime, int]]:
        return sorted(each for each in self.minutes.items() if each[0] >= remembered_from(self.now))

    def look(self) -> None:
        """Let the account answer."""
        self.looks += 1
        since = sum(n for minute, n in self.minutes.items() if minute >= counted_from(self.now))
        state = account(self.quota, self.arrived(self.now), self.max_rate)
        self.gauge = seen(self.gauge, state, self.now, since=since, kept=self.kept)

    def arrived(self, until: datetime) -> int:
        """Return how many arrived in the 24 hours up to a moment."""
        return sum(n for at, n in self.arrivals if until - DAY < at <= until)

    def most_in_a_day(self) -> int:
        """Return the most that arrived in any 24 hours."""
        return max((self.arrived(at) for at, _ in self.arrivals), default=0)

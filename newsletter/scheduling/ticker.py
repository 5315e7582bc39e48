"""The ticker: every few seconds it looks what is due, in every process that has one. APScheduler only wakes it up.

What is due stands in the database, and whoever moves a row first has it; so no ticker knows of another, none is
needed for ever, and one that was away finds what should have begun meanwhile: docs/decisions/a-ticker-not-the-truth.md.
"""

from __future__ import annotations

import logging
import secrets
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy.exc import OperationalError

from newsletter.delivery import campaigns
from newsletter.delivery.appointments import HeldBack, why
from newsletter.delivery.lifecycle import State
from newsletter.delivery.scheduled import begin_due, due
from newsletter.scheduling import timetable
from newsletter.scheduling.firing import Fired, fire

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from newsletter.scheduling.timetable import ScheduleInfo
    from subscribers.clock import Clock
    from subscribers.database import Database

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")

_log = logging.getLogger(__name__)

EVERY = 2.0
"""Seconds between two looks."""


@dataclass(frozen=True, slots=True)
class Ticked:
    """What one look came to."""

    fired: tuple[Fired, ...] = ()
    """The slots of lists that came round."""
    begun: tuple[int, ...] = ()
    """The scheduled campaigns that began."""
    held: tuple[tuple[int, HeldBack], ...] = ()
    """Those that were due and wait for a person now."""


@dataclass(frozen=True, kw_only=True)
class Ticker:
    """Looks what is due in one database, and begins it."""

    database: Database
    clock: Clock
    catch_up_hours: float
    token: Callable[[], str] = field(default=lambda: secrets.token_hex(4))

    def tick(self) -> Ticked:
        """Begin all that is due, each in a transaction of its own; where nothing is, it costs two short reads.

        A slot that missed several times is brought on by one of them. Raises OperationalError: the database is away.
        """
        now = self.clock()
        with self.database.read() as session:
            slots, waiting = timetable.due(session, now), due(session, now)
        fired = [each for slot in slots if (each := self._apart(self._fire, slot, now)) is not None]
        met = {number: self._apart(self._begin, number, now) for number in waiting}
        return Ticked(
            fired=tuple(fired),
            begun=tuple(number for number, what in met.items() if what is State.PLANNING),
            held=tuple((number, what) for number, what in met.items() if isinstance(what, HeldBack)),
        )

    def _apart(self, act: Callable[[_Item, datetime], _Result], item: _Item, now: datetime) -> _Result | None:
        """Do one thing; what is wrong with it keeps nothing else from being done."""
        try:
            return act(item, now)
        except OperationalError:
            raise
        except Exception:  # noqa: BLE001 - whatever it is, the others have their time too
            _log.exception("%s could not be carried out; it is tried again with the next tick.", item)
            return None

    def _fire(self, seen: ScheduleInfo, now: datetime) -> Fired | None:
        with self.database.write() as session:
            fired = fire(session, seen, now=now, catch_up_hours=self.catch_up_hours, token=self.token)
        if fired is not None:
            level = logging.INFO if fired.outcome == "begun" else logging.WARNING
            campaign = f"campaign {fired.campaign_id}" if fired.campaign_id else "no campaign"
            _log.log(level, "%s of the list %s: %s, %s. %s", seen.slot, seen.list, fired.outcome, campaign, fired.note)
        return fired

    def _begin(self, campaign_id: int, now: datetime) -> HeldBack | State | None:
        with self.database.write() as session:
            met = begin_due(session, campaign_id, now=now, catch_up_hours=self.catch_up_hours)
            reason = why(campaigns.find(session, campaign_id)) if isinstance(met, HeldBack) else ""
        if isinstance(met, HeldBack):
            _log.warning("Campaign %s was due and has not begun: %s.", campaign_id, reason)
        elif met is not None:
            _log.info("Campaign %s has begun.", campaign_id)
        return met


@contextmanager
def running_ticker(
    ticker: Ticker, every: float = EVERY, *, beside: Callable[[], object] | None = None, beside_every: float = 60.0
) -> Iterator[None]:
    """Let `ticker` look every so many seconds, in the background; a look under way at the end is waited for.

    `beside`: called every `beside_every` seconds in a thread of its own, for what takes longer than a look may.
    """
    interval = timedelta(seconds=every)
    stores = {"default": SteadyStore(interval), "beside": SteadyStore(timedelta(seconds=beside_every))}
    executors = {"default": ThreadPoolExecutor(1), "beside": ThreadPoolExecutor(1)}
    scheduler = BackgroundScheduler(jobstores=stores, executors=executors, timezone=UTC)
    scheduler.add_job(
        _look, "interval", (ticker,), seconds=every, coalesce=True, misfire_grace_time=None, max_instances=1
    )
    if beside is not None:
        scheduler.add_job(
            _unhindered,
            "interval",
            (beside,),
            seconds=beside_every,
            coalesce=True,
            misfire_grace_time=None,
            max_instances=1,
            executor="beside",
            jobstore="beside",
        )
    scheduler.start()
    try:
        yield
    finally:
        scheduler.shutdown()


def _look(ticker: Ticker) -> None:
    try:
        ticker.tick()
    except OperationalError as error:
        _log.warning("The database does not answer (%s): the next look is in a moment.", error.orig)


def _unhindered(act: Callable[[], object]) -> None:
    try:
        act()
    except OperationalError as error:
        _log.warning("The database does not answer (%s): it is tried again in a moment.", error.orig)


class SteadyStore(MemoryJobStore):  # type: ignore[misc]  # untyped
    """Keeps ticking when the clock is set back; APScheduler itself would wait until the old time comes again."""

    def __init__(self, interval: timedelta) -> None:
        super().__init__()
        self._interval = interval

    def get_due_jobs(self, now: datetime) -> list[Any]:
        """Return the jobs to run; a next time further ahead than one interval is of a clock that was set back."""
        for job in self.get_all_jobs():
            if job.next_run_time - now > self._interval:
                job.modify(next_run_time=now)
        return list(super().get_due_jobs(now))

"""Lists that send by themselves: what tests of scheduling begin with."""

from __future__ import annotations

from datetime import datetime
from itertools import count
from typing import TYPE_CHECKING

from newsletter.scheduling.slots import parse_slot
from newsletter.scheduling.ticker import Ticker
from newsletter.scheduling.timetable import occurrences, set_slots, slots_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from newsletter.scheduling.timetable import OccurrenceInfo, ScheduleInfo
    from subscribers.clock import Clock
    from subscribers.database import Database
    from subscribers.publication import Publication

_tokens = count()


def at(text: str) -> datetime:
    """Return the instant `2026-03-06T07:00`, in UTC."""
    return datetime.fromisoformat(f"{text}+00:00")


def give_slots(
    database: Database, publication: Publication, *slots: str, now: datetime, catch_up_hours: float | None = None
) -> None:
    """Let a list send then, and at no other time."""
    with database.write() as session:
        wanted = [parse_slot(slot, "UTC") for slot in slots]
        set_slots(session, publication.id, wanted, catch_up_hours=catch_up_hours, now=now)


def slots(database: Database, publication: Publication) -> Sequence[ScheduleInfo]:
    with database.read() as session:
        return slots_of(session, publication.id)


def happened(database: Database, publication: Publication, limit: int = 1000) -> Sequence[OccurrenceInfo]:
    """Return what came of the slots of a list, the latest first."""
    with database.read() as session:
        return occurrences(session, publication.id, limit)


def make_ticker(database: Database, clock: Clock, catch_up_hours: float = 6.0) -> Ticker:
    return Ticker(database=database, clock=clock, catch_up_hours=catch_up_hours, token=lambda: f"token-{next(_tokens)}")

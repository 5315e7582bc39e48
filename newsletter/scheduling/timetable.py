"""The slots of lists, as people set and read them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select, update

from newsletter.scheduling.models import Occurrence, Schedule
from newsletter.scheduling.slots import Slot, next_fire, stored_slot
from subscribers.models import List
from subscribers.repository import reader_timezones

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleInfo:
    """A slot of a list, and when it comes round."""

    id: int
    list_id: int
    list: str
    """Its slug."""
    slot: Slot
    local_time: bool
    catch_up_hours: float | None
    next_wall: dt.datetime
    next_fire_at: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OccurrenceInfo:
    """One time that a slot has fired."""

    slot: Slot
    wall_time: dt.datetime
    due_at: dt.datetime
    fired_at: dt.datetime
    outcome: str
    """`begun`, `nothing` or `missed`."""
    campaign_id: int | None
    note: str


def set_slots(
    session: Session,
    list_id: int,
    slots: Sequence[Slot],
    *,
    local_time: bool = False,
    catch_up_hours: float | None = None,
    now: dt.datetime,
) -> None:
    """Let the list have these slots, and no others; one that it has already goes on as it is, with the new policy."""
    # one person at a time; `key_share`: a slot that fires meanwhile may write its campaign, which refers to the list
    session.execute(select(List.id).where(List.id == list_id).with_for_update(key_share=True))
    there_are = {info.slot: info for info in slots_of(session, list_id)}
    gone = [info.id for slot, info in there_are.items() if slot not in slots]
    session.execute(update(Schedule).where(Schedule.id.in_(gone)).values(next_wall=None, next_fire_at=None))
    readers = reader_timezones(session, list_id) if local_time else ()
    for slot in dict.fromkeys(slots):
        known = there_are.get(slot)
        policy: dict[str, object] = {"local_time": local_time, "catch_up_hours": catch_up_hours}
        if known is None or known.local_time != local_time:
            policy |= upcoming(slot, now, readers)
        key = {"weekdays": slot.weekdays, "time": slot.clock, "timezone": slot.timezone}
        row = session.scalar(select(Schedule).filter_by(list_id=list_id, **key))
        if row is None:
            row = Schedule(list_id=list_id, created_at=now, **key)
            session.add(row)
        for column, value in policy.items():
            setattr(row, column, value)
        session.flush()


def slots_of(session: Session, list_id: int) -> Sequence[ScheduleInfo]:
    """Return the slots of a list, the next one first."""
    return _schedules(session, Schedule.list_id == list_id)


def due(session: Session, until: dt.datetime) -> Sequence[ScheduleInfo]:
    """Return the slots of all lists that come round at `until` or before, the earliest first."""
    return _schedules(session, Schedule.next_fire_at <= until)


def upcoming(slot: Slot, after: dt.datetime, readers: Collection[str | None]) -> dict[str, object]:
    """Return the columns that say when the slot comes round next."""
    fire = next_fire(slot, after, readers)
    return {"next_wall": fire.wall.isoformat(), "next_fire_at": fire.at}


def occurrences(session: Session, list_id: int, limit: int = 5) -> Sequence[OccurrenceInfo]:
    """Return what came of the last times, the latest first."""
    query = select(Occurrence, Schedule).join(Schedule).where(Schedule.list_id == list_id)
    rows = session.execute(query.order_by(Occurrence.due_at.desc(), Occurrence.schedule_id).limit(limit))
    return [
        OccurrenceInfo(
            slot=_slot(schedule),
            wall_time=dt.datetime.fromisoformat(row.wall_time),
            due_at=row.due_at,
            fired_at=row.fired_at,
            outcome=row.outcome,
            campaign_id=row.campaign_id,
            note=row.note,
        )
        for row, schedule in rows
    ]


def _schedules(session: Session, condition: ColumnElement[bool]) -> Sequence[ScheduleInfo]:
    query = select(Schedule, List.slug).join(List).where(Schedule.next_fire_at.is_not(None), condition)
    rows = session.execute(query.order_by(Schedule.next_fire_at, Schedule.id))
    return [
        ScheduleInfo(
            id=row.id,
            list_id=row.list_id,
            list=list_slug,
            slot=_slot(row),
            local_time=row.local_time,
            catch_up_hours=row.catch_up_hours,
            next_wall=dt.datetime.fromisoformat(row.next_wall),
            next_fire_at=row.next_fire_at,
        )
        for row, list_slug in rows
        if row.next_wall is not None and row.next_fire_at is not None
    ]


def _slot(row: Schedule) -> Slot:
    return stored_slot(row.weekdays, row.time, row.timezone)

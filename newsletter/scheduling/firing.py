"""A slot comes round: once, whoever and however many notice."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import insert, select, update

from newsletter.delivery.appointments import ON_TIME, Appointment, too_late
from newsletter.delivery.rhythm import rhythm
from newsletter.delivery.scheduled import create_due
from newsletter.issues.models import IssueRevision
from newsletter.scheduling.models import Occurrence, Schedule
from newsletter.scheduling.ready import hold_ready
from newsletter.scheduling.slots import fires
from newsletter.scheduling.timetable import slots_of, upcoming
from subscribers.repository import anybody, reader_timezones

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from sqlalchemy.orm import Session

    from newsletter.scheduling.ready import IssueNow
    from newsletter.scheduling.timetable import ScheduleInfo
    from subscribers.preferences import Digest


_NO_DIGEST = "no digest is ready: `newsletter issue digest {list} --month YYYY-MM` makes one"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fired:
    """What came of a slot."""

    schedule: ScheduleInfo
    """As it was when it fired."""
    outcome: str
    campaign_id: int | None
    note: str


def fire(
    session: Session, seen: ScheduleInfo, *, now: dt.datetime, catch_up_hours: float, token: Callable[[], str]
) -> Fired | None:
    """Move the slot from the time that was `seen` to its next one, and begin what is ready.

    All of it in the caller's transaction. None: somebody else has moved it, or this time of day has fired before.
    """
    readers = reader_timezones(session, seen.list_id) if seen.local_time else ()
    moved = (
        update(Schedule)
        .where(Schedule.id == seen.id, Schedule.next_fire_at == seen.next_fire_at)
        .values(**upcoming(seen.slot, seen.next_fire_at, readers))
    )
    if session.connection().execute(moved).rowcount == 0 or _has_fired(session, seen):
        return None
    hours = catch_up_hours if seen.catch_up_hours is None else seen.catch_up_hours
    fired = _carried_out(session, seen, missed=too_late(seen.next_fire_at, now, hours), now=now, token=token)
    session.execute(
        insert(Occurrence).values(
            schedule_id=seen.id,
            wall_time=seen.next_wall.isoformat(),
            due_at=seen.next_fire_at,
            fired_at=now,
            outcome=fired.outcome,
            campaign_id=fired.campaign_id,
            note=fired.note,
        )
    )
    return fired


def later_date(session: Session, schedule: ScheduleInfo) -> dt.date:
    """Return the next date on which any slot like this one comes round: issues of that date wait for it."""
    tomorrow, slots = schedule.next_wall.date() + dt.timedelta(days=1), slots_of(session, schedule.list_id)
    alike = [each.slot for each in slots if each.slot.is_monthly == schedule.slot.is_monthly]
    return min(next(fires(slot, tomorrow)).wall.date() for slot in alike)


def _has_fired(session: Session, schedule: ScheduleInfo) -> bool:
    key = (Occurrence.schedule_id == schedule.id, Occurrence.wall_time == schedule.next_wall.isoformat())
    return session.execute(select(Occurrence.schedule_id).where(*key)).first() is not None


def _carried_out(
    session: Session, schedule: ScheduleInfo, *, missed: bool, now: dt.datetime, token: Callable[[], str]
) -> Fired:
    monthly = schedule.slot.is_monthly
    found = hold_ready(session, schedule.list_id, later_date(session, schedule), digest=monthly)
    notes, campaign = [*found.notes], None
    outcome = "missed" if missed else "nothing"
    if found.issue is None:
        notes.append(_NO_DIGEST.format(list=schedule.list) if monthly else "no issue is ready")
    elif not missed and not anybody(session, schedule.list_id, _readers(session, schedule, found.issue)):
        nobody = "nobody gets the digest" if monthly else "nobody on the list may get mail"
        notes.append(f"issue {found.issue.slug} is ready, but {nobody}")
    else:
        campaign = _campaign(session, schedule, found.issue, missed=missed, now=now, token=token)
        outcome = "missed" if missed else "begun"
        late = now - schedule.next_fire_at
        if missed:
            notes.append(f"issue {found.issue.slug} was ready: a person has to say what becomes of it")
        elif late > ON_TIME:
            notes.append(f"begun {late // dt.timedelta(minutes=1)} minutes late")
    return Fired(schedule=schedule, outcome=outcome, campaign_id=campaign, note="; ".join(notes))


def _readers(session: Session, schedule: ScheduleInfo, issue: IssueNow) -> Collection[Digest]:
    return rhythm(session, schedule.list_id, issue.id).gets


def _campaign(
    session: Session,
    schedule: ScheduleInfo,
    issue: IssueNow,
    *,
    missed: bool,
    now: dt.datetime,
    token: Callable[[], str],
) -> int:
    revision = session.get_one(IssueRevision, issue.revision_id)
    appointment = Appointment(
        at=schedule.next_fire_at,
        wall=schedule.next_wall,
        timezone=schedule.slot.timezone,
        local_time=schedule.local_time,
    )
    return create_due(session, schedule.list_id, revision, issue.slug, appointment, missed=missed, token=token, now=now)

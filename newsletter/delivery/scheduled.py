"""Campaigns that wait for their time: schedule one, begin it when it is due, unless a person has to be asked.

To schedule an issue is to approve its finalized revision. Whoever begins a campaign holds the issue (`queries.lock`),
as whoever edits it does: so an edit either comes before the beginning, which then does not happen, or after it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select, update

from newsletter.delivery import campaigns
from newsletter.delivery.appointments import HeldBack, appointment, held_back, too_late
from newsletter.delivery.approval import approval, create, refuse_draft
from newsletter.delivery.lifecycle import Event, State, sources, target
from newsletter.delivery.models import Campaign
from newsletter.delivery.rhythm import nobody_text, rhythm
from newsletter.errors import Refused
from newsletter.issues.queries import is_digest, lock, newer_draft
from subscribers.repository import anybody

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from sqlalchemy import Update
    from sqlalchemy.orm import Session

    from newsletter.delivery.appointments import Appointment
    from newsletter.delivery.campaigns import CampaignInfo
    from newsletter.issues.models import IssueRevision
    from subscribers.publication import Publication


def schedule(
    session: Session,
    list_id: int,
    revision: IssueRevision,
    slug: str,
    appointment: Appointment,
    *,
    token: Callable[[], str],
    now: datetime,
) -> int:
    """Approve this finalized revision for the list and return its campaign, which begins at that time.

    One that is scheduled already is approved anew and gets the new time. Raises Refused for a time that is past, for an
    issue with a newer draft, and where the campaign has begun.
    """
    refuse_draft(revision, slug)
    lock(session, revision.issue_id)
    _refuse_newer(session, revision, slug)
    if appointment.at < now:
        raise Refused(
            f"{appointment} is past (it is {now:%Y-%m-%d %H:%M} UTC): name a time to come, or begin at once with "
            f"`newsletter campaign start {slug}`."
        )
    existing = session.scalar(
        select(Campaign).where(
            Campaign.list_id == list_id, Campaign.issue_id == revision.issue_id, Campaign.state != State.CANCELLED
        )
    )
    if existing is None:
        return create(
            session, list_id, revision, slug, token=token, now=now, state=State.SCHEDULED, **_columns(appointment)
        )
    anew = _waiting(existing.id).values(**approval(revision), **_columns(appointment), held_back=None)
    if not _matched(session, anew):
        state = campaigns.find(session, existing.id).state
        raise Refused(
            f"Issue {slug} cannot be scheduled: its campaign {existing.id} is {state} already. "
            f"`newsletter campaign status {existing.id}` shows it."
        )
    return existing.id


def create_due(
    session: Session,
    list_id: int,
    revision: IssueRevision,
    slug: str,
    appointment: Appointment,
    *,
    missed: bool,
    token: Callable[[], str],
    now: datetime,
) -> int:
    """Write the campaign of an issue whose time has come though nobody scheduled it: a slot of its list has.

    It begins, unless the time was `missed`: then a person has to say what is to become of it. For those who hold the
    issue and have seen that it has no campaign.
    """
    waits = {"state": State.SCHEDULED, "held_back": HeldBack.MISSED.value}
    return create(
        session,
        list_id,
        revision,
        slug,
        token=token,
        now=now,
        **(waits if missed else {"state": State.PLANNING}),
        **_columns(appointment),
    )


def start(
    session: Session,
    publication: Publication,
    revision: IssueRevision,
    slug: str,
    *,
    token: Callable[[], str],
    now: datetime,
) -> int:
    """Begin at once, whatever was scheduled, or find what has begun; return its campaign.

    Raises Refused for an issue with a newer draft and for one that goes to nobody; otherwise as `campaigns.begin` does.
    """
    lock(session, revision.issue_id)
    _refuse_newer(session, revision, slug)
    number = campaigns.begin(session, publication.id, revision, slug, token=token, now=now)
    if campaigns.find(session, number).state is State.PLANNING:  # one that has a plan goes on, whoever is left
        refuse_nobody(session, publication, revision.issue_id)
    return number


def waiting_of(session: Session, issue_id: int) -> Sequence[CampaignInfo]:
    """Return the campaigns of an issue that have not begun."""
    query = select(Campaign.id).where(Campaign.issue_id == issue_id, Campaign.state == State.SCHEDULED)
    return [campaigns.find(session, number) for number in session.scalars(query).all()]


def refuse_nobody(session: Session, publication: Publication, issue_id: int) -> None:
    """Keep an issue from being over and done with before anybody was there to get it. Raises Refused."""
    if not anybody(session, publication.id, rhythm(session, publication.id, issue_id).gets):
        raise Refused(nobody_text(publication, is_digest=is_digest(session, issue_id)))


def refuse_scheduled(session: Session, publication: Publication, issue_id: int, slug: str) -> None:
    """Keep what is to go out later from going out now by the command that knows nothing of it. Raises Refused."""
    for info in waiting_of(session, issue_id):
        if info.list_id == publication.id:
            raise Refused(
                f"Campaign {info.id} of issue {slug} is scheduled for {appointment(info)}: "
                f"`newsletter campaign start {slug}` lets it go now, `newsletter campaign cancel {info.id}` never."
            )


def due(session: Session, now: datetime) -> Sequence[int]:
    """Return the scheduled campaigns whose time has come and that nothing holds back."""
    query = select(Campaign.id).where(
        Campaign.state == State.SCHEDULED, Campaign.scheduled_at <= now, Campaign.held_back.is_(None)
    )
    return session.scalars(query.order_by(Campaign.scheduled_at, Campaign.id)).all()


def begin_due(session: Session, campaign_id: int, *, now: datetime, catch_up_hours: float) -> HeldBack | State | None:
    """Begin a campaign whose time has come, or hold it back; return which, None when it is not due (any more)."""
    issue_id = session.scalar(select(Campaign.issue_id).where(Campaign.id == campaign_id))
    if issue_id is None:
        return None
    lock(session, issue_id)
    info = campaigns.find(session, campaign_id)
    if not info.waits or info.held_back or info.scheduled_at is None or info.scheduled_at > now:
        return None
    held = held_back(info)
    if held is None and too_late(info.scheduled_at, now, catch_up_hours):
        held = HeldBack.MISSED
    if held is None and not anybody(session, info.list_id, rhythm(session, info.list_id, issue_id).gets):
        held = HeldBack.NOBODY
    values = {"held_back": held.value} if held else {"state": target(Event.START)}
    return (held or target(Event.START)) if _matched(session, _waiting(campaign_id).values(**values)) else None


def _refuse_newer(session: Session, revision: IssueRevision, slug: str) -> None:
    """Keep what is being edited from being approved as it was before."""
    newer = newer_draft(session, revision)
    if newer is not None:
        raise Refused(
            f"Issue {slug} was edited (revision {newer}) after revision {revision.revision} was finalized: "
            f"`newsletter issue finalize {slug}` freezes it, then it can go out."
        )


def _columns(appointment: Appointment) -> dict[str, object]:
    return {
        "scheduled_at": appointment.at,
        "wall_time": appointment.wall.isoformat(timespec="seconds"),
        "timezone": appointment.timezone,
        "local_time": appointment.local_time,
    }


def _waiting(campaign_id: int) -> Update:
    return update(Campaign).where(Campaign.id == campaign_id, Campaign.state.in_(sources(Event.START)))


def _matched(session: Session, statement: Update) -> bool:
    return session.connection().execute(statement).rowcount > 0

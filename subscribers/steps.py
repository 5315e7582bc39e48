"""A step of one subscription: what the table of `lifecycle` says is written, with its line in the consent log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from subscribers.confirmations import void
from subscribers.consent import change, record
from subscribers.lifecycle import Action, Event, Status, after
from subscribers.models import Subscription, Suppression
from subscribers.people import lock_person, person_numbered
from subscribers.preferences import exclusive

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from subscribers.origin import Origin


_WAYS_OUT = {Event.LEAVE, Event.LIFT_COMPLAINT}


def status_of(subscription: Subscription) -> Status:
    """Return where it stands."""
    return Status(subscription.status)


def locked(session: Session, list_id: int, subscriber_id: int) -> Subscription | None:
    """Return a subscription to be changed, and hold its person; None: there is none."""
    lock_person(session, subscriber_id)
    return session.get(Subscription, (list_id, subscriber_id), with_for_update=True)


def is_suppressed(session: Session, address: str) -> bool:
    """Return whether that normalised address gets no mail from any list."""
    return session.scalar(select(Suppression.id).where(Suppression.email == address)) is not None


def move(
    session: Session,
    subscription: Subscription,
    event: Event,
    action: Action,
    *,
    source: str | Origin,
    now: datetime,
    detail: str = "",
) -> bool:
    """Take a subscription through `event`. Return whether it stands elsewhere now.

    Raises Refused where the table has no way.
    """
    before = status_of(subscription)
    status = after(event, before)
    if event in _WAYS_OUT and status is Status.UNSUBSCRIBED:
        subscription.paused_until = None
        void(session, subscription.subscriber_id, now, list_id=subscription.list_id)
    if event is Event.LIFT_COMPLAINT:
        subscription.left_at = None  # a complaint is a way of leaving that no link takes back
    if status is before:
        return False
    subscription.status, subscription.updated_at = status.value, now
    subscription.left_at = now if event is Event.LEAVE and before is Status.ACTIVE else None
    subscription.left_campaign = subscription.left_reason = subscription.left_words = None
    record(session, subscription, action, source, now, detail=detail)
    return True


def choose(
    session: Session,
    subscription: Subscription,
    *,
    source: str | Origin,
    now: datetime,
    languages: str | None = None,
    topics: str | None = None,
    excluded: str | None = None,
    digest: str | None = None,
) -> bool:
    """Set what is not None, all of it as it is stored. Return whether anything is different now.

    Raises Refused for a topic that would be both chosen and excluded.
    """
    before = (subscription.languages, subscription.topics, subscription.topics_excluded, subscription.digest)
    given = (languages, topics, excluded, digest)
    wanted = [old if new is None else new for old, new in zip(before, given, strict=True)]
    exclusive(wanted[1], wanted[2])
    chosen_languages, chosen_topics, chosen_excluded, chosen_digest = zip(before, wanted, strict=True)
    detail = change(chosen_languages, chosen_topics, excluded=chosen_excluded, digest=chosen_digest)
    if not detail:
        return False
    subscription.languages, subscription.topics, subscription.topics_excluded, subscription.digest = wanted
    subscription.updated_at = now
    record(session, subscription, Action.PREFERENCES, source, now, detail=detail)
    return True


def set_zone(
    session: Session, subscription: Subscription, zone: str | None, *, source: str | Origin, now: datetime
) -> bool:
    """Give somebody another time zone, by its name in the data base, on all their lists. Return whether it is new."""
    person = person_numbered(session, subscription.subscriber_id)
    if person.timezone == zone:
        return False
    detail = f"time zone: {person.timezone or '–'} → {zone or '–'}"
    person.timezone, person.updated_at = zone, now
    record(session, subscription, Action.PREFERENCES, source, now, detail=detail)
    return True

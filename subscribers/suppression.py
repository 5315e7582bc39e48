"""The suppression list: addresses that get no mail from any list, known to us as people or not.

It alone decides whether mail goes out (`repository.standing_column`); that subscriptions stand as `suppressed` shows
it, and is what is undone when the suppression is lifted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import select

from subscribers.address import normalised
from subscribers.consent import record
from subscribers.errors import NotFound
from subscribers.lifecycle import Action, Event, Reason, Status, after
from subscribers.models import Subscriber, Subscription, Suppression

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from sqlalchemy.orm import Session

__all__ = ["Reason", "Suppressed", "find_suppression", "reinstate", "revise", "suppress", "suppressions"]


class Suppressed(NamedTuple):
    """A line of the suppression list."""

    email: str
    reason: Reason
    detail: str
    since: datetime


def suppress(session: Session, email: str, reason: Reason, *, source: str, now: datetime, detail: str = "") -> bool:
    """Put an address on the suppression list. Return whether it was not on it.

    The first reason stands, with one exception: a complaint is stronger than any other, since lifting it does not
    bring anybody back (`lifecycle`). Raises InvalidAddress.
    """
    address = normalised(email)
    entry = _entry(session, address)
    if entry is None:
        session.add(Suppression(email=address, reason=reason.value, detail=detail, since=now))
    elif reason is Reason.COMPLAINT:
        entry.reason, entry.detail = reason.value, detail
    _everywhere(session, address, Event.SUPPRESS, Action.SUPPRESSED, source=f"{reason}, {source}", now=now)
    return entry is None


def revise(session: Session, email: str, reason: Reason, detail: str) -> None:
    """Put right why an address is suppressed. Raises InvalidAddress, NotFound."""
    entry = _there(session, normalised(email))
    entry.reason, entry.detail = reason.value, detail


def reinstate(session: Session, email: str, *, source: str, now: datetime, taken_back: bool = False) -> None:
    """Take an address off the suppression list; what was active is active again, unless its owner had complained.

    `taken_back`: the owner has taken the complaint back, so it was no way of leaving. Raises InvalidAddress, NotFound.
    """
    address = normalised(email)
    entry = _there(session, address)
    complained = entry.reason == Reason.COMPLAINT and not taken_back
    event = Event.LIFT_COMPLAINT if complained else Event.LIFT
    session.delete(entry)
    session.flush()
    _everywhere(session, address, event, Action.REINSTATED, source=source, now=now)


def find_suppression(session: Session, email: str) -> Suppressed | None:
    """Return the entry of an address; None: it gets mail. Raises InvalidAddress."""
    entry = _entry(session, normalised(email))
    return None if entry is None else Suppressed(entry.email, Reason(entry.reason), entry.detail, entry.since)


def suppressions(session: Session, *, batch: int = 1_000) -> Iterator[Suppressed]:
    """Yield the suppression list, oldest first."""
    query = select(Suppression.email, Suppression.reason, Suppression.detail, Suppression.since)
    rows = session.execute(query.order_by(Suppression.since, Suppression.id), execution_options={"yield_per": batch})
    for email, reason, detail, since in rows:
        yield Suppressed(email, Reason(reason), detail, since)


def _there(session: Session, address: str) -> Suppression:
    entry = _entry(session, address)
    if entry is None:
        raise NotFound("That address is not on the suppression list.")
    return entry


def _entry(session: Session, address: str) -> Suppression | None:
    return session.scalar(select(Suppression).where(Suppression.email == address).with_for_update())


def _everywhere(session: Session, address: str, event: Event, action: Action, *, source: str, now: datetime) -> None:
    """Take every subscription of that address through `event`."""
    query = (
        select(Subscription)
        .join(Subscriber, Subscriber.id == Subscription.subscriber_id)
        .where(Subscriber.email == address)
        .with_for_update(of=Subscription)
    )
    for subscription in session.scalars(query):
        status = after(event, Status(subscription.status))
        if status != subscription.status:
            subscription.status, subscription.updated_at = status.value, now
            record(session, subscription, action, source, now)

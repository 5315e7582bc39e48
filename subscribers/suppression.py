"""The suppression list: addresses that get no mail from any list, known to us as people or not.

It alone decides whether mail goes out (`repository.standing_column`); that subscriptions stand as `suppressed` shows
it, and is what is undone when the suppression is lifted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import select

from subscribers.address import normalised
from subscribers.errors import NotFound
from subscribers.lifecycle import Action, Event, Reason
from subscribers.models import Subscriber, Subscription, Suppression
from subscribers.people import hold_off_imports
from subscribers.steps import move

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

__all__ = [
    "Reason",
    "Suppressed",
    "find_suppression",
    "find_suppressions",
    "reasons",
    "reinstate",
    "revise",
    "suppress",
    "suppress_all",
    "suppressions",
]


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
    return bool(suppress_all(session, [Suppressed(normalised(email), reason, detail, now)], source=source))


def suppress_all(session: Session, wanted: Sequence[Suppressed], *, source: str) -> Collection[str]:
    """Put addresses (normalised; some hundred, each once) on the suppression list; return those not on it before.

    The rule of `suppress` holds for each.
    """
    if not wanted:
        return []
    addresses = sorted(each.email for each in wanted)
    query = select(Suppression).where(Suppression.email.in_(addresses)).order_by(Suppression.email)
    there = {entry.email: entry for entry in session.scalars(query.with_for_update())}
    for each in wanted:
        entry = there.get(each.email)
        if entry is None:
            session.add(Suppression(email=each.email, reason=each.reason.value, detail=each.detail, since=each.since))
        elif each.reason is Reason.COMPLAINT:
            entry.reason, entry.detail = each.reason.value, each.detail
    said = {each.email: _Said(f"{each.reason}, {source}", each.since) for each in wanted}
    _everywhere(session, said, Event.SUPPRESS, Action.SUPPRESSED)
    return set(addresses) - there.keys()


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
    _everywhere(session, {address: _Said(source, now)}, event, Action.REINSTATED)


def find_suppression(session: Session, email: str) -> Suppressed | None:
    """Return the entry of an address; None: it gets mail. Raises InvalidAddress."""
    entry = _entry(session, normalised(email))
    return None if entry is None else Suppressed(entry.email, Reason(entry.reason), entry.detail, entry.since)


def reasons(session: Session, emails: Collection[str]) -> Mapping[str, str | None]:
    """Return why each of these addresses (some hundred, as they are known) is suppressed; None: it is not."""
    query = select(Suppression.email, Suppression.reason).where(Suppression.email.in_(emails))
    return {**dict.fromkeys(emails), **{row.email: row.reason for row in session.execute(query)}}


def find_suppressions(session: Session, addresses: Iterable[str]) -> Mapping[str, Suppressed]:
    """Return the entries of these normalised addresses (some hundred), by address; none can change meanwhile."""
    query = select(Suppression.email, Suppression.reason, Suppression.detail, Suppression.since)
    wanted = query.where(Suppression.email.in_(sorted(addresses))).order_by(Suppression.email).with_for_update()
    rows = session.execute(wanted)
    return {email: Suppressed(email, Reason(reason), detail, since) for email, reason, detail, since in rows}


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


class _Said(NamedTuple):
    source: str
    now: datetime


def _everywhere(session: Session, said: Mapping[str, _Said], event: Event, action: Action) -> None:
    """Take every subscription of these addresses through `event`.

    Locked in the order of keys, so that two who do it at once do not wait for each other crosswise.
    """
    hold_off_imports(session)
    theirs = select(Subscriber.id, Subscriber.email).where(Subscriber.email.in_(sorted(said))).order_by(Subscriber.id)
    people = {row.id: row.email for row in session.execute(theirs.with_for_update(key_share=True))}
    query = select(Subscription).where(Subscription.subscriber_id.in_(people))
    in_order = query.order_by(Subscription.subscriber_id, Subscription.list_id)
    for subscription in session.scalars(in_order.with_for_update()).all():
        source, now = said[people[subscription.subscriber_id]]
        if event is Event.LIFT_COMPLAINT:
            move(session, subscription, event, Action.UNSUBSCRIBED, source=source, now=now, detail="had complained")
        else:
            move(session, subscription, event, action, source=source, now=now)

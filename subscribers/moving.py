"""Another address for a person: asked through one of their links, confirmed at the new one, told to the old one.

The person stays the same, with their number: links in old mails go on working, and what they chose stays on all lists.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from subscribers.address import mailable, normalised
from subscribers.confirmations import A_DAY, Kind, ask, asked_enough, asked_lately, void
from subscribers.consent import record
from subscribers.errors import AlreadyExists, NotFound, Refused, TooMany
from subscribers.lifecycle import Action, Event, Reason, Status
from subscribers.lists import ListStore
from subscribers.models import Subscriber, Subscription, Suppression
from subscribers.people import keep_former, person_numbered
from subscribers.ports import NoticeKind
from subscribers.steps import is_suppressed, locked, move

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from subscribers.origin import Origin
    from subscribers.ports import Post


_TAKEN = "That address is subscribed already, with choices of its own: leave the list with the other one instead."


def request_change(
    session: Session, list_id: int, subscriber_id: int, new_email: str, *, origin: Origin, post: Post, now: datetime
) -> None:
    """Ask at a new address whether it is theirs; until it is confirmed there, nothing changes.

    Does the same, as far as the asker can see, whoever's address it is; one that is suppressed, or was written to
    enough, gets no mail. Raises InvalidAddress; NotFound for somebody who is not on that list; TooMany for who asks
    for the fourth time in 24 hours.
    """
    address = mailable(normalised(new_email))
    person = person_numbered(session, subscriber_id)
    if locked(session, list_id, subscriber_id) is None:
        raise NotFound("Nobody with that number is on the list any more.")
    if address == person.email:
        return
    if asked_lately(session, person, Kind.ADDRESS, now) >= A_DAY:
        raise TooMany("A change of address was asked for several times today: look into that mailbox, or try tomorrow.")
    reachable = not is_suppressed(session, address) and not asked_enough(session, address, None, now)
    publication = ListStore(session).by_id(list_id)
    number = ask(
        session,
        Kind.ADDRESS,
        list_id=list_id,
        subscriber_id=subscriber_id,
        email=address,
        days=publication.policies.confirm_days,
        now=now,
    )
    if reachable:
        post.put(
            session,
            NoticeKind.NEW_ADDRESS,
            list_id=list_id,
            subscriber_id=subscriber_id,
            confirmation_id=number,
            email=address,
            language=origin.language,
            now=now,
        )


def move_to(
    session: Session,
    person: Subscriber,
    subscription: Subscription,
    address: str,
    *,
    origin: Origin,
    post: Post,
    now: datetime,
) -> bool:
    """Give a person that normalised address, which they have confirmed; `subscription` is the one they asked through.

    Both are locked. Return whether it is new. All their open links end: they are in a mailbox that may be somebody
    else's by now. Raises AlreadyExists where it is another subscriber's, Refused where it is suppressed,
    or the old one is by an admin.
    """
    old = person.email
    if address == old:
        return False
    if is_suppressed(session, address):
        raise Refused("That address gets no mail from us (it bounced, or its owner asked for none): choose another.")
    reason = session.scalar(select(Suppression.reason).where(Suppression.email == old))
    if reason == Reason.MANUAL:
        raise Refused("The sender has stopped mail to you, to any address: answer one of their mails.")
    _make_way(session, address)
    keep_former(session, person, now)
    try:
        with session.begin_nested():
            person.email, person.updated_at = address, now
    except IntegrityError:  # somebody else moved there, or was asked there, since we looked
        raise AlreadyExists(_TAKEN) from None
    void(session, person.id, now)
    record(session, subscription, Action.ADDRESS, origin, now)
    if reason is None:
        post.put(
            session,
            NoticeKind.ADDRESS_CHANGED,
            list_id=subscription.list_id,
            subscriber_id=person.id,
            email=old,
            language=subscription.languages.partition(" ")[0],
            now=now,
        )
    else:
        _leave_behind(session, person, Reason(reason), origin, now)
    return True


def _make_way(session: Session, address: str) -> None:
    """Take away a request that nobody confirmed at that address. Raises AlreadyExists for a subscriber's."""
    other = session.scalar(select(Subscriber).where(Subscriber.email == address).with_for_update())
    if other is None:
        return
    settled = select(func.count()).where(Subscription.subscriber_id == other.id, Subscription.status != Status.PENDING)
    if session.scalar(settled):
        raise AlreadyExists(_TAKEN)
    session.delete(other)
    session.flush()


def _leave_behind(session: Session, person: Subscriber, reason: Reason, origin: Origin, now: datetime) -> None:
    """End for a person what their old address was suppressed for: a mailbox that is full or gone is not them.

    A complaint was theirs, and a way of leaving.
    """
    everywhere = select(Subscription).where(
        Subscription.subscriber_id == person.id, Subscription.status == Status.SUPPRESSED
    )
    for each in session.scalars(everywhere.with_for_update()).all():
        if reason is Reason.COMPLAINT:
            move(session, each, Event.LIFT_COMPLAINT, Action.UNSUBSCRIBED, source=origin, now=now)
        else:
            move(session, each, Event.LIFT, Action.REINSTATED, source=origin, now=now, detail="has another address")

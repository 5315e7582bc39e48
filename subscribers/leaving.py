"""Leaving by the link of a mail, why, and taking it back.

The link names a person and a list by number and works for years: where either is gone, there is nothing left to do,
and nothing to tell about it (RFC 8058 has mail programs press it unseen).
"""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from subscribers.errors import Expired, NotFound, Refused
from subscribers.lifecycle import Action, Event, Status
from subscribers.names import tidied
from subscribers.people import person_numbered
from subscribers.steps import is_suppressed, locked, move, status_of

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from subscribers.origin import Origin

LONGEST = 300
"""Characters that are kept of what somebody says in their own words."""
UNDO_WITHIN = timedelta(days=30)


class Why(StrEnum):
    """The reasons one can choose from, as stored."""

    TOO_OFTEN = "too-often"
    NOT_FOR_ME = "not-for-me"
    """What it is about."""
    NO_TIME = "no-time"
    NEVER_ASKED = "never-asked"
    """Did not subscribe, as far as they know."""
    ELSEWHERE = "elsewhere"
    """Reads it by another way, or at another address."""
    OTHER = "other"


def leave(
    session: Session, list_id: int, subscriber_id: int, *, campaign_id: int | None, origin: Origin, now: datetime
) -> bool:
    """Take somebody off a list; always possible. Return whether they were on it, or waiting to be.

    `campaign_id`: by whose mail they left; None or 0: by none.
    """
    subscription = locked(session, list_id, subscriber_id)
    if subscription is None:
        return False
    left = move(session, subscription, Event.LEAVE, Action.UNSUBSCRIBED, source=origin, now=now)
    if left:
        subscription.left_campaign = campaign_id or None
    return left


def undo(session: Session, list_id: int, subscriber_id: int, *, origin: Origin, now: datetime) -> bool:
    """Take leaving back. Return whether that changed anything.

    Raises NotFound for a person or subscription that is gone, Refused where they were never on the list or their
    address is suppressed, Expired when `UNDO_WITHIN` has passed.
    """
    person = person_numbered(session, subscriber_id)
    subscription = locked(session, list_id, subscriber_id)
    if subscription is None:
        raise NotFound("There is no such subscription any more: subscribe again on the list's page.")
    if status_of(subscription) is Status.ACTIVE:
        return False
    if is_suppressed(session, person.email) or subscription.left_at is None:
        raise Refused("This cannot be taken back by a link: subscribe again on the list's page.")
    if now > subscription.left_at + UNDO_WITHIN:
        raise Expired(f"It is more than {UNDO_WITHIN.days} days ago: subscribe again on the list's page.")
    return move(
        session, subscription, Event.UNDO, Action.SUBSCRIBED, source=origin, now=now, detail="took leaving back"
    )


def give_reason(
    session: Session, list_id: int, subscriber_id: int, reason: str, words: str = "", *, now: datetime
) -> bool:
    """Note why somebody left, one of `Why`, and what they say of it. Return whether they had left and that is new.

    Of their words `LONGEST` characters are kept, on one line. Raises Refused for a reason that is none of them.
    """
    if reason not in set(Why):
        raise Refused(f"“{reason}” is none of the reasons: {', '.join(Why)}.")
    subscription = locked(session, list_id, subscriber_id)
    if subscription is None or status_of(subscription) is not Status.UNSUBSCRIBED:
        return False
    said = tidied(words)[:LONGEST] or None
    if (subscription.left_reason, subscription.left_words) == (reason, said):
        return False
    subscription.left_reason, subscription.left_words, subscription.updated_at = reason, said, now
    return True

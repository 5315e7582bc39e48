"""Mails that ask for a button to be pressed: each is a row, its link works once, for some days, or until overtaken.

Rows are kept for a while after: that they were sent is what limits the next ones.
"""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import func, or_, select, update

from subscribers.models import Confirmation

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from subscribers.models import Subscriber

A_DAY = 3
"""Mails of this kind that an address gets in 24 hours, whoever asks for them and for whichever list."""
APART = timedelta(minutes=5)
"""How long after one the next may follow: mail takes its time, and people press twice."""


class Kind(StrEnum):
    """What the button says yes to, as stored."""

    SUBSCRIBE = "subscribe"
    ADDRESS = "address"
    """That mail is to go to the address that the link went to."""
    REPERMISSION = "re-permission"
    """That they still want the list."""


class State(StrEnum):
    """What a link can still do."""

    OPEN = "open"
    USED = "used"
    EXPIRED = "expired"


def ask(
    session: Session,
    kind: Kind,
    *,
    list_id: int,
    subscriber_id: int,
    days: int,
    now: datetime,
    email: str | None = None,
) -> int:
    """Note that a mail is about to ask, and return the number that its link holds, good for `days` times 24 hours.

    `email`: the normalised address that is to become theirs, for `Kind.ADDRESS` alone.
    """
    expires = now + timedelta(days=days)
    row = Confirmation(
        kind=kind.value, list_id=list_id, subscriber_id=subscriber_id, email=email, created_at=now, expires_at=expires
    )
    session.add(row)
    session.flush()
    return row.id


def state_of(confirmation: Confirmation, now: datetime) -> State:
    """Return what the link of that row can still do."""
    if confirmation.used_at is not None:
        return State.USED
    return State.OPEN if now < confirmation.expires_at else State.EXPIRED


def asked_enough(session: Session, email: str, person: Subscriber | None, now: datetime) -> bool:
    """Return whether that normalised address (of `person`, if anybody's) got as many of these mails as it may."""
    to_it = Confirmation.email == email
    if person is not None:
        to_it = or_(to_it, (Confirmation.subscriber_id == person.id) & Confirmation.email.is_(None))
    since = now - timedelta(days=1)
    sent = session.scalars(
        select(Confirmation.created_at).where(to_it, Confirmation.created_at > since).order_by(Confirmation.created_at)
    ).all()
    return len(sent) >= A_DAY or (bool(sent) and sent[-1] > now - APART)


def asked_lately(session: Session, person: Subscriber, kind: Kind, now: datetime) -> int:
    """Return how many mails of that kind a person has asked for in 24 hours."""
    query = select(func.count()).where(
        Confirmation.subscriber_id == person.id,
        Confirmation.kind == kind,
        Confirmation.created_at > now - timedelta(days=1),
    )
    return session.scalars(query).one()


def void(session: Session, subscriber_id: int, now: datetime, *, list_id: int | None = None) -> None:
    """End the open links of a person: those that lead to that list, or all of them."""
    query = update(Confirmation).where(
        Confirmation.subscriber_id == subscriber_id, Confirmation.used_at.is_(None), Confirmation.expires_at > now
    )
    if list_id is not None:  # a change of address is of no list, whichever it was asked through
        query = query.where(Confirmation.list_id == list_id, Confirmation.kind != Kind.ADDRESS)
    session.execute(query.values(expires_at=now), execution_options={"synchronize_session": "fetch"})

"""People: found by their address or made, and locked, so that two requests at once find one person.

Whoever changes something of a person locks in this order, so that nobody waits for each other: the tables against
imports (`hold_off_imports`), the person, their subscriptions, what they were asked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from subscribers.errors import NotFound
from subscribers.models import Formerly, Subscriber
from subscribers.names import name_of

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session


def person_at(session: Session, address: str, now: datetime) -> tuple[Subscriber, bool]:
    """Return the person with that normalised address, made if need be, and whether they were."""
    hold_off_imports(session)
    found = _locked(session, address)
    if found is not None:
        return found, False
    try:
        with session.begin_nested():
            person = Subscriber(email=address, name="", created_at=now, updated_at=now)
            session.add(person)
    except IntegrityError:  # made by somebody else since we looked, and committed: the insert waited for that
        found = _locked(session, address)
        if found is None:
            raise
        return found, False
    return person, True


def person_numbered(session: Session, subscriber_id: int) -> Subscriber:
    """Return the person with that number, to be changed. Raises NotFound for one who was erased."""
    person = lock_person(session, subscriber_id)
    if person is None:
        raise NotFound("There is no such person any more: what was known about them has been deleted.")
    return person


def lock_person(session: Session, subscriber_id: int) -> Subscriber | None:
    """Return the person with that number, to be changed; None: there is none (any more)."""
    hold_off_imports(session)
    return session.get(Subscriber, subscriber_id, with_for_update=_FOR_CHANGE)


def hold_off_imports(session: Session) -> None:
    """Wait for a batch of an import to end, and let the next one wait for us: it locks both tables (`bulk`)."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("LOCK TABLE subscribers, subscriptions IN ROW EXCLUSIVE MODE"))


def rename(session: Session, person: Subscriber, name: str, now: datetime) -> bool:
    """Give somebody another name, if `name` says one; their mails of until now can be made again all the same.

    Return whether it is new. Raises Refused for what is no name.
    """
    tidy = name_of(name)
    if tidy in ("", person.name):
        return False
    keep_former(session, person, now)
    person.name, person.updated_at = tidy, now
    return True


def keep_former(session: Session, person: Subscriber, now: datetime) -> None:
    """Keep how somebody was addressed until now."""
    if person.created_at < now:
        session.add(Formerly(subscriber_id=person.id, email=person.email, name=person.name, until=now))


def _locked(session: Session, address: str) -> Subscriber | None:
    return session.scalar(select(Subscriber).where(Subscriber.email == address).with_for_update(key_share=True))


_FOR_CHANGE = {"key_share": True}
"""Rows that refer to the person can be written meanwhile (`FOR NO KEY UPDATE`)."""

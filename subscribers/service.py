"""The verbs: what an admin or a person does to one subscription. Each leaves a line in the consent log.

They write through the session they are given and are committed with it; the time is an argument. A second time the
same changes nothing. No refusal repeats an address: whoever gave it knows it, and a log must not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from subscribers.address import normalised
from subscribers.consent import change, record
from subscribers.errors import NotFound, Refused
from subscribers.lifecycle import TRANSITIONS, Action, Event, Fate, Status, after
from subscribers.models import Subscriber, Subscription, Suppression
from subscribers.repository import find

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from subscribers.preferences import Vocabulary
    from subscribers.publication import Publication


def add(
    session: Session,
    publication: Publication,
    email: str,
    *,
    vocabulary: Vocabulary,
    source: str,
    now: datetime,
    name: str = "",
    languages: Iterable[str] = (),
    topics: Iterable[str] = (),
    returning: bool = False,
) -> Fate:
    """Put a person on a list, active at once: an admin answers for it and says in `source` where the consent is from.

    For somebody who is on it already, a name, languages or topics that are given replace theirs. `returning`: they
    had left and asked to come back. Raises InvalidAddress, and Refused for somebody who left, for an address that is
    suppressed, and for topics and languages that the list does not have.
    """
    address = normalised(email)
    chosen_languages, chosen_topics = vocabulary.choose_languages(languages), vocabulary.choose_topics(topics)
    if session.scalar(select(Suppression.id).where(Suppression.email == address)) is not None:
        raise Refused("That address is suppressed: `newsletter suppression list` says why; remove it there first.")
    person, renamed = _person(session, address, name, now)
    subscription = session.get(Subscription, (publication.id, person.id), with_for_update=True)
    status = _status_when_added(subscription, returning=returning)
    if subscription is None:
        subscription = Subscription(list_id=publication.id, subscriber_id=person.id, created_at=now, updated_at=now)
        subscription.status, subscription.languages, subscription.topics = status.value, chosen_languages, chosen_topics
        session.add(subscription)
        session.flush()
        record(session, subscription, Action.SUBSCRIBED, source, now)
        return Fate.ADDED
    moved = _move(session, subscription, status, Action.SUBSCRIBED, source=source, now=now)
    chosen = _choose(session, subscription, chosen_languages or None, chosen_topics or None, source=source, now=now)
    return Fate.UPDATED if moved or chosen or renamed else Fate.UNCHANGED


def subscription_of(session: Session, publication: Publication, email: str) -> Subscription:
    """Return the subscription of that address to that list, to be changed. Raises InvalidAddress, NotFound."""
    query = (
        select(Subscription)
        .join(Subscriber, Subscriber.id == Subscription.subscriber_id)
        .where(Subscription.list_id == publication.id, Subscriber.email == normalised(email))
    )
    found = session.scalar(query.with_for_update(of=Subscription))
    if found is None:
        raise NotFound(f"Nobody with that address is on the list “{publication.slug}”.")
    return found


def unsubscribe(session: Session, subscription: Subscription, *, source: str, now: datetime) -> bool:
    """Take somebody off one list; always possible. Return whether they were on it."""
    subscription.paused_until = None
    status = after(Event.LEAVE, _status(subscription))
    return _move(session, subscription, status, Action.UNSUBSCRIBED, source=source, now=now)


def choose(
    session: Session,
    subscription: Subscription,
    *,
    vocabulary: Vocabulary,
    source: str,
    now: datetime,
    languages: Iterable[str] | None = None,
    topics: Iterable[str] | None = None,
) -> bool:
    """Change languages, topics or both; None leaves them, nothing in it means the list's default and all topics.

    Return whether anything is different now. Raises Refused for what the list does not have.
    """
    chosen_languages = None if languages is None else vocabulary.choose_languages(languages)
    chosen_topics = None if topics is None else vocabulary.choose_topics(topics)
    return _choose(session, subscription, chosen_languages, chosen_topics, source=source, now=now)


def pause(session: Session, subscription: Subscription, *, until: datetime, source: str, now: datetime) -> bool:
    """Send nothing before `until`. Return whether that is new. Raises Refused unless the subscription is active."""
    if until <= now:
        raise Refused("A pause has to end in the future.")
    if _status(subscription) is not Status.ACTIVE:
        raise Refused(f"Only an active subscription can be paused; this one is {subscription.status}.")
    if subscription.paused_until == until:
        return False
    subscription.paused_until, subscription.updated_at = until, now
    record(session, subscription, Action.PAUSED, source, now, detail=f"until {until.isoformat()}")
    return True


def resume(session: Session, subscription: Subscription, *, source: str, now: datetime) -> bool:
    """End a pause. Return whether there was one."""
    if subscription.paused_until is None:
        return False
    subscription.paused_until, subscription.updated_at = None, now
    record(session, subscription, Action.RESUMED, source, now)
    return True


def _person(session: Session, address: str, name: str, now: datetime) -> tuple[Subscriber, bool]:
    """Return the person with that address, made if need be, and whether an existing one has another name now."""
    tidy = " ".join(name.split())
    person = find(session, address)
    if person is None:
        person = Subscriber(email=address, name=tidy, created_at=now, updated_at=now)
        session.add(person)
        session.flush()
        return person, False
    if tidy in ("", person.name):
        return person, False
    person.name, person.updated_at = tidy, now
    return person, True


def _status_when_added(subscription: Subscription | None, *, returning: bool) -> Status:
    before = _status(subscription) if subscription else None
    event = Event.ADD_BACK if returning else Event.ADD
    if before is Status.UNSUBSCRIBED and before not in TRANSITIONS[event]:
        raise Refused("That person has left the list. If they asked to come back, say so and add them again.")
    return after(event, before)


def _move(
    session: Session, subscription: Subscription, status: Status, action: Action, *, source: str, now: datetime
) -> bool:
    if subscription.status == status:
        return False
    subscription.status, subscription.updated_at = status.value, now
    record(session, subscription, action, source, now)
    return True


def _choose(
    session: Session,
    subscription: Subscription,
    languages: str | None,
    topics: str | None,
    *,
    source: str,
    now: datetime,
) -> bool:
    """Set what is not None."""
    after_languages = subscription.languages if languages is None else languages
    after_topics = subscription.topics if topics is None else topics
    detail = change((subscription.languages, after_languages), (subscription.topics, after_topics))
    if not detail:
        return False
    subscription.languages, subscription.topics, subscription.updated_at = after_languages, after_topics, now
    record(session, subscription, Action.PREFERENCES, source, now, detail=detail)
    return True


def _status(subscription: Subscription) -> Status:
    return Status(subscription.status)

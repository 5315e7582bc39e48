"""Joining a list from a page: a request, a mail that asks, and the button in it (double opt-in).

Whoever types an address into a page learns nothing of it: `request` does the same, as far as they can see, for one that
is known, unknown, on the list, suppressed or erased. It changes nothing for who is on the list.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from subscribers.address import mailable, normalised
from subscribers.asking import ask_by_mail
from subscribers.confirmations import Kind, State, asked_enough, state_of
from subscribers.consent import record
from subscribers.errors import AlreadyUsed, Expired, NotFound
from subscribers.lifecycle import Action, Event, Status, after
from subscribers.lists import ListStore
from subscribers.models import Confirmation, Subscription
from subscribers.moving import move_to
from subscribers.names import name_of
from subscribers.people import person_at, person_numbered, rename
from subscribers.ports import NoticeKind
from subscribers.steps import choose, is_suppressed, locked, move, status_of
from subscribers.timezones import zone_name

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from subscribers.models import Subscriber
    from subscribers.origin import Origin
    from subscribers.ports import Post
    from subscribers.preferences import Vocabulary
    from subscribers.privacy.erased import Erasures
    from subscribers.publication import Publication

_GONE = "This link leads to nothing any more: what was asked for has been deleted. Ask again on the list's page."


@dataclass(frozen=True, slots=True)
class Confirmed:
    """What a button confirmed."""

    kind: Kind
    list_id: int
    subscriber_id: int
    again: bool
    """It was so before: nothing changed, and nobody is written to."""


@dataclass(frozen=True, slots=True)
class Look:
    """What a page shows before the button."""

    kind: Kind
    list_id: int
    subscriber_id: int
    state: State


def request(
    session: Session,
    publication: Publication,
    email: str,
    *,
    vocabulary: Vocabulary,
    origin: Origin,
    post: Post,
    now: datetime,
    name: str = "",
    languages: Iterable[str] = (),
    topics: Iterable[str] = (),
    timezone: str | None = None,
    erased: Erasures | None = None,
) -> None:
    """Ask at an address whether its owner wants the list, within limits (`confirmations.A_DAY`, `.APART`).

    Without double opt-in a new address is on the list at once; who left before is asked all the same. A name and a
    time zone are taken for people who are new here: nobody renames somebody else. Raises InvalidAddress, and Refused
    for a name, language, topic or zone that is none: by what was typed alone, whoever's address it is. `erased`: who
    had everything about them erased; they may join like anybody, but for those who got no mail before.
    """
    address = mailable(normalised(email))
    wanted = _Wanted(vocabulary.choose_languages(languages), vocabulary.choose_topics(topics))
    zone = zone_name(timezone) if timezone else None
    name_of(name)
    gone = {} if erased is None else erased.find(session, [address])
    if gone.get(address) or is_suppressed(session, address):
        return
    person, made = person_at(session, address, now)
    if made:
        rename(session, person, name, now)
        person.timezone = zone
    subscription = locked(session, publication.id, person.id)
    match subscription and status_of(subscription):
        case None if not publication.policies.double_opt_in:
            _join_at_once(session, publication, person, wanted, origin=origin, post=post, now=now)
        case Status.SUPPRESSED:
            pass
        case Status.ACTIVE:
            post.put(
                session,
                NoticeKind.ALREADY,
                list_id=publication.id,
                subscriber_id=person.id,
                language=origin.language,
                now=now,
            )
        case _ if not asked_enough(session, address, person, now):
            asked = _asked(session, publication, person, subscription, wanted, origin=origin, now=now)
            ask_by_mail(
                session,
                Kind.SUBSCRIBE,
                asked,
                days=publication.policies.confirm_days,
                language=origin.language,
                post=post,
                now=now,
            )


def look(session: Session, confirmation_id: int, now: datetime) -> Look:
    """Return what that link would confirm, and whether it still can; nothing is written. Raises NotFound."""
    found = session.get(Confirmation, confirmation_id)
    if found is None:
        raise NotFound(_GONE)
    return Look(Kind(found.kind), found.list_id, found.subscriber_id, state_of(found, now))


def confirm(
    session: Session, confirmation_id: int, *, origin: Origin, post: Post, now: datetime, erased: Erasures | None = None
) -> Confirmed:
    """Do what the button says. A second press is no error while what it confirmed still stands.

    Raises NotFound for what was deleted meanwhile, Expired for a link that is too old or was overtaken by leaving or
    moving, AlreadyUsed for one that worked and whose effect its owner has ended since, and AlreadyExists for a new
    address that is somebody's by now. Who was `erased` before is a person like any from here on.
    """
    if erased is not None:
        erased.find(session, ())  # looked at before anything is locked: see there
    asked = look(session, confirmation_id, now)
    person = person_numbered(session, asked.subscriber_id)
    # locked in this order by all who change both: the person, the subscription, what was asked
    subscription = locked(session, asked.list_id, asked.subscriber_id)
    found = session.get(Confirmation, confirmation_id, with_for_update=True)
    if found is None or subscription is None:
        raise NotFound(_GONE)
    again = _stands(found, person, subscription)
    match state_of(found, now):
        case State.USED if not again:
            raise AlreadyUsed(
                "This link has been used, and what it confirmed was ended since. Ask again for a new one."
            )
        case State.EXPIRED:
            raise Expired(
                "This link is no longer good: it is too old, or was overtaken since. Ask again for a new one."
            )
        case State.OPEN:
            found.used_at = now
            again = _carried_out(session, found, person, subscription, origin=origin, post=post, now=now)
            if erased is not None:
                erased.lift(session, [person.email])
        case _:
            pass
    return Confirmed(asked.kind, asked.list_id, asked.subscriber_id, again)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Choices as they are stored."""

    languages: str
    topics: str


def _asked(
    session: Session,
    publication: Publication,
    person: Subscriber,
    subscription: Subscription | None,
    wanted: _Wanted,
    *,
    origin: Origin,
    now: datetime,
) -> Subscription:
    """Return the subscription that waits for the button, with what was asked for this time."""
    if subscription is None:
        subscription = _subscription(publication, person, wanted, after(Event.REQUEST, None), now)
        session.add(subscription)
        session.flush()
    else:
        choose(
            session,
            subscription,
            languages=wanted.languages or None,
            topics=wanted.topics or None,
            excluded="" if wanted.topics else None,
            source=origin,
            now=now,
        )
    record(session, subscription, Action.REQUESTED, origin, now)
    return subscription


def _join_at_once(
    session: Session,
    publication: Publication,
    person: Subscriber,
    wanted: _Wanted,
    *,
    origin: Origin,
    post: Post,
    now: datetime,
) -> None:
    status = after(Event.CONFIRM, after(Event.REQUEST, None))
    subscription = _subscription(publication, person, wanted, status, now)
    session.add(subscription)
    session.flush()
    record(session, subscription, Action.SUBSCRIBED, origin, now)
    _welcome(session, publication, subscription, post, now)


def _subscription(
    publication: Publication, person: Subscriber, wanted: _Wanted, status: Status, now: datetime
) -> Subscription:
    return Subscription(
        list_id=publication.id,
        subscriber_id=person.id,
        status=status.value,
        languages=wanted.languages,
        topics=wanted.topics,
        created_at=now,
        updated_at=now,
    )


def _stands(found: Confirmation, person: Subscriber, subscription: Subscription) -> bool:
    """Return whether what the link confirms is so."""
    if found.kind == Kind.ADDRESS:
        return person.email == found.email
    return status_of(subscription) in (Status.ACTIVE, Status.SUPPRESSED)


def _carried_out(
    session: Session,
    found: Confirmation,
    person: Subscriber,
    subscription: Subscription,
    *,
    origin: Origin,
    post: Post,
    now: datetime,
) -> bool:
    """Carry out what was confirmed. Return whether it was so before."""
    if found.kind == Kind.ADDRESS:
        return not move_to(session, person, subscription, str(found.email), origin=origin, post=post, now=now)
    suppressed = is_suppressed(session, person.email)
    if move(session, subscription, Event.CONFIRM, Action.CONFIRMED, source=origin, now=now):
        if suppressed:  # since the mail went out: what is confirmed waits for the suppression to be lifted
            move(session, subscription, Event.SUPPRESS, Action.SUPPRESSED, source=origin.source, now=now)
        else:
            _welcome(session, ListStore(session).by_id(found.list_id), subscription, post, now)
        return False
    if found.kind == Kind.REPERMISSION:
        record(session, subscription, Action.CONFIRMED, origin, now, detail="still wants the list")
        return False
    return True


def _welcome(session: Session, publication: Publication, subscription: Subscription, post: Post, now: datetime) -> None:
    if publication.policies.welcome:
        post.put(
            session,
            NoticeKind.WELCOME,
            list_id=publication.id,
            subscriber_id=subscription.subscriber_id,
            language=subscription.languages.partition(" ")[0],
            now=now,
        )

"""The verbs: what an admin or a person does to one subscription. Each leaves a line in the consent log.

They write through the session they are given and are committed with it; the time is an argument. A second time the
same changes nothing. No refusal repeats an address: whoever gave it knows it, and a log must not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from subscribers import steps
from subscribers.address import mailable, normalised
from subscribers.consent import record
from subscribers.errors import NotFound, Refused
from subscribers.lifecycle import Action, Event, Fate, Reason, Status, after
from subscribers.models import Subscription
from subscribers.names import name_of
from subscribers.people import person_at, rename
from subscribers.preferences import exclusive
from subscribers.repository import find
from subscribers.steps import is_suppressed, locked, move, set_zone, status_of
from subscribers.suppression import suppress
from subscribers.timezones import zone_name

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from subscribers.models import Subscriber
    from subscribers.origin import Origin
    from subscribers.preferences import Vocabulary
    from subscribers.privacy.erased import Erasures
    from subscribers.publication import Publication


def add(
    session: Session,
    publication: Publication,
    email: str,
    *,
    vocabulary: Vocabulary,
    source: str | Origin,
    now: datetime,
    name: str = "",
    languages: Iterable[str] = (),
    topics: Iterable[str] = (),
    excluded: Iterable[str] = (),
    timezone: str = "",
    returning: bool = False,
    erased: Erasures | None = None,
    override_erased: str = "",
) -> Fate:
    """Put a person on a list, active at once: an admin answers for it and says in `source` where the consent is from.

    For somebody who is on it already, what is given of name, languages, topics (wanted, or `excluded`) and time zone
    replaces theirs. `returning`: they had left and asked to come back. `erased` knows who had everything about them
    erased: they come back with a reason, `override_erased`, and whoever had complained or bounced is suppressed as
    before. Raises InvalidAddress, and Refused for somebody who left, for an address that is suppressed, for a name that
    is none, for topics, languages and time zones that there are not, and for a retired topic that they do not have yet.
    """
    address = mailable(normalised(email))
    chosen = _Chosen(
        vocabulary.choose_languages(languages), vocabulary.choose_topics(topics), vocabulary.choose_topics(excluded)
    )
    zone = zone_name(timezone) if timezone.strip() else None
    exclusive(chosen.topics, chosen.excluded)
    name_of(name)
    came_back = erased is not None and _brought_back(session, erased, address, why=override_erased, now=now)
    suppressed = is_suppressed(session, address)
    if suppressed and not came_back:
        raise Refused("That address is suppressed: `newsletter suppression list` says why; remove it there first.")
    person, made = person_at(session, address, now)
    renamed = rename(session, person, name, now) and not made
    subscription = locked(session, publication.id, person.id)
    vocabulary.check_offered(chosen.topics, "" if subscription is None else subscription.topics)
    event = Event.ADD_BACK if returning else Event.ADD
    if subscription is None:
        subscription = _joined(
            session, publication.id, person, chosen, after(event, None), suppressed=suppressed, now=now
        )
        detail = f"brought back: {override_erased}" if came_back else ""
        record(session, subscription, Action.SUBSCRIBED, source, now, detail=detail)
        if zone:
            person.timezone = zone
        return Fate.ADDED
    if status_of(subscription) is Status.UNSUBSCRIBED and not returning:
        raise Refused("That person has left the list. If they asked to come back, say so and add them again.")
    moved = move(session, subscription, event, Action.SUBSCRIBED, source=source, now=now)
    changed = _chosen_anew(session, subscription, chosen, zone, source=source, now=now)
    return Fate.UPDATED if moved or changed or renamed else Fate.UNCHANGED


class _Chosen(NamedTuple):
    """Choices as they are stored, "" where nothing is said."""

    languages: str
    topics: str
    excluded: str


def _joined(
    session: Session,
    list_id: int,
    person: Subscriber,
    chosen: _Chosen,
    status: Status,
    *,
    suppressed: bool,
    now: datetime,
) -> Subscription:
    """Return the new subscription of somebody who was not on the list."""
    subscription = Subscription(list_id=list_id, subscriber_id=person.id, created_at=now, updated_at=now)
    subscription.status = (after(Event.SUPPRESS, status) if suppressed else status).value
    subscription.languages, subscription.topics, subscription.topics_excluded = chosen
    session.add(subscription)
    session.flush()
    return subscription


def subscription_of(session: Session, publication: Publication, email: str) -> Subscription:
    """Return the subscription of that address to that list, to be changed. Raises InvalidAddress, NotFound."""
    person = find(session, normalised(email))
    found = None if person is None else locked(session, publication.id, person.id)
    if found is None:
        raise NotFound(f"Nobody with that address is on the list “{publication.slug}”.")
    return found


def unsubscribe(session: Session, subscription: Subscription, *, source: str | Origin, now: datetime) -> bool:
    """Take somebody off one list; always possible. Return whether they were on it."""
    return move(session, subscription, Event.LEAVE, Action.UNSUBSCRIBED, source=source, now=now)


def choose(
    session: Session,
    subscription: Subscription,
    *,
    vocabulary: Vocabulary,
    source: str | Origin,
    now: datetime,
    languages: Iterable[str] | None = None,
    topics: Iterable[str] | None = None,
    excluded: Iterable[str] | None = None,
    digest: str | None = None,
    timezone: str | None = None,
) -> bool:
    """Change what is named; None leaves it, nothing in it means the list's default, all topics, and none excluded.

    The time zone is theirs on all lists.

    Return whether anything is different now. Raises Refused for what the list does not have, and for a retired topic
    that they did not choose before.
    """
    chosen_languages = None if languages is None else vocabulary.choose_languages(languages)
    chosen_topics = None if topics is None else vocabulary.choose_topics(topics)
    vocabulary.check_offered(chosen_topics or "", subscription.topics)
    zone = zone_name(timezone) if timezone and timezone.strip() else None
    chosen = steps.choose(
        session,
        subscription,
        languages=chosen_languages,
        topics=chosen_topics,
        excluded=None if excluded is None else vocabulary.choose_topics(excluded),
        digest=None if digest is None else vocabulary.choose_digest(digest),
        source=source,
        now=now,
    )
    return (timezone is not None and set_zone(session, subscription, zone, source=source, now=now)) or chosen


def pause(
    session: Session, subscription: Subscription, *, until: datetime, source: str | Origin, now: datetime
) -> bool:
    """Send nothing before `until`. Return whether that is new. Raises Refused unless the subscription is active."""
    if until <= now:
        raise Refused("A pause has to end in the future.")
    if status_of(subscription) is not Status.ACTIVE:
        raise Refused(f"Only an active subscription can be paused; this one is {subscription.status}.")
    if subscription.paused_until == until:
        return False
    subscription.paused_until, subscription.updated_at = until, now
    record(session, subscription, Action.PAUSED, source, now, detail=f"until {until.isoformat()}")
    return True


def resume(session: Session, subscription: Subscription, *, source: str | Origin, now: datetime) -> bool:
    """End a pause. Return whether there was one."""
    if subscription.paused_until is None:
        return False
    subscription.paused_until, subscription.updated_at = None, now
    record(session, subscription, Action.RESUMED, source, now)
    return True


def _brought_back(session: Session, erased: Erasures, address: str, *, why: str, now: datetime) -> bool:
    """Let somebody return who was erased, as they stood towards mail; return whether they were."""
    gone = erased.find(session, [address])
    if address not in gone:
        return False
    if not why:
        raise Refused(
            "Everything about that address was erased, as its owner wished. They may join again by themselves; if they "
            "asked you to, say why with --override-erased."
        )
    if reason := gone[address]:
        suppress(session, address, Reason(reason), source="erasure", now=now, detail="from before they were erased")
    erased.lift(session, [address])
    session.flush()
    return True


def _chosen_anew(
    session: Session,
    subscription: Subscription,
    chosen: _Chosen,
    zone: str | None,
    *,
    source: str | Origin,
    now: datetime,
) -> bool:
    """Replace of somebody's choices what is given; return whether that changed anything."""
    given = {what: choice or None for what, choice in chosen._asdict().items()}
    changed = steps.choose(session, subscription, **given, source=source, now=now)
    zoned = zone is not None and set_zone(session, subscription, zone, source=source, now=now)
    return changed or zoned

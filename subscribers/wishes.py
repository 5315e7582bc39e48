"""All that a person can choose of a list, as one value: what the preference page shows and hands back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from subscribers.errors import NotFound
from subscribers.models import Subscriber, Subscription
from subscribers.preferences import Digest, exclusive
from subscribers.service import pause, resume
from subscribers.steps import choose, set_zone
from subscribers.timezones import zone_name

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from subscribers.origin import Origin
    from subscribers.preferences import Vocabulary


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What somebody chose of one list; the time zone is theirs on all lists."""

    languages: tuple[str, ...] = ()
    """Codes, best first; empty: the list's default."""
    topics: tuple[str, ...] = ()
    """Slugs; empty: all."""
    excluded: tuple[str, ...] = ()
    """Slugs of what they do not want; whatever carries one is left out, unless it is a must-read."""
    digest: Digest = Digest.WEEKLY
    paused_until: datetime | None = None
    """No mail before that; may be past, and means nothing then."""
    timezone: str | None = None
    """Name in the IANA data base; None: the list's."""


def wishes_of(session: Session, list_id: int, subscriber_id: int) -> Wishes:
    """Return what somebody chose. Raises NotFound where there is no such subscription."""
    subscription = session.get(Subscription, (list_id, subscriber_id))
    person = session.get(Subscriber, subscriber_id)
    if subscription is None or person is None:
        raise NotFound("There is no such subscription any more: subscribe again on the list's page.")
    return Wishes(
        languages=tuple(subscription.languages.split()),
        topics=tuple(subscription.topics.split()),
        excluded=tuple(subscription.topics_excluded.split()),
        digest=Digest(subscription.digest),
        paused_until=subscription.paused_until,
        timezone=person.timezone,
    )


def set_wishes(
    session: Session,
    subscription: Subscription,
    wishes: Wishes,
    *,
    vocabulary: Vocabulary,
    origin: Origin,
    now: datetime,
) -> bool:
    """Make `wishes` what somebody wants: all of it, at once. Return whether anything is different now.

    Raises Refused, before anything is written, for what the list does not offer, a topic both chosen and excluded, a
    zone that there is not; for a pause that is new and ends in the past or is of somebody who is not on the list.
    """
    languages = vocabulary.choose_languages(wishes.languages)
    topics, excluded = vocabulary.choose_topics(wishes.topics), vocabulary.choose_topics(wishes.excluded)
    exclusive(topics, excluded)
    # who chose what is no longer offered keeps it until they choose anew
    digest = subscription.digest if wishes.digest == subscription.digest else vocabulary.choose_digest(wishes.digest)
    zone = zone_name(wishes.timezone) if wishes.timezone else None
    paused = _pause(session, subscription, wishes.paused_until, origin, now)
    chosen = choose(
        session,
        subscription,
        languages=languages,
        topics=topics,
        excluded=excluded,
        digest=digest,
        source=origin,
        now=now,
    )
    return set_zone(session, subscription, zone, source=origin, now=now) or chosen or paused


def _pause(session: Session, subscription: Subscription, until: datetime | None, origin: Origin, now: datetime) -> bool:
    if until == subscription.paused_until:
        return False
    if until is None:
        return resume(session, subscription, source=origin, now=now)
    return pause(session, subscription, until=until, source=origin, now=now)

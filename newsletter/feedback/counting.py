"""How many events said the same, kept up in the transaction that stores them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from newsletter.feedback.models import FeedbackCount
from newsletter.feedback.rules import IMPERSONAL, detail_of
from newsletter.feedback.upsert import inserting

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from sqlalchemy.orm import Session

    from newsletter.feedback.storing import Placed

_DOMAIN_LENGTH = 255


class CountKey(NamedTuple):
    """What is counted apart from what."""

    campaign_id: int
    day: date
    domain: str
    meaning: str
    detail: str


def count(session: Session, events: Iterable[Placed]) -> None:
    """Add new events to the counts."""
    add(session, Counter(map(count_key, events)))


def add(session: Session, counts: Counter[CountKey]) -> None:
    """Add to counts, or take off; in the order of keys, so that two who count do not wait for each other crosswise."""
    rows = [{**key._asdict(), "events": number} for key, number in sorted(counts.items()) if number]
    if rows:
        statement = inserting(session, FeedbackCount)
        keys = [FeedbackCount.campaign_id, *(getattr(FeedbackCount, name) for name in CountKey._fields[1:])]
        more = {"events": FeedbackCount.events + statement.excluded.events}
        session.connection().execute(statement.on_conflict_do_update(index_elements=keys, set_=more), rows)


def count_key(placed: Placed) -> CountKey:
    """Return under what an event is counted."""
    return CountKey(
        placed.counted_under,
        placed.at.date(),
        "" if placed.meaning in IMPERSONAL else domain_of(placed.event.recipient),
        placed.meaning.value,
        detail_of(placed.event),
    )


def domain_of(address: str) -> str:
    """Return the domain of an address as it is counted."""
    return address.rpartition("@")[2].lower()[:_DOMAIN_LENGTH] if "@" in address else ""

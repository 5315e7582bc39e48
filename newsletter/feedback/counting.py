"""How many events said the same, kept up in the transaction that stores them."""

from __future__ import annotations

from collections import Counter
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, NamedTuple

from newsletter.feedback.events import KEY_BYTES, Kind
from newsletter.feedback.links import common_link
from newsletter.feedback.models import ClickCount, FeedbackCount, FeedbackTotal
from newsletter.feedback.rules import IMPERSONAL, Meaning, detail_of
from subscribers.bulk import merge_rows

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from sqlalchemy.orm import DeclarativeBase, Session

    from newsletter.feedback.storing import Placed

    Counted = tuple[Any, ...]

_DOMAIN_LENGTH = 255


class CountKey(NamedTuple):
    """What is counted apart from what."""

    campaign_id: int
    day: date
    domain: str
    meaning: str
    detail: str


class ClickKey(NamedTuple):
    """Which clicks are counted together."""

    campaign_id: int
    link_key: bytes
    automated: int
    link: str


class TotalKey(NamedTuple):
    """What is counted apart from what where the domain does not matter."""

    campaign_id: int
    day: date
    meaning: str


def count(session: Session, events: Sequence[Placed]) -> None:
    """Add new events to the counts."""
    add(session, Counter(map(count_key, events)))
    clicks = Counter(click_key(each) for each in events if each.event.kind is Kind.CLICK)
    _add(session, ClickCount, (*ClickKey._fields, "clicks"), [(*key, number) for key, number in clicks.items()])


def add(session: Session, counts: Counter[CountKey]) -> None:
    """Add to counts, or take off; in the order of keys, so that two who count do not wait for each other crosswise."""
    totals: Counter[TotalKey] = Counter()
    for key, number in counts.items():
        totals[TotalKey(key.campaign_id, key.day, key.meaning)] += number
    move(session, counts)
    _add(session, FeedbackTotal, (*TotalKey._fields, "events"), [(*key, number) for key, number in totals.items()])


def move(session: Session, counts: Counter[CountKey]) -> None:
    """Add to counts what was counted under other domains or details before: the totals are what they were."""
    _add(session, FeedbackCount, (*CountKey._fields, "events"), [(*key, number) for key, number in counts.items()])


def _add(session: Session, model: type[DeclarativeBase], columns: Sequence[str], rows: Sequence[Counted]) -> None:
    """Add the last value of each row to the last one of `columns`, which follows those of the key."""
    more = f"{model.__tablename__}.{columns[-1]} + excluded.{columns[-1]}"
    merge_rows(session, model, columns, sorted(row for row in rows if row[-1]), sets={columns[-1]: more})


def count_key(placed: Placed) -> CountKey:
    """Return under what an event is counted."""
    return CountKey(
        placed.counted_under,
        placed.at.date(),
        "" if placed.meaning in IMPERSONAL else domain_of(placed.event.recipient),
        placed.meaning.value,
        detail_of(placed.event),
    )


def click_key(placed: Placed) -> ClickKey:
    """Return under what a click is counted."""
    link = common_link(str(placed.event.about.get("link") or ""))
    key = blake2b(link.encode("utf-8", "surrogatepass"), digest_size=KEY_BYTES).digest()
    return ClickKey(placed.counted_under, key, int(placed.meaning is Meaning.CLICKED_BY_MACHINE), link)


def domain_of(address: str) -> str:
    """Return the domain of an address as it is counted."""
    return address.rpartition("@")[2].lower()[:_DOMAIN_LENGTH] if "@" in address else ""

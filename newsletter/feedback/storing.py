"""Events kept as they came; which of them are new is decided by the database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from newsletter.delivery.receipts import located
from newsletter.feedback.models import NO_CAMPAIGN, FeedbackEvent
from newsletter.feedback.packing import pack
from newsletter.feedback.rules import IMPERSONAL, Meaning, meaning_of
from subscribers.bulk import merge_rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from newsletter.feedback.events import Event, Reading


@dataclass(frozen=True, slots=True)
class Placed:
    """An event, what it is taken for, and whose it is."""

    event: Event
    meaning: Meaning
    campaign_id: int | None
    """None: it belongs to no campaign of this database."""
    subscriber_id: int | None
    at: datetime
    """When it happened; when it came, where that is not said."""

    @property
    def counted_under(self) -> int:
        """The campaign it is counted for."""
        return NO_CAMPAIGN if self.campaign_id is None else self.campaign_id


def place(session: Session, events: Iterable[Event], *, now: datetime) -> list[Placed]:
    """Find out whose events these are."""
    events = list(events)
    where = located(session, {event.delivery_id for event in events if event.delivery_id})
    placed: list[Placed] = []
    for event in events:
        campaign, person = where.get(event.delivery_id or "", (None, None))
        placed.append(Placed(event, meaning_of(event), campaign, person, event.at or now))
    return placed


def store(session: Session, readings: Sequence[Reading], *, now: datetime) -> list[Placed]:
    """Keep the events of these messages (some hundred); return those that were not kept before.

    In the order of keys, so that two who store at once do not wait for each other crosswise.
    """
    texts = {event.key: (event, reading.text) for reading in readings for event in reading.events}
    placed = {each.event.key: each for each in place(session, (event for event, _ in texts.values()), now=now)}
    rows = [_row(placed[key], texts[key][1], now) for key in sorted(placed)]
    if not rows:
        return []
    new = merge_rows(session, FeedbackEvent, _COLUMNS, rows, returning="key")
    return [placed[key] for key in sorted(map(bytes, new))]


_COLUMNS = ("key", "kind", "meaning", "at", "received_at", "campaign_id", "subscriber_id", "body")


def _row(placed: Placed, text: str, now: datetime) -> Sequence[object]:
    personal = placed.meaning not in IMPERSONAL
    return (
        placed.event.key,
        placed.event.kind.value,
        placed.meaning.value,
        placed.at,
        now,
        placed.campaign_id,
        placed.subscriber_id if personal else None,
        pack(text) if personal and text else None,
    )

"""Opens and clicks as signs of life, for lists that take silent people off by them (`subscribers.privacy.sunset`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import exists, select

from newsletter.delivery.models import Campaign
from newsletter.feedback.models import FeedbackTotal
from newsletter.feedback.rules import Meaning
from subscribers.privacy.sunset import seen

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from newsletter.feedback.storing import Placed

_SIGNS = frozenset({Meaning.OPENED, Meaning.CLICKED})


def note_signs(session: Session, events: Sequence[Placed], now: datetime) -> None:
    """Note the day on which somebody was seen to read; what they read is not kept, nor how often."""
    people = {
        (each.campaign_id, each.subscriber_id)
        for each in events
        if each.meaning in _SIGNS and each.campaign_id is not None and each.subscriber_id is not None
    }
    if not people:
        return
    query = select(Campaign.id, Campaign.list_id).where(Campaign.id.in_({campaign for campaign, _ in people}))
    lists = {row.id: row.list_id for row in session.execute(query)}
    seen(session, {(lists[campaign], person) for campaign, person in people if campaign in lists}, now)


def anybody_seen(session: Session, list_id: int, since: datetime) -> bool:
    """Return whether any open or click of a person came since then: else nothing tells silence from reading."""
    mine = select(Campaign.id).where(Campaign.list_id == list_id)
    signs = exists().where(
        FeedbackTotal.campaign_id.in_(mine),
        FeedbackTotal.day >= since.date(),
        FeedbackTotal.meaning.in_([each.value for each in _SIGNS]),
        FeedbackTotal.events > 0,
    )
    return bool(session.scalar(select(signs)))

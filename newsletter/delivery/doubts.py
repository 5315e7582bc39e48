"""Deliveries in doubt: who they are, and how a doubt ends when the mail had gone."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, and_, literal_column, select, update

from newsletter.delivery.models import Chunk, Delivery, Planned
from subscribers.bulk import among

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.orm import Session


def in_doubt(campaign_id: int) -> ColumnElement[bool]:
    """Return the condition that a delivery is one of the campaign's in doubt."""
    # the second as a literal, or no database can tell that the partial index serves it
    return and_(
        Delivery.campaign_id == campaign_id, Delivery.state == "uncertain", Delivery.state != literal_column("'sent'")
    )


def settle_as_sent(
    session: Session, message_ids: Mapping[tuple[int, int], str | None], reason: str | None = None
) -> int:
    """Make `sent` of what was uncertain, by (campaign, subscriber), some hundred; return how many it were.

    In the order of keys, so that two who settle at once do not wait for each other crosswise.
    """
    asked: dict[int, list[int]] = defaultdict(list)
    for campaign, person in message_ids:
        asked[campaign].append(person)
    doubtful = {campaign: _doubtful(session, campaign, asked[campaign]) for campaign in sorted(asked)}
    for campaign, people in doubtful.items():
        for person in people:
            session.connection().execute(
                update(Delivery)
                .where(Delivery.campaign_id == campaign, Delivery.subscriber_id == person)
                .values(state="sent", reason=reason, message_id=message_ids[campaign, person])
            )
        if people:
            count_sent(session, campaign, people)
    return sum(map(len, doubtful.values()))


def _doubtful(session: Session, campaign_id: int, people: Sequence[int]) -> Sequence[int]:
    """Return which of these people are in doubt; nobody else settles them meanwhile."""
    query = select(Delivery.subscriber_id).where(in_doubt(campaign_id), among(session, Delivery.subscriber_id, people))
    return session.scalars(query.order_by(Delivery.subscriber_id).with_for_update()).all()


def count_sent(session: Session, campaign_id: int, people: Sequence[int], by: int = 1) -> None:
    """Count so many more (or less) sent in the chunks of these people."""
    positions = session.scalars(
        select(Planned.position).where(Planned.campaign_id == campaign_id, Planned.subscriber_id.in_(people))
    )
    for position in sorted(positions):
        session.connection().execute(
            update(Chunk)
            .where(Chunk.campaign_id == campaign_id, Chunk.first <= position, Chunk.last >= position)
            .values(sent=Chunk.sent + by)
        )

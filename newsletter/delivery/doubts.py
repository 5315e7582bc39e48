"""Deliveries in doubt: who they are, and how a doubt ends when the mail had gone."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, and_, literal_column, select, tuple_, update

from newsletter.delivery.models import Chunk, Delivery, Planned

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
    key = tuple_(Delivery.campaign_id, Delivery.subscriber_id)
    doubtful = session.execute(
        select(Delivery.campaign_id, Delivery.subscriber_id)
        .where(key.in_(list(message_ids)), Delivery.state == "uncertain")
        .order_by(Delivery.campaign_id, Delivery.subscriber_id)
        .with_for_update()
    ).all()
    people: dict[int, list[int]] = defaultdict(list)
    for campaign, person in doubtful:
        session.connection().execute(
            update(Delivery)
            .where(Delivery.campaign_id == campaign, Delivery.subscriber_id == person)
            .values(state="sent", reason=reason, message_id=message_ids[campaign, person])
        )
        people[campaign].append(person)
    for campaign, settled in people.items():
        count_sent(session, campaign, settled)
    return len(doubtful)


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

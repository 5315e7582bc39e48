"""Who got what in a campaign, and who did not and why: the ledger as a person reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import and_, select

from newsletter.delivery.models import Delivery, Planned, VariantRow
from subscribers.models import Subscriber

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session


class Outcome(NamedTuple):
    """What came of one subscriber. The mail's fields are None for those who were never to get one."""

    subscriber_id: int
    email: str | None
    """None: the person was erased since."""
    name: str | None
    state: str
    reason: str | None
    at: datetime
    """Of those who were sent to or are in doubt, the Date of the mail."""
    message_id: str | None
    language: str | None
    content_language: str | None
    items: tuple[int, ...] | None
    """Positions in the issue, ascending."""


def outcomes(session: Session, campaign_id: int, *where: ColumnElement[bool], batch: int = 1_000) -> Iterator[Outcome]:
    """Yield the outcomes of a campaign by the subscriber's number, as they are fetched; `where` is over `Delivery`."""
    planned = and_(Planned.campaign_id == Delivery.campaign_id, Planned.subscriber_id == Delivery.subscriber_id)
    variant = and_(VariantRow.campaign_id == Planned.campaign_id, VariantRow.variant_no == Planned.variant_no)
    query = (
        select(
            Delivery.subscriber_id,
            Subscriber.email,
            Subscriber.name,
            Delivery.state,
            Delivery.reason,
            Delivery.at,
            Delivery.message_id,
            VariantRow.language,
            VariantRow.content_language,
            VariantRow.items,
        )
        .outerjoin(Subscriber, Subscriber.id == Delivery.subscriber_id)
        .outerjoin(Planned, planned)
        .outerjoin(VariantRow, variant)
        .where(Delivery.campaign_id == campaign_id, *where)
        .order_by(Delivery.subscriber_id)
    )
    for row in session.execute(query, execution_options={"yield_per": batch}).mappings():
        yield Outcome(**{**row, "items": None if row["items"] is None else tuple(row["items"])})

"""Mails that were accepted and then not sent after all: what SES finds out only when it makes them.

Their receipts say so, in any order with their outcomes: whichever is written last, this finds both.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import and_, literal_column, or_, select, update

from newsletter.delivery.doubts import count_sent
from newsletter.delivery.models import Campaign, Delivery, Receipt

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

UNSENT = 128
"""From here on the facts of a receipt say that the mail was not sent; the index knows the number."""
_LATE = timedelta(days=1)
"""So long after its end a campaign may still have outcomes that were written after their receipts."""
_REASON_LENGTH = 255


class _Unsent(NamedTuple):
    campaign_id: int
    subscriber_id: int


def take_back_acceptances(session: Session, *, now: datetime, reasons: Mapping[tuple[int, int], str]) -> int:
    """Make `failed` of what counts as sent and was not; return how many. `reasons`: by campaign and subscriber."""
    found = [_Unsent(*row) for row in session.execute(_unsent(now, {campaign for campaign, _ in reasons}))]
    people: dict[int, list[int]] = defaultdict(list)
    for each in found:
        reason = reasons.get(each, "accepted, and not sent after all")
        session.connection().execute(
            update(Delivery)
            .where(Delivery.campaign_id == each.campaign_id, Delivery.subscriber_id == each.subscriber_id)
            .values(state="failed", reason=reason[:_REASON_LENGTH])
        )
        people[each.campaign_id].append(each.subscriber_id)
    for campaign, unsent in people.items():
        count_sent(session, campaign, unsent, by=-1)
    return len(found)


def give_back_acceptances(session: Session, receipts: Iterable[Receipt]) -> int:
    """Make `sent` again of what failed only because of what these receipts said; return how many."""
    given = 0
    for each in receipts:
        mine = (Delivery.campaign_id == each.campaign_id, Delivery.subscriber_id == each.subscriber_id)
        settled = {"state": "sent", "reason": None}
        again = update(Delivery).where(*mine, Delivery.state == "failed").values(settled)
        if session.connection().execute(again).rowcount:
            count_sent(session, each.campaign_id, [each.subscriber_id])
            given += 1
    return given


def _unsent(now: datetime, campaigns: set[int]) -> Select[int, int]:
    """Select deliveries that count as sent although their receipt says otherwise, and lock them."""
    recent = or_(Campaign.finished_at.is_(None), Campaign.finished_at > now - _LATE, Campaign.id.in_(sorted(campaigns)))
    return (
        select(Delivery.campaign_id, Delivery.subscriber_id)
        .join(
            Receipt,
            and_(Receipt.campaign_id == Delivery.campaign_id, Receipt.subscriber_id == Delivery.subscriber_id),
        )
        .join(Campaign, Campaign.id == Receipt.campaign_id)
        # as a literal, or no database can tell that the partial index serves it
        .where(Receipt.facts >= literal_column(str(UNSENT)), Delivery.state == "sent", recent)
        .order_by(Delivery.campaign_id, Delivery.subscriber_id)
        .with_for_update(of=Delivery)
    )

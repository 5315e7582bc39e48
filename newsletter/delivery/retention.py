"""What became of each mail is kept for a while; how many mails came to what is kept for good.

A campaign's rows are counted into a few lines first (`LedgerTotal`), in one transaction: from then on its books are
made of these, however many of the rows are gone. Its chunks stay: ranges of positions, which say nothing of anybody.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, case, delete, exists, func, insert, or_, select
from sqlalchemy.orm import aliased

from newsletter.delivery.lifecycle import State
from newsletter.delivery.models import Campaign, Delivery, LedgerTotal, Planned, Receipt, Reopening

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import InstrumentedAttribute, Session

    from subscribers.database import Database

BATCH = 5_000
_DETAILS: Sequence[tuple[type[Any], InstrumentedAttribute[Any]]] = (
    (Receipt, Receipt.subscriber_id),
    (Planned, Planned.position),
    (Reopening, Reopening.id),
    (Delivery, Delivery.subscriber_id),
)
"""With what tells the rows of one campaign apart. The outcomes go last: while there are any, a campaign is found."""


def campaigns_to_forget(session: Session, list_id: int, before: datetime) -> Sequence[int]:
    """Return the campaigns of a list that ended before then and of which rows are left.

    Not one that was cancelled while its issue could still go out: its rows alone say who has had it.
    """
    other = aliased(Campaign)
    gone_out = exists().where(
        other.list_id == Campaign.list_id, other.issue_id == Campaign.issue_id, other.state == State.SENT
    )
    over = or_(Campaign.state == State.SENT, and_(Campaign.state == State.CANCELLED, gone_out))
    left = or_(*(exists().where(model.campaign_id == Campaign.id) for model, _ in _DETAILS))
    query = select(Campaign.id).where(Campaign.list_id == list_id, Campaign.finished_at < before, over, left)
    return session.scalars(query.order_by(Campaign.id)).all()


def are_forgotten(session: Session, campaign_id: int) -> bool:
    """Return whether a campaign's books are made of what was counted, since its rows are kept no longer."""
    return session.scalar(select(exists().where(LedgerTotal.campaign_id == campaign_id))) or False


def count_books(session: Session, campaign_id: int) -> None:
    """Count the outcomes of a campaign for good; the rows may go when that is committed."""
    reason = case((Delivery.state == "skipped", func.coalesce(Delivery.reason, "")), else_="")
    alike = (Delivery.state, reason.label("reason"))
    counted = select(Delivery.campaign_id, *alike, func.count()).where(Delivery.campaign_id == campaign_id)
    session.execute(
        insert(LedgerTotal).from_select(
            ["campaign_id", "state", "reason", "mails"], counted.group_by(Delivery.campaign_id, *alike)
        )
    )


def details(session: Session, campaign_id: int) -> Mapping[str, int]:
    """Return how many rows of which table a campaign has."""
    return {
        model.__tablename__: session.scalar(select(func.count()).where(model.campaign_id == campaign_id)) or 0
        for model, _ in _DETAILS
    }


def forget_details(
    database: Database, campaign_id: int, *, wait: Callable[[float], bool], batch: int = BATCH
) -> Mapping[str, int]:
    """Delete the rows of a campaign whose books were counted, a batch a transaction; return how many of which table.

    Stopped in between (`wait` returns whether to), the next one goes on.
    """
    gone: dict[str, int] = {}
    for model, key in _DETAILS:
        some = batch
        while some == batch and not wait(0):
            mine = model.campaign_id == campaign_id
            first = select(key).where(mine).order_by(key).limit(batch)
            with database.write() as session:
                some = session.connection().execute(delete(model).where(mine, key.in_(first))).rowcount
            gone[model.__tablename__] = gone.get(model.__tablename__, 0) + some
    return gone

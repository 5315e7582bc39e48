"""Outcomes that are taken back, for people to get their mail after all.

Only what certainly was not accepted: failures, and doubts that evidence or a person settled that way. Each leaves a
line that says what it was.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import and_, case, delete, exists, insert, select, update

from newsletter.delivery.lifecycle import Event, State, sources, target
from newsletter.delivery.models import Campaign, Chunk, Delivery, Planned, Receipt, Reopening
from newsletter.delivery.setbacks import UNSENT
from newsletter.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

_TAKEN_BACK = ("failed", "uncertain")


class _Found(NamedTuple):
    chunk_no: int
    position: int
    subscriber_id: int
    state: str
    reason: str | None
    at: datetime


def send_again(session: Session, campaign_id: int, subscriber_ids: Sequence[int], *, now: datetime, why: str) -> int:
    """Take back the outcomes of these people (some hundred) and reopen their chunks; return how many it were.

    Left as they are: who did not fail and is not in doubt, whose acceptance is proven, and those whose chunk is being
    worked on or has a call in doubt at this moment: ask again later. A campaign that had ended goes on. Raises Refused
    for one that was cancelled.
    """
    _refuse_cancelled(session, campaign_id)
    by_chunk: dict[int, list[_Found]] = defaultdict(list)
    for row in session.execute(_outcomes(campaign_id, subscriber_ids)):
        by_chunk[row.chunk_no].append(_Found(*row))
    for rows in by_chunk.values():
        _reopen(session, campaign_id, rows, now, why)
    if by_chunk:
        session.connection().execute(
            update(Campaign)
            .where(Campaign.id == campaign_id, Campaign.state.in_(sources(Event.REOPEN)))
            .values(state=target(Event.REOPEN), finished_at=None)
        )
    return sum(map(len, by_chunk.values()))


def _refuse_cancelled(session: Session, campaign_id: int) -> None:
    state = session.scalar(select(Campaign.state).where(Campaign.id == campaign_id))
    if state == State.CANCELLED:
        raise Refused(f"Campaign {campaign_id} was cancelled: nobody gets its mail any more.")


def _outcomes(campaign_id: int, subscriber_ids: Sequence[int]) -> Select[int, int, int, str, str | None, datetime]:
    """Select what can be taken back, and lock it with its chunk."""
    same = and_(Planned.campaign_id == Delivery.campaign_id, Planned.subscriber_id == Delivery.subscriber_id)
    within = and_(
        Chunk.campaign_id == Planned.campaign_id, Chunk.first <= Planned.position, Chunk.last >= Planned.position
    )
    proven = exists().where(
        Receipt.campaign_id == Delivery.campaign_id,
        Receipt.subscriber_id == Delivery.subscriber_id,
        Receipt.facts < UNSENT,
    )
    return (
        select(Chunk.chunk_no, Planned.position, Delivery.subscriber_id, Delivery.state, Delivery.reason, Delivery.at)
        .join(Planned, same)
        .join(Chunk, within)
        .where(
            Delivery.campaign_id == campaign_id,
            Delivery.subscriber_id.in_(subscriber_ids),
            Delivery.state.in_(_TAKEN_BACK),
            ~proven,
            # a worker knows its chunk's people by heart, and a call in doubt takes everybody between its ends
            Chunk.state.in_(["open", "done"]),
            Chunk.inflight_to.is_(None),
        )
        .order_by(Chunk.chunk_no, Planned.position)
        .with_for_update(of=[Chunk, Delivery])
    )


def _reopen(session: Session, campaign_id: int, rows: Sequence[_Found], now: datetime, why: str) -> None:
    """Take back the outcomes of one chunk, which is locked."""
    people, first = [row.subscriber_id for row in rows], rows[0].position
    connection = session.connection()
    connection.execute(
        insert(Reopening),
        [
            {
                "campaign_id": campaign_id,
                "subscriber_id": row.subscriber_id,
                "state": row.state,
                "reason": row.reason,
                "at": row.at,
                "reopened_at": now,
                "why": why,
            }
            for row in rows
        ],
    )
    connection.execute(delete(Delivery).where(Delivery.campaign_id == campaign_id, Delivery.subscriber_id.in_(people)))
    # of a mail that was accepted and not sent: the next one has its own
    connection.execute(delete(Receipt).where(Receipt.campaign_id == campaign_id, Receipt.subscriber_id.in_(people)))
    connection.execute(
        update(Chunk)
        .where(Chunk.campaign_id == campaign_id, Chunk.chunk_no == rows[0].chunk_no)
        .values(
            state="open",
            remaining=Chunk.remaining + len(rows),
            cursor=case((Chunk.cursor > first, first), else_=Chunk.cursor),
            not_before=None,
            rounds=0,
        )
    )

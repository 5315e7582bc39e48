"""What there is to do, by the ledger: it alone decides, whatever became of anybody who was told to do it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from itertools import chain, zip_longest
from typing import TYPE_CHECKING

from sqlalchemy import exists, literal_column, or_, select

from newsletter.delivery.lifecycle import State
from newsletter.delivery.models import Campaign, Chunk

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from newsletter.delivery.claims import Claims

_CHUNKS_AHEAD = 200
"""Of each campaign: some seconds of work for all workers together, and little to be taken back by a pause."""


class Kind(StrEnum):
    """What is to be done for a campaign."""

    PLAN = "plan"
    SEND = "chunk"
    WIND_UP = "wind-up"
    """End it, or close its books."""


@dataclass(frozen=True, slots=True)
class Errand:
    """One thing to do for a campaign, by whoever is free. Doubled, late or lost, it changes nothing."""

    kind: Kind
    campaign_id: int
    chunk_no: int | None = None
    """Of a chunk to be sent."""

    @property
    def name(self) -> str:
        """What it is known by while it waits: nobody else need be told to do the same."""
        chunk = "" if self.chunk_no is None else f":{self.chunk_no}"
        return f"{self.kind}:{self.campaign_id}{chunk}"


def due(session: Session, claims: Claims, *, now: datetime) -> Sequence[Errand]:
    """Return what can be done now: plans, endings, then the next chunks, each campaign in its turn.

    A chunk is due when it is open and not put off, or when the claim of its worker has run out.
    """
    first: list[Errand] = []
    chunks: list[list[Errand]] = []
    for campaign_id, state, unfinished in session.execute(_GOING_ON):
        if state == State.PLANNING:
            first.append(Errand(Kind.PLAN, campaign_id))
        elif state == State.CANCELLED or not unfinished:
            first.append(Errand(Kind.WIND_UP, campaign_id))
        else:
            chunks.append(_chunks(session, campaign_id, claims.free(State.SENDING, now)))
    in_turn = chain.from_iterable(zip_longest(*chunks))
    return [*first, *(errand for errand in in_turn if errand is not None)]


def going_on(session: Session) -> frozenset[int]:
    """Return the campaigns that go on by themselves, now or later; those that wait for a person are not among them."""
    return frozenset(row.id for row in session.execute(_GOING_ON))


def _chunks(session: Session, campaign_id: int, free: ColumnElement[bool]) -> list[Errand]:
    query = (
        select(Chunk.chunk_no)
        .where(Chunk.campaign_id == campaign_id, _not_done, free)
        .order_by(Chunk.chunk_no)
        .limit(_CHUNKS_AHEAD)
    )
    return [Errand(Kind.SEND, campaign_id, number) for number in session.scalars(query)]


# as a literal, or no database can tell that the partial index serves it
_not_done = Chunk.state != literal_column("'done'")
_unfinished = exists().where(Chunk.campaign_id == Campaign.id, _not_done)
_GOING_ON = (
    select(Campaign.id, Campaign.state, _unfinished.label("unfinished"))
    .where(
        or_(
            Campaign.state.in_([State.PLANNING, State.SENDING]),
            (Campaign.state == State.CANCELLED) & _unfinished,
        )
    )
    .order_by(Campaign.id)
)

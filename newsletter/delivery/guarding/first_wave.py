"""The first wave of a campaign: some of its people get their mail, and the rest only when nothing speaks against it.

It is a mark on the campaign: chunks behind it are nobody's to claim. So it holds for all workers of all machines, and
whoever is killed, pauses or resumes changes nothing about it.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, and_, case, exists, func, literal, select, update

from newsletter.delivery.lifecycle import ENDED, State
from newsletter.delivery.models import Campaign, Chunk, Receipt
from newsletter.issues.models import IssueRow
from newsletter.issues.queries import is_digest

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Subquery
    from sqlalchemy.orm import Session

SMALLEST = 500
"""Fewer mails cannot tell a list that does harm from one that does not: docs/decisions/alarms-by-evidence.md."""
DELIVERED = 1
"""Of the facts of a receipt: `feedback.facts.Fact.DELIVERED`."""
_STRIDE, _STEPS = 7_919, 10_000
"""Without a common divisor: of any 10,000 numbers in a row each has a step of its own, and neighbours lie far apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstWave:
    """A wave that is under way, or waits for what comes back of it."""

    people: int
    until: datetime | None
    """When the rest may follow if nothing speaks against it; None: the wave itself is still sent."""

    def as_json(self) -> dict[str, Any]:
        """Return the documented form."""
        return {"people": self.people, "until": self.until.isoformat() if self.until else None}


def wave_size(people: int, share: float) -> int:
    """Return how many of `people` go first; 0: a wave would be most of them."""
    size = max(SMALLEST, ceil(people * share))
    return size if share and people >= 2 * size else 0


def cut(
    groups: Sequence[tuple[int, datetime | None]], size: int, chunk_size: int
) -> tuple[Sequence[tuple[int, datetime | None]], int | None]:
    """Cut groups of so many people so that the first `size` are groups of their own.

    Return the groups with the number of the last chunk of the wave; None: there is none.
    """
    first: list[tuple[int, datetime | None]] = []
    rest: list[tuple[int, datetime | None]] = []
    left = size
    for people, instant in groups:
        mine = min(people, left)
        left -= mine
        first += [(mine, instant)] if mine else []
        rest += [(people - mine, instant)] if people > mine else []
    chunks = sum(ceil(people / chunk_size) for people, _ in first)
    return [*first, *rest], chunks - 1 if chunks else None


def going_first(session: Session, people: Subquery, campaign: Campaign, share: float) -> ColumnElement[int]:
    """Return what puts those before the others who are to be in a wave of this share.

    Those to whom the list's last campaign was delivered: who opens and who clicks is not kept of anybody, so a delivery
    is the only sign of life there is. Of them, and where nothing is known of all, some from every variant and from all
    ages of the list, so that the wave is like the rest.
    """
    drawn = people.c.subscriber_id * _STRIDE % _STEPS < int(_STEPS * share)
    alive = _alive(session, people, campaign)
    if alive is None:
        return case((drawn, literal(0)), else_=literal(1))
    return case((and_(alive, drawn), literal(0)), (alive, literal(1)), else_=literal(2))


def _alive(session: Session, people: Subquery, campaign: Campaign) -> ColumnElement[bool] | None:
    """Return the condition that the list's last campaign was delivered to somebody; None: nothing is known."""
    earlier = (Campaign.list_id == campaign.list_id, Campaign.state == State.SENT, Campaign.id != campaign.id)
    # readers of digests and of the other issues are two audiences: the last campaign of one says nothing of the other
    month = IssueRow.digest_month
    alike = month.is_not(None) if is_digest(session, campaign.issue_id) else month.is_(None)
    query = select(func.max(Campaign.id)).join(IssueRow, IssueRow.id == Campaign.issue_id)
    last = session.scalar(query.where(*earlier, alike))
    delivered = Receipt.facts.op("&")(DELIVERED) != 0
    if (
        last is None
        or session.scalar(select(Receipt.campaign_id).where(Receipt.campaign_id == last, delivered).limit(1)) is None
    ):
        return None
    return exists().where(Receipt.campaign_id == last, Receipt.subscriber_id == people.c.subscriber_id, delivered)


def behind_the_wave() -> ColumnElement[bool]:
    """Return the condition that a chunk waits for the first wave of its campaign."""
    return exists().where(Campaign.id == Chunk.campaign_id, Campaign.wave_to < Chunk.chunk_no).correlate(Chunk)


def first_wave(session: Session, campaign_id: int) -> FirstWave | None:
    """Return the wave that the rest of a campaign waits for; None: nothing waits."""
    mark = select(Campaign.wave_to, Campaign.wave_until).where(Campaign.id == campaign_id, Campaign.state.not_in(ENDED))
    row = session.execute(mark).one_or_none()
    if row is None or row.wave_to is None:
        return None
    last = select(Chunk.last).where(Chunk.campaign_id == campaign_id, Chunk.chunk_no == row.wave_to)
    return FirstWave(people=session.scalars(last).one() + 1, until=row.wave_until)


def sent_of_wave(session: Session, campaign_id: int) -> int | None:
    """Return how many mails of the first wave were accepted; None while some of it is still to be sent."""
    mine = select(Chunk.state, Chunk.sent).join(Campaign, Campaign.id == Chunk.campaign_id)
    rows = session.execute(mine.where(Chunk.campaign_id == campaign_id, Chunk.chunk_no <= Campaign.wave_to)).all()
    return sum(row.sent for row in rows) if all(row.state == "done" for row in rows) else None


def wait_until(session: Session, campaign_id: int, until: datetime) -> None:
    """Note that the wave was sent, and until when what comes back of it is waited for; the first to say so counts."""
    mine = (Campaign.id == campaign_id, Campaign.wave_to.is_not(None), Campaign.wave_until.is_(None))
    session.execute(update(Campaign).where(*mine).values(wave_until=until))


def let_the_rest_follow(session: Session, campaign_id: int) -> bool:
    """End the wave of a campaign that is sending; return whether there was one."""
    mine = (Campaign.id == campaign_id, Campaign.state == State.SENDING, Campaign.wave_to.is_not(None))
    ended = update(Campaign).where(*mine).values(wave_to=None, wave_until=None)
    return session.connection().execute(ended).rowcount > 0

"""What came back, as the reputation counts it: ends, bounces, complaints."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from newsletter.delivery.guarding.finding import Figures
from newsletter.delivery.models import Chunk
from newsletter.feedback.models import NO_CAMPAIGN, FeedbackTotal
from newsletter.feedback.rules import Meaning

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

BOUNCES = (Meaning.HARD, Meaning.WITHHELD)
"""What SES withholds by its global list it counts as a bounce, too."""
_OTHER_ENDS = (Meaning.DELIVERED, Meaning.SOFT, Meaning.REFUSED)


def figures_of(session: Session, campaign_id: int) -> Figures:
    """Return what came back of a campaign."""
    counts = _counts(session, FeedbackTotal.campaign_id == campaign_id)
    accepted = select(func.coalesce(func.sum(Chunk.sent), 0)).where(Chunk.campaign_id == campaign_id)
    return _figures(counts, accepted=session.scalars(accepted).one())


def heard_of(session: Session, campaign_id: int) -> int:
    """Return of how many mails anything came back."""
    counts = _counts(session, FeedbackTotal.campaign_id == campaign_id)
    return max(_ends(counts), counts.get(Meaning.SENT, 0))


def recent_figures(session: Session, since: date) -> Figures:
    """Return what came back of all campaigns from that day (UTC) on."""
    counts = _counts(session, FeedbackTotal.day >= since, FeedbackTotal.campaign_id != NO_CAMPAIGN)
    return _figures(counts, accepted=counts.get(Meaning.SENT, 0))


def recent_since(today: date, acknowledged: date | None, days: int) -> date:
    """Return the first of the last `days`, but for what somebody has said goes on all the same."""
    first = today - timedelta(days=days - 1)
    return first if acknowledged is None else max(first, acknowledged + timedelta(days=1))


def _counts(session: Session, *which: ColumnElement[bool]) -> Mapping[str, int]:
    query = select(FeedbackTotal.meaning, func.sum(FeedbackTotal.events)).where(*which)
    return {meaning: int(events) for meaning, events in session.execute(query.group_by(FeedbackTotal.meaning))}


def _figures(counts: Mapping[str, int], *, accepted: int) -> Figures:
    """Take those for all mails whose end is known; where deliveries are not told, those that were accepted.

    Without either there is nothing to measure harm by.
    """
    mails = _ends(counts) if counts.get(Meaning.DELIVERED) else accepted
    return Figures(
        mails, min(mails, sum(counts.get(each, 0) for each in BOUNCES)), min(mails, counts.get(Meaning.COMPLAINT, 0))
    )


def _ends(counts: Mapping[str, int]) -> int:
    return sum(counts.get(each, 0) for each in (*BOUNCES, *_OTHER_ENDS))

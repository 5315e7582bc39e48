"""What a digest is made of: the issues of a month that went out, and why others did not come into it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from newsletter.delivery.lifecycle import State
from newsletter.delivery.models import Campaign
from newsletter.errors import Refused
from newsletter.issues.codec import loads
from newsletter.issues.digest import digest_slug
from newsletter.issues.lifecycle import State as Revision
from newsletter.issues.models import IssueRevision, IssueRow

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from newsletter.issues.model import Issue, Period
    from subscribers.publication import Publication


@dataclass(frozen=True, slots=True)
class Month:
    """The issues of a month."""

    sent: tuple[Issue, ...]
    """By date."""
    left_out: tuple[str, ...]
    """Which others there are, and why they are not among them, for a person."""


def month_of_list(session: Session, publication: Publication, month: Period) -> Month:
    """Return the issues of a list that are dated in the month and whose campaign has come to its end.

    As they were finalized last: what was mended after it was sent is right in the digest. Raises Refused where none
    was sent.
    """
    rows = session.scalars(
        select(IssueRow)
        .where(IssueRow.list_id == publication.id, IssueRow.digest_month.is_(None))
        .where(IssueRow.date >= month.start, IssueRow.date <= month.end)
        .order_by(IssueRow.date, IssueRow.id)
    ).all()
    sent: list[Issue] = []
    left_out: list[str] = []
    for row in rows:
        if reason := _not_sent(session, row):
            left_out.append(f"issue {row.slug} is left out: {reason}")
        else:
            sent.append(_finalized(session, row))
    if not sent:
        raise Refused(_nothing_sent(publication, month, left_out))
    return Month(tuple(sent), tuple(left_out))


def _not_sent(session: Session, row: IssueRow) -> str:
    query = select(Campaign.id, Campaign.state).where(Campaign.issue_id == row.id).order_by(Campaign.id.desc())
    campaigns = session.execute(query).all()
    if any(each.state == State.SENT for each in campaigns):
        return ""
    if not campaigns:
        return "it was not sent"
    return f"its campaign {campaigns[0].id} is {campaigns[0].state}"


def _finalized(session: Session, row: IssueRow) -> Issue:
    query = select(IssueRevision.content).where(
        IssueRevision.issue_id == row.id, IssueRevision.state == Revision.FINALIZED
    )
    return loads(session.scalars(query.order_by(IssueRevision.revision.desc()).limit(1)).one())


def _nothing_sent(publication: Publication, month: Period, left_out: Sequence[str]) -> str:
    there = "; ".join(left_out) or "no issue of the list is dated in that month"
    return (
        f"No issue of {digest_slug(month)} was sent to the list {publication.slug}, so there is nothing to make a "
        f"digest of: {there}. A digest is made of issues whose campaign has come to its end."
    )

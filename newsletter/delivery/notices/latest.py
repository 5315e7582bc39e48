"""The issue that a welcome brings with it: the last one that was sent to the list, for those who did not get it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import exists, select

from newsletter.delivery.lifecycle import State
from newsletter.delivery.models import Campaign, Planned
from newsletter.issues import queries
from newsletter.issues.models import IssueRow
from subscribers.lists import ListStore
from subscribers.models import Subscription
from subscribers.preferences import Digest

if TYPE_CHECKING:
    from sqlalchemy import Row
    from sqlalchemy.orm import Session

    from newsletter.issues.model import Issue


def latest_issue(session: Session, list_id: int, subscriber_id: int) -> Issue | None:
    """Return the issue of the last campaign that came to its end, as it was sent.

    For those who chose one mail a month, the last digest; before there is any, and for everybody else, the last of the
    other issues. None where there is none, and where that campaign had planned this person. One that is being planned
    or sent does not count: whoever has just joined may be in its plan.
    """
    found = _last(session, list_id, digest=True) if _reads_monthly(session, list_id, subscriber_id) else None
    found = found or _last(session, list_id, digest=False)
    if found is None:
        return None
    theirs = exists().where(Planned.campaign_id == found.id, Planned.subscriber_id == subscriber_id)
    if session.scalar(select(theirs)):
        return None
    return queries.by_revision(session, found.revision_id).issue


def _last(session: Session, list_id: int, *, digest: bool) -> Row[int, int] | None:
    """Return the number and the revision of the last campaign of a digest, or of another issue."""
    month = IssueRow.digest_month
    query = (
        select(Campaign.id, Campaign.revision_id)
        .join(IssueRow, IssueRow.id == Campaign.issue_id)
        .where(Campaign.list_id == list_id, Campaign.state == State.SENT)
        .where(month.is_not(None) if digest else month.is_(None))
        .order_by(IssueRow.date.desc(), Campaign.id.desc())
    )
    return session.execute(query.limit(1)).one_or_none()


def _reads_monthly(session: Session, list_id: int, subscriber_id: int) -> bool:
    subscription = session.get(Subscription, (list_id, subscriber_id))
    offered = ListStore(session).by_id(list_id).policies.digest_offered
    return offered and subscription is not None and subscription.digest == Digest.MONTHLY

"""Which issue a slot of a list sends: the newest that was finalized as it is and that the list has not had.

A slot for digests sends those alone, any other none of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import and_, func, select
from sqlalchemy.orm import aliased

from newsletter.delivery.lifecycle import State
from newsletter.delivery.models import Campaign
from newsletter.issues.lifecycle import State as Revision
from newsletter.issues.models import IssueRevision, IssueRow
from newsletter.issues.queries import lock

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Sequence

    from sqlalchemy.orm import Session

_BEGUN = (State.PLANNING, State.SENDING, State.PAUSED, State.SENT)


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueNow:
    """An issue that a slot might send, as it stands."""

    id: int
    slug: str
    revision_id: int
    """Of the newest revision."""
    revision: int
    finalized: bool
    scheduled: bool
    """It has a time of its own, or waits for a person."""
    cancelled: bool
    """A campaign of this very content was cancelled."""


@dataclass(frozen=True, slots=True)
class Ready:
    """What a slot sends, and why not something newer."""

    issue: IssueNow | None
    notes: tuple[str, ...]


def ready(session: Session, list_id: int, before: dt.date, *, digest: bool) -> Ready:
    """Return what a slot of the list would send; issues of the date `before`, and later ones, wait for a later slot."""
    return decide(_issues(session, list_id, before, digest=digest))


def hold_ready(session: Session, list_id: int, before: dt.date, *, digest: bool) -> Ready:
    """Return the same, and let nobody change that issue before the end of the transaction."""
    held: set[int] = set()
    while True:
        found = ready(session, list_id, before, digest=digest)
        if found.issue is None or found.issue.id in held:
            return found
        lock(session, found.issue.id)  # somebody may have edited it, or begun it, until now: look again
        held.add(found.issue.id)


def decide(issues: Iterable[IssueNow]) -> Ready:
    """Return the first of the issues, the newest first, that may go out by itself, with what was passed over."""
    notes: list[str] = []
    for issue in issues:
        named = f"issue {issue.slug} (revision {issue.revision})"
        if issue.scheduled:
            notes.append(f"{named} has a time of its own, or waits for a person: `newsletter campaign list`")
        elif not issue.finalized:
            notes.append(f"{named} is a draft: `newsletter issue finalize {issue.slug}` freezes it")
        elif issue.cancelled:
            notes.append(f"{named} was cancelled")
        else:
            return Ready(issue, tuple(notes))
    return Ready(None, tuple(notes))


def _issues(session: Session, list_id: int, before: dt.date, *, digest: bool) -> Sequence[IssueNow]:
    """Return the list's digests, or its other issues, newer than the newest of them that went out, the newest first."""
    alike = IssueRow.digest_month.is_not(None) if digest else IssueRow.digest_month.is_(None)
    newest, revisions = aliased(IssueRevision), aliased(IssueRevision)
    number = select(func.max(revisions.revision)).where(revisions.issue_id == IssueRow.id).scalar_subquery()
    mine = select(Campaign.id).where(Campaign.list_id == list_id, Campaign.issue_id == IssueRow.id)
    cancelled = and_(Campaign.state == State.CANCELLED, Campaign.content_hash == newest.content_hash)
    went = (
        select(func.max(IssueRow.date))
        .join(Campaign, Campaign.issue_id == IssueRow.id)
        .where(Campaign.list_id == list_id, Campaign.state.in_(_BEGUN), alike)
    )
    query = (
        select(
            IssueRow.id,
            IssueRow.slug,
            newest.id.label("revision_id"),
            newest.revision,
            (newest.state == Revision.FINALIZED).label("finalized"),
            mine.where(Campaign.state == State.SCHEDULED).exists().label("scheduled"),
            mine.where(cancelled).exists().label("cancelled"),
        )
        .join(newest, and_(newest.issue_id == IssueRow.id, newest.revision == number))
        .where(IssueRow.list_id == list_id, IssueRow.date < before, alike)
    )
    if (last := session.scalar(went)) is not None:
        query = query.where(IssueRow.date > last)
    rows = session.execute(query.order_by(IssueRow.date.desc(), IssueRow.id.desc())).mappings()
    return [IssueNow(**row) for row in rows]

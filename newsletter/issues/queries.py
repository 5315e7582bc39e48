"""Finding issues: what commands, rendering and campaigns read."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from newsletter.errors import NotFound, Refused
from newsletter.issues.codec import loads
from newsletter.issues.lifecycle import State
from newsletter.issues.models import IssueRevision, IssueRow
from newsletter.issues.topics import check_topics, marks
from subscribers.lists import ListStore
from subscribers.models import List

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from newsletter.issues.model import Issue
    from subscribers.publication import Publication

_LIKE_A_DATE = re.compile(r"\d{4}-\d\d(?:-\d\d)?")
_NAMED = 5
"""Issues that are named when the one that was asked for is not there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredIssue:
    """One revision of an issue, with what it is called."""

    id: int
    revision_id: int
    list_id: int | None
    slug: str
    revision: int
    state: State
    content_hash: str
    created_at: dt.datetime
    finalized_at: dt.datetime | None
    edited: frozenset[int]
    """Positions where an editor has set topics or must-read."""
    digest_month: dt.date | None
    """Of a month's issues in one: the first day of the month."""
    issue: Issue


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueInfo:
    """A line of the list of issues; `state` and `revision` are the newest revision's."""

    list: str | None
    issue: str
    date: dt.date
    revision: int
    state: State
    languages: tuple[str, ...]
    created_at: dt.datetime
    digest_month: dt.date | None
    """As of a `StoredIssue`."""


def get(session: Session, reference: str, list_slug: str | None = None) -> StoredIssue:
    """Return the newest revision of the issue called `reference`: `2026-05-22`, or `list/2026-05-22`.

    Raises NotFound with the issues there are, Refused when several lists have one of that name.
    """
    row = find_row(session, reference, list_slug)
    return stored(row, newest_revision(session, row))


def by_revision(session: Session, revision_id: int) -> StoredIssue:
    """Return the revision with that key. Raises NotFound."""
    revision = session.get(IssueRevision, revision_id)
    row = session.get(IssueRow, revision.issue_id) if revision else None
    if revision is None or row is None:
        raise NotFound(f"There is no revision number {revision_id} of any issue.")
    return stored(row, revision)


def finalized(session: Session, reference: str, list_slug: str | None = None) -> tuple[Publication, IssueRevision, str]:
    """Return the list, the newest finalized revision and the slug of an issue that is about to be sent.

    An issue that belongs to no list yet is brought to the one that is named, or the only one there is; the session has
    to be one that writes. Raises NotFound, and Refused for an issue that was never finalized.
    """
    row = find_row(session, reference, list_slug)
    query = select(IssueRevision).where(IssueRevision.issue_id == row.id, IssueRevision.state == State.FINALIZED)
    revision = session.scalar(query.order_by(IssueRevision.revision.desc()).limit(1))
    if revision is None:
        raise Refused(
            f"Issue {row.slug} is a draft: look at it (`newsletter preview {row.slug}`), then freeze it with "
            f"`newsletter issue finalize {row.slug}`."
        )
    if row.list_id is not None:
        return ListStore(session).by_id(row.list_id), revision, row.slug
    publication = _only_list(session, row.slug, list_slug)
    bind_row(session, row, publication, loads(revision.content))
    return publication, revision, row.slug


def newer_draft(session: Session, revision: IssueRevision) -> int | None:
    """Return the number of the draft that the issue has since `revision` was finalized; None: there is none."""
    query = select(IssueRevision.revision).where(
        IssueRevision.issue_id == revision.issue_id, IssueRevision.revision > revision.revision
    )
    return session.scalar(query.order_by(IssueRevision.revision.desc()).limit(1))


def all_issues(session: Session) -> Sequence[IssueInfo]:
    """Return every issue, the latest date first."""
    query = select(IssueRow, List.slug).outerjoin(List, List.id == IssueRow.list_id)
    found = session.execute(query.order_by(IssueRow.date.desc(), IssueRow.id.desc()))
    return [_info(session, row, list_slug) for row, list_slug in found]


def find_row(session: Session, reference: str, list_slug: str | None = None) -> IssueRow:
    """Return the issue's row; one of the list that is named goes before one of no list. Raises as `get` does."""
    named, _, slug = reference.rpartition("/")
    if named and list_slug and named != list_slug:
        raise Refused(f"“{reference}” names the list “{named}”, but --list says “{list_slug}”.")
    wanted = named or list_slug
    query = select(IssueRow, List.slug).outerjoin(List, List.id == IssueRow.list_id).where(IssueRow.slug == slug)
    found = list(session.execute(query))
    if wanted is not None:
        of_list = [each for each in found if each[1] == wanted]
        found = of_list or [each for each in found if each[1] is None]
    if not found:
        raise NotFound(_not_found(session, reference, wanted))
    if len(found) > 1:
        names = ", ".join(f"{list_of}/{row.slug}" if list_of else f"{row.slug} (no list)" for row, list_of in found)
        raise Refused(f"“{slug}” may be one of several issues: {names}. Name it with its list.")
    return found[0][0]


def newest_revision(session: Session, row: IssueRow) -> IssueRevision:
    """Return the issue's revision with the highest number; an issue always has one."""
    query = select(IssueRevision).where(IssueRevision.issue_id == row.id)
    return session.scalars(query.order_by(IssueRevision.revision.desc()).limit(1)).one()


def is_digest(session: Session, issue_id: int) -> bool:
    """Return whether that issue is a month's issues in one."""
    query = select(IssueRow.id).where(IssueRow.id == issue_id, IssueRow.digest_month.is_not(None))
    return session.scalar(query) is not None


def lock(session: Session, issue_id: int) -> None:
    """Let nobody else change this issue, nor begin a campaign of it, before the end of the transaction.

    Rows that refer to it may be written meanwhile: who does would otherwise wait for us while we wait for them.
    """
    session.execute(select(IssueRow.id).where(IssueRow.id == issue_id).with_for_update(key_share=True))


def bind_row(session: Session, row: IssueRow, publication: Publication, issue: Issue) -> None:
    """Bring an issue without a list to one. Raises Refused for topics the list does not have, and for a taken name."""
    taken = select(IssueRow.id).where(IssueRow.list_id == publication.id, IssueRow.slug == row.slug)
    if session.scalar(taken) is not None:
        raise Refused(f"The list “{publication.slug}” has an issue {row.slug} already.")
    for document in issue.documents.values():
        for mark in marks(document):
            check_topics(mark.topics, publication.topics)
    row.list_id = publication.id
    session.flush()


def stored(row: IssueRow, revision: IssueRevision) -> StoredIssue:
    """Return the value of an issue's row and one of its revisions."""
    return StoredIssue(
        id=row.id,
        revision_id=revision.id,
        list_id=row.list_id,
        slug=row.slug,
        revision=revision.revision,
        state=State(revision.state),
        content_hash=revision.content_hash,
        created_at=revision.created_at,
        finalized_at=revision.finalized_at,
        edited=frozenset(revision.edited),
        digest_month=row.digest_month,
        issue=loads(revision.content),
    )


def _info(session: Session, row: IssueRow, list_slug: str | None) -> IssueInfo:
    newest = stored(row, newest_revision(session, row))
    return IssueInfo(
        list=list_slug,
        issue=row.slug,
        date=row.date,
        revision=newest.revision,
        state=newest.state,
        languages=tuple(newest.issue.documents),
        created_at=newest.created_at,
        digest_month=row.digest_month,
    )


def _only_list(session: Session, slug: str, list_slug: str | None) -> Publication:
    lists = ListStore(session)
    if list_slug is not None:
        return lists.get(list_slug)
    there_are = lists.all()
    if len(there_are) == 1:
        return there_are[0]
    names = f"There are: {', '.join(each.slug for each in there_are)}" if there_are else "There is no list yet"
    raise Refused(f"Issue {slug} belongs to no list: name one with --list. {names}.")


def _not_found(session: Session, reference: str, list_slug: str | None) -> str:
    there_are = [
        f"{info.list}/{info.issue}" if info.list else info.issue
        for info in all_issues(session)
        if list_slug in {None, info.list} or info.list is None
    ][:_NAMED]
    hint = f"The latest: {', '.join(there_are)}." if there_are else "Add one with `newsletter issue add FILE…`."
    where = f" in the list “{list_slug}”" if list_slug else ""
    return f"{_misnamed(reference)}There is no issue “{reference}”{where}. {hint}"


def _misnamed(reference: str) -> str:
    """Return what is wrong with a name that no issue can have, "" of one that it can."""
    slug = reference.rpartition("/")[2]
    if not _LIKE_A_DATE.fullmatch(slug):
        return f"“{slug}” is no date: an issue is called by its own, like 2026-05-22, and a month's digest 2026-05. "
    try:
        dt.date.fromisoformat(slug if slug.count("-") > 1 else f"{slug}-01")
    except ValueError:
        return f"“{slug}” is not in the calendar: an issue is called by its date, year-month-day. "
    return ""

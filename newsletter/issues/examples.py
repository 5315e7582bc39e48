"""What a topic is about, shown by example: a headline of each from the latest issue."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import select

from newsletter.issues.codec import loads
from newsletter.issues.lifecycle import State
from newsletter.issues.models import IssueRevision, IssueRow

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.orm import Session

    from newsletter.issues.model import Issue


class Example(NamedTuple):
    """A headline."""

    title: str
    language: str
    """What it is written in."""


def latest_finalized(session: Session, list_id: int) -> Issue | None:
    """Return the newest issue of a list that is frozen, no digest, as it was frozen last; None: it has none."""
    query = (
        select(IssueRevision.content)
        .join(IssueRow, IssueRow.id == IssueRevision.issue_id)
        .where(IssueRow.list_id == list_id, IssueRow.digest_month.is_(None), IssueRevision.state == State.FINALIZED)
        .order_by(IssueRow.date.desc(), IssueRow.id.desc(), IssueRevision.revision.desc())
    )
    content = session.scalar(query.limit(1))
    return None if content is None else loads(content)


def examples(issue: Issue, languages: Sequence[str]) -> Mapping[str, Example]:
    """Return the first headline of each topic, in the first of `languages` that the issue is written in, else any."""
    written = [each for each in languages if each in issue.documents] or list(issue.documents)
    found: dict[str, Example] = {}
    for _, _, item in issue.documents[written[0]].items():
        for topic in item.topics if item.title else ():
            found.setdefault(topic, Example(item.title, written[0]))
    return found

"""What came back, by the domains that the mails went to and by whose mailboxes those are."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from sqlalchemy import case, func, literal, select

from newsletter.feedback.mailboxes import FAMILIES, OTHER
from newsletter.feedback.models import FeedbackCount

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import ColumnElement, Subquery
    from sqlalchemy.orm import InstrumentedAttribute, Session


def by_provider(session: Session) -> Mapping[str, Mapping[str, int]]:
    """Return the events of each mailbox provider by what they were taken for, the most events first."""
    counts = select(
        provider_column(FeedbackCount.domain).label("provider"), FeedbackCount.meaning, FeedbackCount.events
    ).where(FeedbackCount.domain != "")
    return _counted(session, counts.subquery())


def by_domain(session: Session, *, limit: int) -> Mapping[str, Mapping[str, int]]:
    """Return the same of the `limit` domains with the most events."""
    largest = (
        select(FeedbackCount.domain)
        .where(FeedbackCount.domain != "")
        .group_by(FeedbackCount.domain)
        .order_by(func.sum(FeedbackCount.events).desc(), FeedbackCount.domain)
        .limit(limit)
    )
    counts = select(FeedbackCount.domain, FeedbackCount.meaning, FeedbackCount.events)
    return _counted(session, counts.where(FeedbackCount.domain.in_(largest)).subquery())


def provider_column(domain: ColumnElement[str] | InstrumentedAttribute[str]) -> ColumnElement[str]:
    """Return `mailboxes.provider_of` of a column, in SQL."""
    families = [(domain.in_(sorted(domains)), literal(name)) for name, domains in FAMILIES.items()]
    return case(*families, else_=literal(OTHER))


def _counted(session: Session, counts: Subquery) -> Mapping[str, Mapping[str, int]]:
    name, meaning, events = counts.c
    parts: dict[str, dict[str, int]] = defaultdict(dict)
    query = select(name, meaning, func.sum(events)).group_by(name, meaning).order_by(meaning)
    for each, what, number in session.execute(query):
        if number:
            parts[each][what] = int(number)
    return dict(sorted(parts.items(), key=lambda part: (-sum(part[1].values()), part[0])))

"""Events as they were kept, read again."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import or_, select

from newsletter.feedback.events import Unreadable, read_message
from newsletter.feedback.models import SAYS_SOMETHING, FeedbackEvent
from newsletter.feedback.packing import unpack
from newsletter.feedback.rules import Meaning
from newsletter.feedback.storing import Placed

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from datetime import datetime

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

_log = logging.getLogger(__name__)

_BATCH = 1_000


@dataclass(frozen=True, slots=True)
class Scope:
    """Which events are read again; all of them, where nothing is said."""

    since: datetime | None = None
    """Only those of what happened since."""
    campaign_id: int | None = None

    def query(self) -> Select[FeedbackEvent]:
        """Select them in the order of keys; opens and clicks were not kept."""
        query = select(FeedbackEvent).where(FeedbackEvent.body.is_not(None)).order_by(FeedbackEvent.key)
        if self.since is not None:
            query = query.where(FeedbackEvent.at >= self.since)
        return query if self.campaign_id is None else query.where(FeedbackEvent.campaign_id == self.campaign_id)


def page(session: Session, scope: Scope, after: bytes, *, size: int) -> tuple[Sequence[Placed], int, bytes]:
    """Return the events after that key as they were taken then, how many rows that was, and the last key."""
    rows = session.scalars(scope.query().where(FeedbackEvent.key > after).limit(size)).all()
    found = [placed for row in rows if (placed := _read(row)) is not None]
    return found, len(rows), bytes(rows[-1].key) if rows else after


def about_people(session: Session, people: Collection[int], *, or_nobody: bool) -> Iterator[tuple[Placed, datetime]]:
    """Yield what was ever said of these people but that mails were sent and delivered, and when it came.

    `or_nobody`: also what was said of mails that were nobody's: test mails, notifications without tags.
    """
    nobody = [FeedbackEvent.subscriber_id.is_(None)] if or_nobody else []
    query = select(FeedbackEvent).where(or_(FeedbackEvent.subscriber_id.in_(people), *nobody), SAYS_SOMETHING)
    for row in session.scalars(query, execution_options={"yield_per": _BATCH}):
        if (placed := _read(row)) is not None:
            yield placed, row.received_at


def _read(row: FeedbackEvent) -> Placed | None:
    """Return a kept event; None where it cannot be read any more."""
    try:
        events = read_message(unpack(row.body)).events if row.body else ()
        event = next(each for each in events if each.key == bytes(row.key))
        return Placed(event, Meaning(row.meaning), row.campaign_id, row.subscriber_id, row.at)
    except (Unreadable, ValueError, StopIteration) as error:
        _log.warning("A kept event cannot be read again (%s): it stays as it was taken.", type(error).__name__)
        return None

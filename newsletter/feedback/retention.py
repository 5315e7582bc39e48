"""Events and unreadable messages are kept for a while, for whoever asks what was said; what follows from them stays.

Their keys begin with the time of their mails, so that the oldest lie together at one end of the table.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, select

from newsletter.feedback.events import beginning_of
from newsletter.feedback.models import FeedbackEvent, Quarantined

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from subscribers.database import Database

_BATCH = 1_000


@dataclass
class Purged:
    """How many are gone."""

    events: int = 0
    quarantined: int = 0

    def as_json(self) -> dict[str, int]:
        """Return the documented form."""
        return {"events": self.events, "quarantined": self.quarantined}


def _never(_seconds: float) -> bool:
    return False


def due_of(session: Session, before: datetime) -> Purged:
    """Return how many came before that time."""
    events = select(func.count()).select_from(FeedbackEvent).where(*_old(before))
    aside = select(func.count()).select_from(Quarantined).where(Quarantined.received_at < before)
    return Purged(session.scalar(events) or 0, session.scalar(aside) or 0)


def purge(
    database: Database, before: datetime, *, wait: Callable[[float], bool] = _never, batch: int = _BATCH
) -> Purged:
    """Forget events and unreadable messages that came before that time, a batch a transaction.

    Stopped in between (`wait` returns whether to), the next one goes on. An event that comes again after it was
    forgotten counts a second time: `before` lies further back than any queue keeps messages.
    """
    found, after = Purged(), b""
    while not wait(0):
        with database.write() as session:
            keys = _oldest(session, before, after, batch)
            session.execute(delete(FeedbackEvent).where(FeedbackEvent.key.in_(keys)), execution_options=_BY_SQL)
        found.events += len(keys)
        if len(keys) < batch:
            break
        after = keys[-1]
    with database.write() as session:
        old = delete(Quarantined).where(Quarantined.received_at < before)
        found.quarantined = session.connection().execute(old).rowcount
    return found


def _oldest(session: Session, before: datetime, after: bytes, batch: int) -> list[bytes]:
    query = select(FeedbackEvent.key).where(FeedbackEvent.key > after, *_old(before))
    return [bytes(key) for key in session.scalars(query.order_by(FeedbackEvent.key).limit(batch))]


def _old(before: datetime) -> Sequence[ColumnElement[bool]]:
    # what came before is of a mail from before; its key tells, but for mails whose id is none of SES's
    return FeedbackEvent.key < beginning_of(before), FeedbackEvent.received_at < before


_BY_SQL = {"synchronize_session": False}

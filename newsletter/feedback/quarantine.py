"""Messages that could not be read or applied: kept aside whole, in nobody's way."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from newsletter.errors import NotFound
from newsletter.feedback.events import KEY_BYTES
from newsletter.feedback.models import Quarantined
from newsletter.feedback.packing import pack, unpack
from newsletter.feedback.upsert import inserting

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class Aside:
    """A message that was kept aside."""

    id: int
    stream: str
    reason: str
    received_at: datetime
    body: str


def set_aside(session: Session, reasons: Mapping[str, str], *, stream: str, now: datetime) -> int:
    """Keep messages aside, given with the reason why; return how many were not here before."""
    rows = [
        {
            "key": blake2b(body.encode("utf-8", "surrogatepass"), digest_size=KEY_BYTES).digest(),
            "stream": stream,
            "reason": reason,
            "received_at": now,
            "body": pack(body),
        }
        for body, reason in reasons.items()
    ]
    if not rows:
        return 0
    rows.sort(key=lambda row: str(row["key"]))
    statement = inserting(session, Quarantined).on_conflict_do_nothing()
    return len(session.connection().execute(statement.returning(Quarantined.id), rows).all())


def quarantined(session: Session, *, limit: int = 100) -> Sequence[Aside]:
    """Return what was kept aside last."""
    rows = session.scalars(select(Quarantined).order_by(Quarantined.id.desc()).limit(limit))
    return [_aside(row) for row in rows]


def quarantined_message(session: Session, number: int) -> Aside:
    """Return one message that was kept aside. Raises NotFound."""
    row = session.get(Quarantined, number)
    if row is None:
        raise NotFound(f"No message {number} was kept aside: `newsletter feedback quarantine` shows those there are.")
    return _aside(row)


def quarantine_size(session: Session) -> int:
    """Return how many messages are kept aside."""
    return session.scalar(select(func.count()).select_from(Quarantined)) or 0


def _aside(row: Quarantined) -> Aside:
    return Aside(id=row.id, stream=row.stream, reason=row.reason, received_at=row.received_at, body=unpack(row.body))

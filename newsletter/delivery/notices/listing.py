"""The mails outside campaigns as a person looks at them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from newsletter.delivery.notices.lifecycle import State
from newsletter.delivery.notices.models import Notice
from subscribers.models import List, Subscriber

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeInfo:
    """One mail."""

    id: int
    kind: str
    list: str
    """Slug of the list."""
    state: State
    created_at: datetime
    sent_at: datetime | None
    not_before: datetime
    tries: int
    reason: str
    message_id: str | None
    email: str
    """Where it went or is to go; for those alone who may see addresses."""

    def as_json(self, *, with_addresses: bool) -> dict[str, Any]:
        """Return the documented form."""
        waits = self.state is State.WAITING
        return {
            "notice": self.id,
            "kind": self.kind,
            "list": self.list,
            "state": self.state.value,
            "created_at": self.created_at.isoformat(),
            "sent_at": self.sent_at.isoformat() if self.sent_at else None,
            "next_try_at": self.not_before.isoformat() if waits else None,
            "tries": self.tries,
            **({"email": self.email, "reason": self.reason, "message_id": self.message_id} if with_addresses else {}),
        }


def newest_notices(session: Session, states: Collection[State] = (), *, limit: int = 50) -> Sequence[NoticeInfo]:
    """Return the last mails that were asked for, the newest first; `states`: those alone, where some are named."""
    query = (
        select(
            Notice.id,
            Notice.kind,
            List.slug.label("list"),
            Notice.state,
            Notice.created_at,
            Notice.sent_at,
            Notice.not_before,
            Notice.tries,
            func.coalesce(Notice.reason, "").label("reason"),
            Notice.message_id,
            func.coalesce(Notice.email, Subscriber.email).label("email"),
        )
        .join(List, List.id == Notice.list_id)
        .join(Subscriber, Subscriber.id == Notice.subscriber_id)
        .order_by(Notice.id.desc())
        .limit(limit)
    )
    if states:
        query = query.where(Notice.state.in_([state.value for state in states]))
    rows = session.execute(query).mappings()
    return [NoticeInfo(**{**row, "state": State(row["state"])}) for row in rows]

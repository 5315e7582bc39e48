"""A post office that keeps its orders, each in the transaction that gives it: rolled back, it was never given."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import event

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from subscribers.ports import NoticeKind


class Order(NamedTuple):
    """A notice that is to be sent."""

    kind: NoticeKind
    list_id: int
    subscriber_id: int
    confirmation_id: int | None
    email: str | None
    language: str
    now: datetime


@dataclass
class FakePost:
    """What a test looks into."""

    orders: list[Order] = field(default_factory=list)

    def put(
        self,
        session: Session,
        kind: NoticeKind,
        *,
        list_id: int,
        subscriber_id: int,
        confirmation_id: int | None = None,
        email: str | None = None,
        language: str = "",
        now: datetime,
    ) -> None:
        """Take an order; it counts once the transaction is committed."""
        order = Order(kind, list_id, subscriber_id, confirmation_id, email, language, now)
        event.listen(session, "after_commit", lambda _session: self.orders.append(order), once=True)

    @property
    def last(self) -> Order:
        """The newest order."""
        return self.orders[-1]

    def kinds(self) -> list[str]:
        """Return what was ordered, in order."""
        return [order.kind.value for order in self.orders]

"""Who sends which mail, what is about to happen to it, what came of it.

Every write is conditional on the claim's token (fencing): a sender whose claim was taken over writes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import ColumnElement, and_, case, exists, false, func, literal, or_, select, true, update
from sqlalchemy.orm import aliased

from newsletter.delivery.claims import database_clock
from newsletter.delivery.notices.deciding import Facts, Order
from newsletter.delivery.notices.lifecycle import State, delay
from newsletter.delivery.notices.models import Notice
from subscribers.models import Confirmation, Subscriber, Subscription, Suppression
from subscribers.ports import NoticeKind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from subscribers.database import Database

_LONGEST = 255
_NEWER = aliased(Notice)


class Dead(NamedTuple):
    """A mail whose sender died, or stood still for longer than its claim held."""

    id: int
    token: str | None
    label: str | None
    inflight_via: str | None
    message_id: str | None
    """Given by an event that proves that it was accepted."""

    @property
    def delivery_id(self) -> str:
        """What the outside calls it."""
        return f"{self.label}.{self.id}"


@dataclass(frozen=True)
class NoticeLedger:
    """The table `notices`, as senders compete for its rows."""

    database: Database
    token: Callable[[], str]
    """Makes a fencing token that was never used before."""
    seconds: float = 120.0
    """How long a claim holds; longer than any call may take."""

    def claim(self, now: datetime) -> Order | None:
        """Take the next mail that is due; None: there is none.

        Mostly there is none: that is found out by reading alone, which keeps nobody waiting.
        """
        with self.database.read() as session:
            if session.scalar(select(Notice.id).where(_is_due(now)).limit(1)) is None:
                return None
        token = self.token()
        wanted = select(Notice.id).where(_is_due(now)).order_by(Notice.rank, Notice.id).limit(1)
        statement = (
            update(Notice)
            .where(
                Notice.id == wanted.with_for_update(skip_locked=True).scalar_subquery(),
                Notice.state == State.WAITING,
            )
            .values(state=State.CLAIMED.value, lease_token=token, lease_until=self._lease_end(now))
            .returning(*_ORDERED)
        )
        with self.database.write() as session:
            row = session.connection().execute(statement).one_or_none()
        return None if row is None else Order(token=token, **row._mapping)  # noqa: SLF001 - public, whatever its name

    def look(self, order: Order) -> Facts:
        """Return how things stand with the mail."""
        with self.database.read() as session:
            return _facts(session, order)

    def intend(self, order: Order, facts: Facts, *, via: str, label: str, at: datetime) -> bool:
        """Write that the mail is about to be handed to transport `via`, dated `at`.

        False, and nothing is written, when the claim is lost or anything is not as `facts` say any more.
        """
        with self.database.write() as session:
            if _facts(session, order) != facts:
                return False
            return _matched(session, order, inflight_via=via, label=label, sent_at=at)

    def end(self, order: Order, state: State, *, reason: str | None = None, message_id: str | None = None) -> None:
        """Write what became of the mail, for good. Nothing happens when the claim is lost."""
        values: dict[str, Any] = {"state": state.value, "reason": _short(reason), "message_id": _short(message_id)}
        if state is State.UNCERTAIN:  # unless it is proven already
            values["message_id"] = Notice.message_id
            values["state"] = case((Notice.message_id.is_not(None), State.SENT.value), else_=state.value)
        elif state is not State.SENT:
            values["sent_at"] = None
        with self.database.write() as session:
            _matched(session, order, **values, **_RELEASED)

    def put_back(self, order: Order, now: datetime, *, reason: str) -> None:
        """Write that the mail was certainly not accepted; it waits, the longer the more often that was so."""
        tries = order.tries + 1
        with self.database.write() as session:
            _matched(
                session,
                order,
                **_WAITING,
                tries=min(tries, 1000),
                not_before=now + delay(tries),
                reason=_short(reason),
            )

    def release(self, order: Order) -> None:
        """Give the mail back as it was: nothing was tried."""
        with self.database.write() as session:
            _matched(session, order, **_WAITING)

    def ended(self, order: Order) -> bool:
        """Return whether a write whose end nobody was told of was committed."""
        with self.database.read() as session:
            return session.scalar(select(Notice.id).where(_is_mine(order))) is None

    def dead(self, now: datetime) -> Sequence[Dead]:
        """Return mails whose claim has run out, some hundred at most."""
        query = select(Notice.id, Notice.lease_token, Notice.label, Notice.inflight_via, Notice.message_id).where(
            self._expired(now)
        )
        with self.database.read() as session:
            return [Dead(*row) for row in session.execute(query.order_by(Notice.id).limit(100))]

    def bury(self, dead: Dead, accepted: bool | None, now: datetime) -> State | None:  # noqa: FBT001 - three answers
        """Write what became of a dead sender's mail; `accepted` None: nobody knows. None: somebody else did."""
        values: Mapping[str, Any]
        if dead.message_id is None and (dead.inflight_via is None or accepted is False):
            state, values = State.WAITING, _WAITING
        elif accepted or dead.message_id is not None:
            state, values = State.SENT, {"state": State.SENT.value, **_RELEASED}
        else:
            reason = "the sender was interrupted while it handed the mail over"
            state, values = State.UNCERTAIN, {"state": State.UNCERTAIN.value, "reason": reason, **_RELEASED}
        statement = update(Notice).where(Notice.id == dead.id, Notice.lease_token == dead.token, self._expired(now))
        with self.database.write() as session:
            return state if session.connection().execute(statement.values(values)).rowcount else None

    def _expired(self, now: datetime) -> ColumnElement[bool]:
        clock = literal(now, Notice.lease_until.type) if self.database.is_sqlite else database_clock()
        return and_(Notice.state == State.CLAIMED, Notice.lease_until < clock)

    def _lease_end(self, now: datetime) -> datetime | ColumnElement[datetime]:
        end = timedelta(seconds=self.seconds)
        return now + end if self.database.is_sqlite else database_clock() + end


def anything_due(session: Session, now: datetime) -> bool:
    """Return whether a mail could be sent now, or is being sent."""
    under_way = Notice.state == State.CLAIMED
    return session.scalar(select(Notice.id).where(or_(under_way, _is_due(now))).limit(1)) is not None


def count_states(session: Session) -> Mapping[tuple[str, str], int]:
    """Return how many mails of each kind are in each state."""
    rows = session.execute(select(Notice.kind, Notice.state, func.count()).group_by(Notice.kind, Notice.state))
    return {(kind, state): number for kind, state, number in rows}


def _is_due(now: datetime) -> ColumnElement[bool]:
    return and_(Notice.state == State.WAITING, Notice.not_before <= now)


def _is_mine(order: Order) -> ColumnElement[bool]:
    return and_(Notice.id == order.id, Notice.lease_token == order.token)


def _matched(session: Session, order: Order, **values: Any) -> bool:  # noqa: ANN401 - columns, each of its own type
    statement = update(Notice).where(_is_mine(order)).values(values)
    return session.connection().execute(statement).rowcount > 0


def _facts(session: Session, order: Order) -> Facts:
    target = Subscriber.email if order.email is None else literal(order.email)
    newer = exists().where(
        true() if order.kind == NoticeKind.CONFIRM else false(),
        _NEWER.kind == order.kind,
        _NEWER.list_id == order.list_id,
        _NEWER.subscriber_id == order.subscriber_id,
        _NEWER.id > order.id,
    )
    query = (
        select(
            target.label("email"),
            Subscriber.name,
            exists().where(Suppression.email == target).label("is_suppressed"),
            Subscription.status,
            func.coalesce(Subscription.languages, "").label("languages"),
            func.coalesce(Subscription.topics, "").label("topics"),
            func.coalesce(Subscription.topics_excluded, "").label("excluded"),
            Confirmation.expires_at,
            Confirmation.used_at.is_not(None).label("is_used"),
            newer.label("is_superseded"),
        )
        .select_from(Subscriber)
        .outerjoin(
            Subscription,
            and_(Subscription.subscriber_id == Subscriber.id, Subscription.list_id == order.list_id),
        )
        .outerjoin(Confirmation, Confirmation.id == order.confirmation_id)
        .where(Subscriber.id == order.subscriber_id)
    )
    row = session.execute(query).one_or_none()
    if row is None:
        return _NOBODY
    return Facts(**row._mapping)  # noqa: SLF001 - as above


def _short(said: str | None) -> str | None:
    """Cut what others said to what the columns hold."""
    return said[:_LONGEST] if said else None


_ORDERED = (
    Notice.id,
    Notice.kind,
    Notice.list_id,
    Notice.subscriber_id,
    Notice.confirmation_id,
    Notice.email,
    Notice.language,
    Notice.not_after,
    Notice.tries,
)
_RELEASED: Mapping[str, Any] = {"lease_token": None, "lease_until": None, "inflight_via": None}
_WAITING: Mapping[str, Any] = {"state": State.WAITING.value, "sent_at": None, "message_id": None, **_RELEASED}
_NOBODY = Facts(
    email=None,
    name="",
    is_suppressed=False,
    status=None,
    languages="",
    topics="",
    excluded="",
    expires_at=None,
    is_used=False,
    is_superseded=False,
)

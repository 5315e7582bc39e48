"""What of people is kept for a while only, and how it goes: rule by rule, a batch a transaction."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

from sqlalchemy import ColumnElement, and_, delete, exists, func, inspect, or_, select, update

from subscribers.attempts import Attempt
from subscribers.lifecycle import Status
from subscribers.models import Confirmation, Consent, Formerly, Subscriber, Subscription

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import DeclarativeBase, Session

    from subscribers.database import Database
    from subscribers.publication import Publication

    Wait = Callable[[float], bool]
    """Waits that many seconds; returns whether to stop, at once when it is so."""

ANSWERED = timedelta(days=90)
"""How long a request is kept that was confirmed or ran out, so that its link can say so."""
_BATCH = 1_000


class Rule(Protocol):
    """Something that is kept for a while only."""

    def due(self, session: Session) -> Mapping[str, int]:
        """Return how many rows of what would go now."""
        ...

    def run(self, database: Database, wait: Wait) -> Mapping[str, int]:
        """Let them go; return how many rows of what did. Stopped in between, the next one goes on."""
        ...


@dataclass(frozen=True, kw_only=True)
class Rows:
    """Rows of a table that are too old, and go: whole, or what of them is `blanked`."""

    what: str
    model: type[DeclarativeBase]
    old: ColumnElement[bool]
    blanked: Mapping[str, object] | None = None
    batch: int = _BATCH

    def due(self, session: Session) -> Mapping[str, int]:
        """Return how many there are."""
        return {self.what: session.scalar(select(func.count()).select_from(self.model).where(self.old)) or 0}

    def run(self, database: Database, wait: Wait) -> Mapping[str, int]:
        """Let them go. They are looked for before anybody is kept from writing."""
        key = inspect(self.model).primary_key[0]
        gone = 0
        while not wait(0):
            with database.read() as session:
                keys = session.scalars(select(key).where(self.old).limit(self.batch)).all()
            mine = and_(key.in_(keys), self.old)
            go = delete(self.model) if self.blanked is None else update(self.model).values(**self.blanked)
            if keys:
                with database.write() as session:
                    gone += session.connection().execute(go.where(mine)).rowcount
            if len(keys) < self.batch:
                break
        return {self.what: gone}


@dataclass(frozen=True, kw_only=True)
class Unconfirmed:
    """Requests that nobody confirmed. Who had left and asks to come back counts as gone until they confirm."""

    publication: Publication
    now: datetime
    batch: int = 200
    what: str = "unconfirmed"

    def due(self, session: Session) -> Mapping[str, int]:
        """Return how many there are."""
        return {self.what: session.scalar(select(func.count()).select_from(Subscription).where(self._old())) or 0}

    def run(self, database: Database, wait: Wait) -> Mapping[str, int]:
        """Let them go, and the people with them who are on no other list."""
        gone = 0
        while not wait(0):
            with database.write() as session:
                query = select(Subscription).where(self._old()).limit(self.batch)
                found = session.scalars(query.with_for_update(of=Subscription)).all()
                for each in found:
                    self._let_go(session, each)
            gone += len(found)
            if len(found) < self.batch:
                break
        return {self.what: gone}

    def _old(self) -> ColumnElement[bool]:
        before = self.now - timedelta(days=self.publication.policies.unconfirmed_days)
        theirs = and_(
            Confirmation.list_id == Subscription.list_id, Confirmation.subscriber_id == Subscription.subscriber_id
        )
        return and_(
            Subscription.list_id == self.publication.id,
            Subscription.status == Status.PENDING,
            Subscription.updated_at < before,
            ~exists().where(theirs, Confirmation.created_at >= before),
        )

    def _let_go(self, session: Session, subscription: Subscription) -> None:
        person = subscription.subscriber_id
        log = (Consent.list_id == subscription.list_id, Consent.subscriber_id == person)
        session.delete(subscription)
        session.execute(delete(Consent).where(*log))
        session.execute(
            delete(Confirmation).where(
                Confirmation.list_id == subscription.list_id, Confirmation.subscriber_id == person
            )
        )
        session.flush()
        elsewhere = exists().where(Subscription.subscriber_id == Subscriber.id)
        session.execute(delete(Subscriber).where(Subscriber.id == person, ~elsewhere))


def of_list(publication: Publication, now: datetime) -> Sequence[Rule]:
    """Return what a list's policies say of its people."""
    networks = now - timedelta(days=publication.policies.ip_days)
    mine = and_(Consent.list_id == publication.id, Consent.ip != "", Consent.at < networks)
    return [
        Unconfirmed(publication=publication, now=now),
        Rows(what="networks", model=Consent, old=mine, blanked={"ip": ""}),
    ]


def of_people(publications: Sequence[Publication], now: datetime) -> Sequence[Rule]:
    """Return what goes whatever list it is of."""
    weeks = max((each.policies.ledger_weeks for each in publications), default=0)
    over = or_(Confirmation.used_at.is_not(None), Confirmation.expires_at < now)
    answered = and_(Confirmation.created_at < now - ANSWERED, Confirmation.expires_at < now - ANSWERED, over)
    return [
        Rows(what="confirmations", model=Confirmation, old=answered),
        # mails of that time can be made again no longer than it is known whom they went to
        Rows(what="former names", model=Formerly, old=Formerly.until < now - timedelta(weeks=weeks)),
        Rows(what="attempts", model=Attempt, old=Attempt.until < now),
    ]


def due_of(session: Session, rules: Sequence[Rule]) -> Mapping[str, int]:
    """Return how many rows of what would go now."""
    return _sum(rule.due(session) for rule in rules)


def run(database: Database, rules: Sequence[Rule], wait: Wait) -> Mapping[str, int]:
    """Let everything go that is due; return how many rows of what did."""
    return _sum(rule.run(database, wait) for rule in rules)


def _sum(parts: Iterable[Mapping[str, int]]) -> Mapping[str, int]:
    total: Counter[str] = Counter()
    for part in parts:
        for what, rows in part.items():
            total[what] += rows
    return dict(total)

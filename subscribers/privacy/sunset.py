"""Sunset: who gives no sign of life for months is asked once whether they still want a list, and else taken off it.

A sign of life is what only somebody does who reads: an open or a click that no machine made, where SES is told to
track them, and anything that they themselves have written into the log of consents. That a page was looked at is none:
the scanners of mailboxes follow every link. Signs are noted, by the day, for lists with this policy alone, and nobody
is silent for longer than that: so the first are asked when the policy is as old as the silence it speaks of.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import and_, delete, exists, false, func, or_, select, true, tuple_, update

from subscribers.asking import ask_by_mail
from subscribers.confirmations import Kind
from subscribers.lifecycle import Action, Event, Status
from subscribers.models import Confirmation, Consent, Subscriber, Subscription, Suppression
from subscribers.privacy.models import Sunset
from subscribers.steps import move

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import InstrumentedAttribute, Session

    from subscribers.ports import Post
    from subscribers.publication import Publication

    Reached = Callable[[Session, Sequence[int]], Collection[int]]
    """Returns those of these confirmations whose mail has certainly gone out."""

SOURCE = "sunset"
_BY_SQL = {"synchronize_session": False}
_NOT_THEIRS = (Action.SUPPRESSED, Action.REINSTATED, Action.UNSUBSCRIBED, Action.REQUESTED)
"""What others may have done, and what says nothing of reading."""


@dataclass(frozen=True, slots=True)
class Silence:
    """How a list's silent people stand."""

    silent: int
    """To be asked."""
    unanswered: int
    """Asked, and their time is over."""


def listen(session: Session, publication: Publication, now: datetime) -> datetime | None:
    """Return since when signs of life are noted for a list, from now on if not before; None: it has no such policy."""
    if not publication.policies.sunset_months:
        session.execute(delete(Sunset).where(Sunset.list_id == publication.id))
        return None
    found = session.get(Sunset, publication.id)
    if found is None:
        found = Sunset(list_id=publication.id, since=now)
        session.add(found)
        session.flush()
    return found.since


def listening_since(session: Session, publication: Publication) -> datetime | None:
    """Return since when signs of life are noted; None: they are not yet."""
    return session.scalar(select(Sunset.since).where(Sunset.list_id == publication.id))


def silent_since(publication: Publication, now: datetime) -> datetime:
    """Return since when nobody who is asked gave a sign of life: so many months of the calendar ago."""
    year, month = divmod(now.year * 12 + now.month - 1 - publication.policies.sunset_months, 12)
    return now.replace(year=year, month=month + 1, day=min(now.day, monthrange(year, month + 1)[1]))


def seen(session: Session, people: Collection[tuple[int, int]], now: datetime) -> int:
    """Note that these (list, subscriber) gave a sign of life; return for how many that is new today.

    Nothing is noted for lists that have no such policy. Some hundred at a time.
    """
    day = now.replace(hour=0, minute=0, second=0, microsecond=0)
    listens = select(Sunset.list_id)
    wanted = sorted({each for each in people if None not in each})
    if not wanted:
        return 0
    key = (Subscription.list_id, Subscription.subscriber_id)
    news = or_(Subscription.seen_at.is_(None), Subscription.seen_at < day)
    mine = select(*key).where(tuple_(*key).in_(wanted), Subscription.list_id.in_(listens), news)
    # in order, and nobody is waited for: two who note at once do not wait for each other crosswise
    free = [tuple(row) for row in session.execute(mine.order_by(*key).with_for_update(skip_locked=True))]
    if free:
        session.execute(
            update(Subscription).where(tuple_(*key).in_(free)).values(seen_at=day), execution_options=_BY_SQL
        )
    return len(free)


def silence(session: Session, publication: Publication, now: datetime) -> Silence:
    """Return how many would be asked, and taken off, now."""

    def count(where: ColumnElement[bool]) -> int:
        return session.scalar(select(func.count()).select_from(Subscription).where(where)) or 0

    return Silence(count(_silent(session, publication, now)), count(_unanswered(publication, now)))


def ask_the_silent(session: Session, publication: Publication, *, post: Post, now: datetime, limit: int) -> int:
    """Ask up to `limit` silent people whether they still want the list; return how many that were."""
    query = select(Subscription).where(_silent(session, publication, now)).limit(limit)
    found = session.scalars(query.with_for_update(of=Subscription)).all()
    for each in found:
        days = publication.policies.sunset_answer_days
        ask_by_mail(session, Kind.REPERMISSION, each, days=days, post=post, now=now)
    return len(found)


def let_the_unanswered_go(
    session: Session, publication: Publication, *, reached: Reached, now: datetime, limit: int
) -> tuple[int, int]:
    """Take up to `limit` people off the list who did not answer in time; return how many were looked at, and taken off.

    Who was not `reached` was not asked, and will be once more.
    """
    query = select(Subscription).where(_unanswered(publication, now)).limit(limit)
    found = {each.subscriber_id: each for each in session.scalars(query.with_for_update(of=Subscription))}
    asked = select(Confirmation).where(
        Confirmation.list_id == publication.id,
        Confirmation.subscriber_id.in_(found),
        Confirmation.kind == Kind.REPERMISSION,
        Confirmation.used_at.is_(None),
        Confirmation.expires_at <= now,
    )
    rows = session.scalars(asked).all()
    got_it = reached(session, [row.id for row in rows])
    gone = {row.subscriber_id for row in rows if row.id in got_it}
    for number in sorted(gone):
        move(session, found[number], Event.LEAVE, Action.UNSUBSCRIBED, source=SOURCE, now=now)
    for row in rows:
        if row.subscriber_id not in gone:
            session.delete(row)
    session.flush()
    return len(found), len(gone)


def _silent(session: Session, publication: Publication, now: datetime) -> ColumnElement[bool]:
    """Return who is to be asked: mail goes to them, they gave no sign since, and were not asked since."""
    since = silent_since(publication, now)
    mine = select(Sunset.since).where(Sunset.list_id == publication.id)
    listening = session.scalar(mine) if publication.policies.sunset_months else None
    suppressed = exists().where(Suppression.email == Subscriber.email, Subscriber.id == Subscription.subscriber_id)
    return and_(
        _active(publication, now),
        true() if listening is not None and listening <= since else false(),
        Subscription.created_at < since,
        ~suppressed,
        ~_sign_since(since),
        ~exists().where(_asked(), Confirmation.created_at >= since),
    )


def _unanswered(publication: Publication, now: datetime) -> ColumnElement[bool]:
    return and_(
        _active(publication, now),
        true() if publication.policies.sunset_months else false(),
        exists().where(
            _asked(),
            Confirmation.used_at.is_(None),
            Confirmation.expires_at <= now,
            ~_sign_since(Confirmation.created_at),
        ),
    )


def _active(publication: Publication, now: datetime) -> ColumnElement[bool]:
    not_paused = or_(Subscription.paused_until.is_(None), Subscription.paused_until <= now)
    return and_(Subscription.list_id == publication.id, Subscription.status == Status.ACTIVE, not_paused)


def _asked() -> ColumnElement[bool]:
    return and_(
        Confirmation.list_id == Subscription.list_id,
        Confirmation.subscriber_id == Subscription.subscriber_id,
        Confirmation.kind == Kind.REPERMISSION,
    )


def _sign_since(since: datetime | InstrumentedAttribute[datetime]) -> ColumnElement[bool]:
    wrote = exists().where(
        Consent.list_id == Subscription.list_id,
        Consent.subscriber_id == Subscription.subscriber_id,
        Consent.action.not_in(_NOT_THEIRS),
        Consent.at >= since,
    )
    return or_(func.coalesce(Subscription.seen_at >= since, False), wrote)

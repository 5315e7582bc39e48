"""Queries: one person, a page of a list, the audience of a mail. A million people never become a million objects."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import BindParameter, ColumnElement, Select, and_, bindparam, case, func, literal, select

from subscribers.bulk import among_given
from subscribers.database import UtcDateTime
from subscribers.lifecycle import Standing, Status
from subscribers.models import Consent, Formerly, List, Subscriber, Subscription, Suppression
from subscribers.preferences import Digest
from subscribers.ready import Ready

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session


class Reader(NamedTuple):
    """A narrow row of the audience: what decides which mail somebody gets."""

    subscriber_id: int
    languages: str
    topics: str
    excluded: str
    standing: Standing


class PreferenceGroup(NamedTuple):
    """Everybody of an audience who chose the same and stands the same."""

    languages: str
    topics: str
    excluded: str
    standing: Standing
    people: int


class Current(NamedTuple):
    """How somebody stands right now, and how to write to them; an erased person has neither address nor name."""

    email: str
    name: str
    standing: Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A subscription as a person reads it."""

    list: str
    """Slug of the list."""
    subscriber_id: int
    email: str
    name: str
    status: Status
    languages: str
    topics: str
    excluded: str
    digest: str
    timezone: str | None
    paused_until: datetime | None
    suppressed: str | None
    """Why the address gets no mail from any list; None: it does."""
    since: datetime


_EVERYBODY = frozenset(Digest)


def audience(
    list_id: int, now: datetime, digests: Collection[Digest] = _EVERYBODY
) -> Select[int, str, str, str, str, str]:
    """Return the query for the audience of a mail to that list at `now`, in no order: as in `Reader`, and `digest`.

    Everybody with a subscription but those who never confirmed. To be used as a subquery, so that planning stays in
    the database. The suppressed are looked up once, from their own short table, not once per person.
    `digests`: of those alone who want mail so often.
    """
    suppressed = select(Subscriber.id).join(Suppression, Suppression.email == Subscriber.email).subquery("suppressed")
    return (
        select(
            Subscription.subscriber_id,
            Subscription.languages,
            Subscription.topics,
            Subscription.topics_excluded.label("excluded"),
            standing_column(suppressed.c.id.is_not(None), now).label("standing"),
            Subscription.digest,
        )
        .outerjoin(suppressed, suppressed.c.id == Subscription.subscriber_id)
        .where(Subscription.list_id == list_id, Subscription.status != Status.PENDING, *_so_often(digests))
    )


def _so_often(digests: Collection[Digest]) -> Iterator[ColumnElement[bool]]:
    if not set(digests) >= _EVERYBODY:
        yield Subscription.digest.in_(sorted(digests))


def standing_column(suppressed: ColumnElement[bool], now: datetime | BindParameter[datetime]) -> ColumnElement[str]:
    """Return `lifecycle.standing` as SQL over `Subscription`, which may be outer-joined."""
    return case(
        (Subscription.status == Status.SUPPRESSED, literal(Standing.SUPPRESSED.value)),
        (func.coalesce(Subscription.status, "") != Status.ACTIVE, literal(Standing.UNSUBSCRIBED.value)),
        (suppressed, literal(Standing.SUPPRESSED.value)),
        (Subscription.paused_until > now, literal(Standing.PAUSED.value)),
        else_=literal(Standing.ACTIVE.value),
    )


def stream_audience(session: Session, list_id: int, now: datetime, *, batch: int = 5_000) -> Iterator[Reader]:
    """Yield the audience as it is fetched, `batch` rows at a time; memory does not grow with it."""
    query = audience(list_id, now)
    rows = session.connection().execute(query, execution_options={"yield_per": batch})  # not by way of objects
    for subscriber_id, languages, topics, excluded, standing, _ in rows:
        yield Reader(subscriber_id, languages, topics, excluded, _STANDINGS[standing])


def anybody(session: Session, list_id: int, digests: Collection[Digest] = _EVERYBODY) -> bool:
    """Return whether the subscription to the list is active of anybody who wants mail so often."""
    query = select(Subscription.subscriber_id).where(
        Subscription.list_id == list_id, Subscription.status == Status.ACTIVE, *_so_often(digests)
    )
    return session.execute(query.limit(1)).first() is not None


def monthly_readers(session: Session, list_id: int) -> int:
    """Return how many active people of the list chose one mail a month, whether or not it is offered."""
    mine = (Subscription.list_id == list_id, Subscription.status == Status.ACTIVE)
    query = select(func.count()).where(*mine, Subscription.digest == Digest.MONTHLY)
    return session.scalars(query).one()


def reader_timezones(session: Session, list_id: int) -> Collection[str | None]:
    """Return the distinct time zones of the list's active people, as they are stored; None: somebody has none."""
    people = select(Subscriber.timezone).join(Subscription, Subscription.subscriber_id == Subscriber.id)
    active = (Subscription.list_id == list_id, Subscription.status == Status.ACTIVE)
    return set(session.scalars(people.where(*active).distinct()))


def preference_groups(
    session: Session, list_id: int, now: datetime, digests: Collection[Digest] = _EVERYBODY
) -> Sequence[PreferenceGroup]:
    """Return the distinct choices of an audience, with how many made them: some hundreds for a million people."""
    everybody = audience(list_id, now, digests).subquery().c
    alike = (everybody.languages, everybody.topics, everybody.excluded, everybody.standing)
    rows = session.execute(select(*alike, func.count()).group_by(*alike).order_by(*alike))
    return [
        PreferenceGroup(languages, topics, excluded, _STANDINGS[standing], people)
        for languages, topics, excluded, standing, people in rows
    ]


def current_standing(
    session: Session, list_id: int, subscriber_ids: Collection[int], now: datetime
) -> Mapping[int, Current]:
    """Return for every one of `subscriber_ids` (some hundred) how they stand at `now`, in one query.

    What a worker asks when it has claimed a chunk: nobody who left after planning is written to.
    """
    connection = session.connection()
    query, form = _CURRENT[connection.dialect.name]
    rows = query.rows(connection, {"list": list_id, "now": now, "people": form(subscriber_ids)})
    found = {number: Current(email, name, _STANDINGS[state]) for number, email, name, state in rows}
    return {each: found.get(each) or _ERASED for each in subscriber_ids}


def find(session: Session, email: str) -> Subscriber | None:
    """Return the person with that normalised address."""
    return session.scalar(select(Subscriber).where(Subscriber.email == email))


def addressed_at(session: Session, person: Subscriber, at: datetime) -> Formerly | Subscriber:
    """Return how somebody was addressed at that moment."""
    then = select(Formerly).where(Formerly.subscriber_id == person.id, Formerly.until > at)
    return session.scalars(then.order_by(Formerly.until).limit(1)).one_or_none() or person


def memberships(session: Session, email: str) -> Sequence[Member]:
    """Return what the person with that normalised address has of every list, by slug of the list."""
    return _members(session, _member_query().where(Subscriber.email == email).order_by(List.slug))


def members(session: Session, list_id: int, *, after: int = 0, limit: int = 100) -> Sequence[Member]:
    """Return a page of a list: at most `limit` people whose number is above `after`, by number."""
    query = _member_query().where(Subscription.list_id == list_id, Subscription.subscriber_id > after)
    return _members(session, query.order_by(Subscription.subscriber_id).limit(limit))


def status_counts(session: Session, list_id: int) -> Mapping[Status, int]:
    """Return how many subscriptions of a list have which status; each status is there."""
    query = select(Subscription.status, func.count().label("people")).where(Subscription.list_id == list_id)
    found = {row.status: row.people for row in session.execute(query.group_by(Subscription.status))}
    return {status: found.get(status, 0) for status in Status}


def reasons_for_leaving(session: Session, list_id: int) -> Mapping[str, int]:
    """Return how many of those who left a list gave which reason, the commonest first."""
    people = func.count().label("people")
    query = (
        select(Subscription.left_reason, people)
        .where(Subscription.list_id == list_id, Subscription.left_reason.is_not(None))
        .group_by(Subscription.left_reason)
        .order_by(people.desc(), Subscription.left_reason)
    )
    return {row.left_reason: row.people for row in session.execute(query)}


def words_of_leaving(session: Session, list_id: int, limit: int) -> Sequence[tuple[str, str]]:
    """Return reasons in people's own words, each with the one they chose, the newest first; nothing tells whose."""
    query = (
        select(Subscription.left_reason, Subscription.left_words)
        .where(Subscription.list_id == list_id, Subscription.left_words.is_not(None))
        .order_by(Subscription.updated_at.desc(), Subscription.subscriber_id)
        .limit(limit)
    )
    return [(row.left_reason, row.left_words) for row in session.execute(query)]


def consents(session: Session, subscriber_id: int) -> Sequence[Consent]:
    """Return what a person agreed to and when they left, oldest first."""
    query = select(Consent).where(Consent.subscriber_id == subscriber_id).order_by(Consent.at, Consent.id)
    return session.scalars(query).all()


def _current(among_people: ColumnElement[bool]) -> Ready:
    mine = and_(Subscription.subscriber_id == Subscriber.id, Subscription.list_id == bindparam("list"))
    standing = standing_column(Suppression.id.is_not(None), bindparam("now", type_=UtcDateTime()))
    return Ready(
        select(Subscriber.id, Subscriber.email, Subscriber.name, standing)
        .outerjoin(Subscription, mine)
        .outerjoin(Suppression, Suppression.email == Subscriber.email)
        .where(among_people)
    )


def _numbers(subscriber_ids: Collection[int]) -> str:
    return json.dumps(list(subscriber_ids))


_CURRENT: Mapping[str, tuple[Ready, Callable[[Collection[int]], object]]] = {
    "sqlite": (_current(among_given("sqlite", Subscriber.id, "people")), _numbers),
    "postgresql": (_current(among_given("postgresql", Subscriber.id, "people")), list),
}
"""By database: the query, and how it takes the people."""
_STANDINGS = {each.value: each for each in Standing}
_ERASED = Current("", "", Standing.ERASED)


def _member_query() -> Select[*tuple[Any, ...]]:
    return (
        select(
            List.slug.label("list"),
            Subscriber.id.label("subscriber_id"),
            Subscriber.email,
            Subscriber.name,
            Subscription.status,
            Subscription.languages,
            Subscription.topics,
            Subscription.topics_excluded.label("excluded"),
            Subscription.digest,
            Subscriber.timezone,
            Subscription.paused_until,
            Suppression.reason.label("suppressed"),
            Subscription.created_at.label("since"),
        )
        .join(Subscription, Subscription.subscriber_id == Subscriber.id)
        .join(List, List.id == Subscription.list_id)
        .outerjoin(Suppression, Suppression.email == Subscriber.email)
    )


def _members(session: Session, query: Select[*tuple[Any, ...]]) -> Sequence[Member]:
    rows = session.execute(query).mappings()
    return [Member(**{**row, "status": Status(row["status"])}) for row in rows]

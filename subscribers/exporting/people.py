"""The rows of an export, made into text by the database: a million people never become a million objects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, SQLColumnExpression, String, and_, case, func, literal, or_, select, type_coerce

from subscribers.lifecycle import Status
from subscribers.models import Subscriber, Subscription, Suppression

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping, Sequence

    from sqlalchemy import Select
    from sqlalchemy.orm import InstrumentedAttribute, Session

    from subscribers.exporting.wanted import Wanted
    from subscribers.publication import Publication

_AT_ONCE = 5_000
"""Rows fetched at a time."""
_WORDS = {"bounce": "bounced", "complaint": "complained"}
"""What the column of statuses calls the reason of a suppression; all others are `blocked`."""


def stream_people(
    session: Session, publication: Publication, wanted: Wanted
) -> Generator[Sequence[Sequence[str]], None, None]:
    """Yield the wanted people some thousand at a time, each with the wanted columns; the first came first.

    Whoever may stop before the end closes it: a cursor is open at the server meanwhile.
    """
    columns = _columns(session)
    query = _narrowed(select(*(columns[name] for name in wanted.columns)), publication, wanted)
    # by its connection: the session would look at every row for objects, of which there are none
    found = session.connection().execute(
        query.order_by(Subscription.subscriber_id), execution_options={"yield_per": _AT_ONCE}
    )
    with found as rows:
        yield from rows.partitions()


def count_people(session: Session, publication: Publication, wanted: Wanted) -> int:
    """Return how many people are wanted."""
    found: int = session.execute(_narrowed(select(func.count(Subscriber.id)), publication, wanted)).scalar_one()
    return found


def _columns(session: Session) -> Mapping[str, SQLColumnExpression[Any]]:
    moment = _moment_on_sqlite if session.get_bind().dialect.name == "sqlite" else _moment
    return {
        "email": Subscriber.email,
        "name": Subscriber.name,
        "language": func.replace(Subscription.languages, " ", ";"),
        "topics": func.replace(Subscription.topics, " ", ";"),
        "excluded": func.replace(Subscription.topics_excluded, " ", ";"),
        "digest": Subscription.digest,
        "timezone": func.coalesce(Subscriber.timezone, ""),
        "status": _STATUS,
        "since": moment(Subscription.created_at),
        "paused_until": func.coalesce(moment(Subscription.paused_until), ""),
        "changed": moment(Subscription.updated_at),
    }


_STATUS = case(
    (
        and_(Subscription.status.in_([Status.ACTIVE, Status.SUPPRESSED]), Suppression.id.is_not(None)),
        case(_WORDS, value=Suppression.reason, else_="blocked"),
    ),
    (Subscription.status == Status.SUPPRESSED, literal("blocked")),
    else_=Subscription.status,
)
"""Where they stand, in the words of an import; a suppression with its reason, unless they had left before."""


def _narrowed(query: Select[Any], publication: Publication, wanted: Wanted) -> Select[Any]:
    conditions: list[ColumnElement[bool]] = [
        Subscription.list_id == publication.id,
        _STATUS.in_(sorted(wanted.statuses)),
    ]
    if wanted.language:
        reads = _has(Subscription.languages, wanted.language)
        default = Subscription.languages == "" if publication.default_language == wanted.language else None
        conditions.append(reads if default is None else or_(reads, default))
    if wanted.topics:
        chose = (_has(Subscription.topics, topic) for topic in wanted.topics)
        conditions.append(or_(Subscription.topics == "", *chose))
    if wanted.since is not None:
        conditions.append(Subscription.created_at >= wanted.since)
    return (
        query.select_from(Subscription)
        .join(Subscriber, Subscriber.id == Subscription.subscriber_id)
        .outerjoin(Suppression, Suppression.email == Subscriber.email)
        .where(*conditions)
    )


def _has(column: InstrumentedAttribute[str], word: str) -> ColumnElement[bool]:
    """Return the condition that `word` is one of those in `column`, which are separated by spaces."""
    return (" " + column + " ").contains(f" {word} ", autoescape=True)


def _moment(column: InstrumentedAttribute[Any]) -> ColumnElement[str]:
    return func.to_char(func.timezone("UTC", column), 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')


def _moment_on_sqlite(column: InstrumentedAttribute[Any]) -> ColumnElement[str]:
    return func.replace(type_coerce(column, String), " ", "T") + "Z"

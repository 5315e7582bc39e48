"""People by the thousand or the million, with given choices: what benchmarks and tests of planning need.

Addresses are those of `email`, in alphabetical order; choices are dealt by weight, always in the same way.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Insert, Integer, String, case, cast, func, insert, literal, select, text

from subscribers.database import UtcDateTime
from subscribers.lists import ListStore
from subscribers.models import Subscriber, Subscription, Suppression
from subscribers.publication import Draft, Publication, Topic

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.types import TypeEngine

    from subscribers.database import Database

NOW = datetime(2026, 3, 6, 7, 0, tzinfo=UTC)
_BASE = 10_000_000
"""Gives all numbers the same length, so that alphabetical order is numerical order: indexes are built faster."""
TOPICS = ("cardiac", "ct", "mri", "reporting")


@dataclass(frozen=True)
class Choice:
    """What a share of the people chose, and how they stand."""

    weight: int = 1
    languages: str = "fr"
    topics: str = ""
    status: str = "active"
    paused_until: datetime | None = None
    suppressed: bool = False
    """The address is on the suppression list, though the subscription is `status`."""
    excluded: str = ""
    digest: str = "weekly"


MIXED = (
    Choice(30, "fr", ""),
    Choice(20, "en", "ct mri"),
    Choice(15, "fr en", "cardiac"),
    Choice(10, "de", "mri"),
    Choice(10, "ar fr", "reporting"),
    Choice(8, "", "cardiac ct mri"),
    Choice(3, "fr", "", status="unsubscribed"),
    Choice(1, "en", "ct", status="suppressed"),
    Choice(1, "en", "", suppressed=True),
    Choice(1, "fr", "mri", paused_until=NOW + timedelta(days=30)),
    Choice(1, "fr", "", status="pending"),
)
"""One of everything, in a hundred."""


def make_list(database: Database, slug: str = "imaging", **fields: object) -> Publication:
    """Create a list in French and English with `TOPICS`, other `fields` of `Draft` as wished."""
    draft = Draft(
        **{  # type: ignore[arg-type]  # the caller's fields are of their types
            "slug": slug,
            "name": "Imaging & AI",
            "sender_name": "Imaging & AI",
            "sender_email": "letter@example.org",
            "languages": ("fr", "en"),
            "topics": tuple(Topic(slug, labels={"fr": slug.upper(), "en": slug.title()}) for slug in TOPICS),
            "postal_address": "1 Example Street, Nowhere",
            **fields,
        }
    )
    with database.write() as session:
        return ListStore(session).create(draft, NOW)


def make_people(
    database: Database, publication: Publication, count: int, choices: Sequence[Choice] = MIXED, *, first: int = 1
) -> None:
    """Put `count` people with these choices on a list, numbered from `first`; a million takes some seconds.

    All of it happens in the database, in four statements.
    """
    with database.write() as session:
        if not database.is_sqlite:  # rows that refer to the ones before them need no checking; it is most of the time
            session.execute(text("SET LOCAL session_replication_role = replica"))
        before = session.scalar(select(func.max(Subscriber.id))) or 0
        session.execute(_people(range(first, first + count)))
        slot = (Subscriber.id - before - 1) % sum(choice.weight for choice in choices)
        session.execute(_subscriptions(publication.id, before, slot, choices))
        session.execute(_suppressions(before, slot, choices))


def email(number: int) -> str:
    """Return the address of the person with that number."""
    return f"person-{_BASE + number}@example.org"


def _people(numbers: range) -> Insert:
    counter = select(literal(numbers.start).label("n")).cte(recursive=True)
    counter = counter.union_all(select(counter.c.n + 1).where(counter.c.n < numbers[-1]))
    address = literal("person-").concat(cast(_BASE + counter.c.n, String)).concat("@example.org")
    texts = address, literal("Person ").concat(cast(counter.c.n, String))
    return insert(Subscriber).from_select(
        ["email", "name", "created_at", "updated_at"],
        select(*texts, literal(NOW, UtcDateTime()), literal(NOW, UtcDateTime())).select_from(counter),
    )


def _subscriptions(list_id: int, before: int, slot: ColumnElement[int], choices: Sequence[Choice]) -> Insert:
    values = {
        "list_id": literal(list_id),
        "subscriber_id": Subscriber.id,
        "status": _dealt(slot, choices, [choice.status for choice in choices], String()),
        "languages": _dealt(slot, choices, [choice.languages for choice in choices], String()),
        "topics": _dealt(slot, choices, [choice.topics for choice in choices], String()),
        "topics_excluded": _dealt(slot, choices, [choice.excluded for choice in choices], String()),
        "digest": _dealt(slot, choices, [choice.digest for choice in choices], String()),
        "paused_until": _dealt(slot, choices, [choice.paused_until for choice in choices], UtcDateTime()),
        "created_at": literal(NOW, UtcDateTime()),
        "updated_at": literal(NOW, UtcDateTime()),
    }
    people = select(*values.values()).where(Subscriber.id > before).order_by(Subscriber.id)
    return insert(Subscription).from_select(list(values), people)


def _suppressions(before: int, slot: ColumnElement[int], choices: Sequence[Choice]) -> Insert:
    suppressed = _dealt(slot, choices, [int(choice.suppressed) for choice in choices], Integer()) == 1
    values = {
        "email": Subscriber.email,
        "reason": literal("bounce"),
        "detail": literal(""),
        "since": literal(NOW, UtcDateTime()),
    }
    return insert(Suppression).from_select(
        list(values), select(*values.values()).where(Subscriber.id > before, suppressed)
    )


def _dealt(
    slot: ColumnElement[int], choices: Sequence[Choice], values: Sequence[object], kind: TypeEngine[Any]
) -> ColumnElement[Any]:
    """Return the value of the choice that has the slot: each has as many as it weighs."""
    ends = accumulate(choice.weight for choice in choices)
    return case(*((slot < end, literal(value, kind)) for end, value in zip(ends, values, strict=True)))

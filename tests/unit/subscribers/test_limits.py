"""How often: counted by everybody together, and by a hash that tells nobody who it was."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select

from subscribers.attempts import Attempt
from subscribers.database import Database
from subscribers.limits import Limit, attempt, keyed_by
from subscribers.tokens import Signer
from tests.factories.people import NOW
from tests.fixtures.thoroughness import examples

KEYED = keyed_by(Signer("k" * 32))
HOURLY = Limit("mail to an address", 3, timedelta(hours=1))
WIDER = Limit("mails of a network", 5, timedelta(days=1))


def tried(database: Database, *asked: tuple[Limit, str], now: datetime = NOW) -> datetime | None:
    with database.write() as session:
        return attempt(session, asked, keyed=KEYED, now=now)


def test_so_often_and_then_later(database: Database) -> None:
    assert [tried(database, (HOURLY, "ann@example.org")) for _ in range(4)] == [None, None, None, NOW + HOURLY.within]
    assert tried(database, (HOURLY, "ben@example.org")) is None
    assert tried(database, (HOURLY, "ann@example.org"), now=NOW + HOURLY.within) is None


def test_every_limit_counts_and_the_longest_wait_is_told(database: Database) -> None:
    for number in range(5):
        tried(database, (HOURLY, f"{number}@example.org"), (WIDER, "203.0.113.0/24"))
    assert tried(database, (HOURLY, "9@example.org"), (WIDER, "203.0.113.0/24")) == NOW + WIDER.within
    for _ in range(2):
        assert tried(database, (HOURLY, "9@example.org")) is None
    assert tried(database, (HOURLY, "9@example.org")) is not None


def test_nobody_gets_more_by_asking_side_by_side(database: Database) -> None:
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda _: tried(database, (HOURLY, "ann@example.org"), (WIDER, "x")), range(16)))
    assert found.count(None) == HOURLY.most


def test_no_address_is_kept_and_none_can_be_looked_up_without_the_secret(sqlite_database: Database) -> None:
    tried(sqlite_database, (HOURLY, "ann@example.org"))
    with sqlite_database.read() as session:
        (key,) = session.scalars(select(Attempt.key))
    assert key == KEYED(f"{HOURLY.name} ann@example.org")
    assert key != keyed_by(Signer("other" * 8))(f"{HOURLY.name} ann@example.org")


def test_windows_that_are_over_go(database: Database) -> None:
    for number in range(30):
        tried(database, (HOURLY, str(number)))
    tried(database, (WIDER, "x"), now=NOW + HOURLY.within)
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(Attempt)) == 1


@settings(max_examples=examples(13), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 40)), max_size=30))
def test_never_more_than_a_window_allows(sqlite_database: Database, steps: list[tuple[str, int]]) -> None:
    with sqlite_database.write() as session:
        session.execute(delete(Attempt))
    now, allowed = NOW, dict[str, list[datetime]]()
    for who, minutes in steps:
        now += timedelta(minutes=minutes)
        if tried(sqlite_database, (HOURLY, who), now=now) is None:
            allowed.setdefault(who, []).append(now)
    for times in allowed.values():
        # a fixed window: at most twice as many where two of them meet
        for first in times:
            assert sum(first <= each < first + HOURLY.within for each in times) <= 2 * HOURLY.most

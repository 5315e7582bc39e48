"""Rows that are merged by the thousand: what is there stays, is or-ed or added to, on both databases alike."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import String, delete, select
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from subscribers.bulk import insert_rows, merge_rows, update_rows
from subscribers.database import Database, UtcDateTime
from tests.fixtures.thoroughness import examples


class Tables(DeclarativeBase):
    """Of these tests alone."""


class Mark(Tables):
    """A key of two columns, as the tables have that are merged into."""

    __tablename__ = "marks"

    day: Mapped[int] = mapped_column(primary_key=True)
    word: Mapped[str] = mapped_column(String(8), primary_key=True)
    facts: Mapped[int] = mapped_column(default=0)
    number: Mapped[int] = mapped_column(default=0)
    note: Mapped[str | None] = mapped_column(String(8))
    at: Mapped[datetime | None] = mapped_column(UtcDateTime())


Key = tuple[int, str]
NOON = datetime(2026, 3, 6, 12, tzinfo=UTC)
COLUMNS = ("day", "word", "facts", "number", "note", "at")
SETS = {"facts": "marks.facts | excluded.facts", "number": "marks.number + excluded.number"}
MORE_THAN_ONE_STATEMENT = 2_345


def row(day: int, word: str = "a", facts: int = 0, number: int = 0, note: str | None = None) -> tuple[object, ...]:
    return day, word, facts, number, note, NOON


@pytest.fixture
def marks(database: Database) -> Database:
    with database.exclusive() as connection:
        Tables.metadata.create_all(connection)
    return database


def merge(
    database: Database, rows: Sequence[Sequence[object]], sets: Mapping[str, str] | None = None, **how: str
) -> list[int]:
    with database.write() as session:
        return sorted(merge_rows(session, Mark, COLUMNS, rows, sets=sets or {}, **how))


def there(database: Database) -> dict[Key, tuple[int, int, str | None, datetime | None]]:
    with database.read() as session:
        found = session.scalars(select(Mark).order_by(Mark.day)).all()
        return {(each.day, each.word): (each.facts, each.number, each.note, each.at) for each in found}


def test_no_rows_are_no_statement(marks: Database) -> None:
    with marks.write() as session:  # one with that column would be refused
        assert merge_rows(session, Mark, ("no_such_column",), [], sets=SETS, returning="day") == []
    assert there(marks) == {}


def test_what_is_there_is_left_and_only_what_is_new_is_returned(marks: Database) -> None:
    assert merge(marks, [row(1, facts=1, note="first"), row(2)], returning="day") == [1, 2]
    assert merge(marks, [row(2, note="later"), row(1, facts=2), row(1, "b")], returning="day") == [1]
    assert there(marks) == {(1, "a"): (1, 0, "first", NOON), (1, "b"): (0, 0, None, NOON), (2, "a"): (0, 0, None, NOON)}
    assert merge(marks, [row(1), row(2)], returning="day") == []


def test_of_equal_keys_the_first_stays(marks: Database) -> None:
    rows = [row(1, note="first"), row(1, note="second"), row(2), row(1, note="third")]
    assert merge(marks, rows, returning="day") == [1, 2]
    assert there(marks)[1, "a"][2] == "first"


def test_columns_that_are_set_are_merged_and_the_others_stay(marks: Database) -> None:
    merge(marks, [row(1, facts=0b0101, number=3, note="first")], sets=SETS)
    merge(marks, [row(1, facts=0b0110, number=4, note="later"), row(2, facts=8, number=1)], sets=SETS)
    assert there(marks) == {(1, "a"): (0b0111, 7, "first", NOON), (2, "a"): (8, 1, None, NOON)}
    assert merge(marks, [row(1), row(3)], sets=SETS, returning="day") == [1, 3]  # both were written


def test_more_rows_than_one_statement_holds(marks: Database) -> None:
    days = range(MORE_THAN_ONE_STATEMENT)
    assert merge(marks, [row(day, number=1) for day in days[::2]], returning="day") == list(days[::2])
    assert merge(marks, [row(day, number=1) for day in days], returning="day") == list(days[1::2])
    merge(marks, [row(day, number=day) for day in days], sets=SETS)
    assert [number for _, number, _, _ in there(marks).values()] == [day + 1 for day in days]
    twice = [*(row(-1) for _ in days), row(-1, note="later"), row(-2)]  # the same key in several statements
    assert merge(marks, twice, returning="day") == [-2, -1]
    assert there(marks)[-1, "a"][2] is None


def test_two_rows_of_one_key_are_no_merge_for_postgresql(marks: Database) -> None:
    rows = [row(1, number=1), row(1, number=2)]
    if marks.is_sqlite:
        merge(marks, rows, sets=SETS)
        assert there(marks)[1, "a"][1] == 3
    else:  # refused rather than half of it lost; so callers add up what they count before they come
        with pytest.raises(psycopg.errors.CardinalityViolation):
            merge(marks, rows, sets=SETS)
        assert there(marks) == {}


def test_it_is_of_the_transaction_it_is_in(marks: Database) -> None:
    def half_done() -> None:
        with marks.write() as session:
            assert merge_rows(session, Mark, COLUMNS, [row(1)], returning="day") == [1]
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        half_done()
    assert there(marks) == {}


def test_a_text_that_is_too_long_is_refused_and_not_cut(postgresql_database: Database) -> None:
    with postgresql_database.exclusive() as connection:  # SQLite knows no lengths
        Tables.metadata.create_all(connection)
    with pytest.raises(psycopg.errors.StringDataRightTruncation):
        merge(postgresql_database, [row(1, note="nine chars")])


def test_nothing_else_than_a_key_that_is_there_is_forgiven(marks: Database) -> None:
    broken = [(1, "a", None, 0, None, NOON)]  # `facts` has to have a value
    with pytest.raises((sqlite3.IntegrityError, psycopg.errors.NotNullViolation)):
        merge(marks, broken)
    assert there(marks) == {}


def test_callers_at_once_lose_nothing_and_do_not_wait_for_each_other_crosswise(marks: Database) -> None:
    rows = [row(day, facts=1, number=1) for day in range(300)]

    def again(caller: int) -> None:
        for _ in range(4):
            merge(marks, [(*each[:2], 1 << caller, *each[3:]) for each in rows], sets=SETS)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(again, range(4)))
    assert set(there(marks).values()) == {(0b1111, 16, None, NOON)}


def test_of_callers_at_once_each_row_is_new_to_one(marks: Database) -> None:
    rows = [row(day) for day in range(300)]
    with ThreadPoolExecutor(4) as pool:
        new = [day for days in pool.map(lambda _: merge(marks, rows, returning="day"), range(4)) for day in days]
    assert sorted(new) == list(range(300))


KEYS = st.tuples(st.integers(0, 3), st.sampled_from(["a", "é", "'", "\\", "%s", "?1"]))
STEPS = st.lists(st.dictionaries(KEYS, st.tuples(st.integers(0, 15), st.integers(-9, 9)), max_size=6), max_size=4)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=examples(15))
@given(steps=STEPS)
def test_it_is_what_a_dictionary_would_hold(marks: Database, steps: list[dict[Key, tuple[int, int]]]) -> None:
    facts: Counter[Key] = Counter()
    numbers: Counter[Key] = Counter()
    with marks.write() as session:
        session.execute(delete(Mark))
    for step in steps:
        merge(marks, [row(*key, more, number) for key, (more, number) in sorted(step.items())], sets=SETS)
        for key, (more, number) in step.items():
            facts[key] |= more
            numbers[key] += number
    assert {key: value[:2] for key, value in there(marks).items()} == {key: (facts[key], numbers[key]) for key in facts}


@pytest.mark.parametrize("count", [1, 2, MORE_THAN_ONE_STATEMENT])
def test_columns_that_are_the_same_in_all_rows_are_written_to_each(marks: Database, count: int) -> None:
    rows = [(day, "a", 0, 7, None) for day in range(1, count + 1)]
    with marks.write() as session:
        insert_rows(session, Mark, COLUMNS[:-1], rows, {"at": NOON})
    assert there(marks) == {(day, "a"): (0, 7, None, NOON) for day in range(1, count + 1)}


def test_rows_that_differ_in_nothing_are_as_many_as_they_were(marks: Database) -> None:
    """Here they are refused by their key: that there are two of them is not lost."""
    with pytest.raises((sqlite3.IntegrityError, psycopg.errors.UniqueViolation)), marks.write() as session:
        insert_rows(session, Mark, COLUMNS, [row(1), row(1)])


@pytest.mark.parametrize(
    "changes",
    [
        [(1, 7, "x", 5, "a"), (2, 8, "y", 6, "b")],
        [(1, 7, None, 5, "a"), (2, 7, None, 6, "b"), (3, 7, None, 6, "a")],
        [(1, 7, "x", 5, "a"), (2, 8, "y", 5, "b")],
        [(1, 7, "x", 6, "b"), (1, 7, "x", 5, "b")],
        [(1, 7, "x", 5, "a")],
        [(1, 7, "x", 4, "a"), (1, 7, "x", 4, "b")],
    ],
)
def test_an_update_finds_its_rows_whatever_is_the_same_in_all(
    marks: Database, changes: list[tuple[int, int, str | None, int, str]]
) -> None:
    """Keys and values that are so in every row are handed over once."""
    keys = [(day, word) for day in (5, 6) for word in "abc"]
    merge(marks, [row(day, word, number=1) for day, word in keys])
    with marks.write() as session:
        update_rows(session, Mark, ("facts", "number", "note"), ("day", "word"), changes, same={"at": None})
    expected: dict[Key, tuple[int, int, str | None, datetime | None]] = dict.fromkeys(keys, (0, 1, None, NOON))
    for facts, number, note, day, word in changes:
        if (day, word) in expected:
            expected[day, word] = (facts, number, note, None)
    assert there(marks) == expected

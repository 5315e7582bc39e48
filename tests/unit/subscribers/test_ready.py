"""Statements that go past SQLAlchemy: the same values, the same transaction, the same errors."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, bindparam, func, insert, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from subscribers.database import UtcDateTime
from subscribers.ready import Ready

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from subscribers.database import Database

marks = Table("marks", MetaData(), Column("id", Integer, primary_key=True), Column("at", UtcDateTime()))
MARK = Ready(insert(marks).values(id=bindparam("number"), at=bindparam("moment", type_=UtcDateTime())))
MOVE = Ready(update(marks).where(marks.c.id >= bindparam("number")).values(at=None))
ALL = Ready(select(marks.c.id, marks.c.at).order_by(marks.c.id))
NOW = Ready(select(func.now()))
NOON = datetime(2026, 12, 1, 12, tzinfo=timezone(timedelta(hours=2)))


@pytest.fixture
def tables(database: Database) -> Database:
    """Return a database with the table of these tests."""
    with database.exclusive() as connection:
        marks.create(connection)
    return database


def test_values_are_stored_and_come_back_by_their_types(tables: Database) -> None:
    with tables.transact() as connection:
        assert MARK.change(connection, {"number": 1, "moment": NOON}) == 1
        assert MARK.change(connection, {"number": 2, "moment": None}) == 1
    with tables.read() as session:
        assert ALL.rows(session.connection(), {}) == [(1, NOON), (2, None)]
        assert session.scalar(select(marks.c.at).where(marks.c.id == 1, marks.c.at == NOON)) == NOON
        (_, at), _ = ALL.rows(session.connection(), {})
        assert at.tzinfo is UTC


def test_it_says_how_many_rows_it_found(tables: Database) -> None:
    with tables.transact() as connection:
        for number in range(3):
            MARK.change(connection, {"number": number, "moment": NOON})
        assert [MOVE.change(connection, {"number": number}) for number in (1, 3)] == [2, 0]


def test_it_begins_a_transaction_where_there_is_none(tables: Database) -> None:
    with tables.engine.connect() as connection:
        MARK.change(connection, {"number": 1, "moment": NOON})
        connection.rollback()
    assert _count(tables) == 0


def test_an_error_is_sqlalchemys_and_leaves_nothing_written(tables: Database) -> None:
    def twice() -> None:
        with tables.transact() as connection:
            MARK.change(connection, {"number": 1, "moment": NOON})
            MARK.change(connection, {"number": 1, "moment": NOON})

    with pytest.raises(IntegrityError):
        twice()
    assert _count(tables) == 0


def test_a_connection_that_broke_is_known_as_one(postgresql_database: Database) -> None:
    def broken() -> None:
        with postgresql_database.engine.connect() as connection, postgresql_database.engine.connect() as other:
            _end(connection, other)
            NOW.rows(connection, {})

    with pytest.raises(DBAPIError) as caught:
        broken()
    assert caught.value.connection_invalidated


def _end(connection: Connection, other: Connection) -> None:
    """End a connection from the server's side; on ours nobody notices yet."""
    number = connection.scalar(text("SELECT pg_backend_pid()"))
    connection.rollback()
    other.execute(text("SELECT pg_terminate_backend(:number, 5000)"), {"number": number})


def _count(tables: Database) -> int:
    with tables.read() as session:
        return session.scalar(select(func.count()).select_from(marks)) or 0

"""One code for two databases: instants, transactions, and what is seen of them from outside."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Column, ForeignKey, Integer, MetaData, Table, func, insert, select, text, update
from sqlalchemy.exc import IntegrityError, OperationalError, StatementError

from subscribers.database import Database, UtcDateTime, open_database
from tests.fixtures.thoroughness import examples

Opened = Callable[[str], Database]

TABLES = MetaData()
instants = Table("instants", TABLES, Column("id", Integer, primary_key=True), Column("at", UtcDateTime()))
counters = Table("counters", TABLES, Column("id", Integer, primary_key=True), Column("value", Integer))
parents = Table("parents", TABLES, Column("id", Integer, primary_key=True))
children = Table(
    "children",
    TABLES,
    Column("id", Integer, primary_key=True),
    Column("parent_id", ForeignKey("parents.id", ondelete="CASCADE")),
)


@pytest.fixture
def tables(database: Database) -> Database:
    """Return a database with the tables of these tests."""
    with database.exclusive() as connection:
        TABLES.create_all(connection)
    return database


OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
EARLIEST, LATEST = datetime(1900, 1, 2), datetime(2999, 12, 30)  # noqa: DTZ001 - Hypothesis adds the zone
INSTANTS = st.datetimes(EARLIEST, LATEST, timezones=st.just(UTC) | OFFSETS)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=examples(13))
@given(at=INSTANTS)
def test_an_instant_comes_back_as_the_same_instant_in_utc(tables: Database, at: datetime) -> None:
    with tables.write() as session:
        key = session.execute(insert(instants).values(at=at).returning(instants.c.id)).scalar_one()
    with tables.read() as session:
        found = session.scalar(select(instants.c.at).where(instants.c.id == key))
        assert session.scalar(select(func.count()).where(instants.c.id == key, instants.c.at == at)) == 1
    assert found == at
    assert found.tzinfo is UTC


def test_instants_are_ordered_in_the_database_as_in_python(tables: Database) -> None:
    noon = datetime(2026, 3, 29, 12, tzinfo=UTC)
    given_ = [noon.astimezone(timezone(timedelta(hours=h))) + timedelta(microseconds=h) for h in (9, -11, 0, 5)]
    with tables.write() as session:
        session.execute(insert(instants), [{"at": at} for at in given_])
    with tables.read() as session:
        assert list(session.scalars(select(instants.c.at).order_by(instants.c.at))) == sorted(given_)


def test_a_naive_datetime_is_refused(tables: Database) -> None:
    naive = datetime(2026, 1, 1)  # noqa: DTZ001 - that is the point
    with pytest.raises(StatementError, match="naive"), tables.write() as session:
        session.execute(insert(instants).values(at=naive))


def test_an_error_leaves_nothing_written(tables: Database) -> None:
    def twice() -> None:
        with tables.write() as session:
            session.execute(insert(counters).values(id=1, value=0))
            session.execute(insert(counters).values(id=1, value=0))

    with pytest.raises(IntegrityError):
        twice()
    with tables.read() as session:
        assert session.scalar(select(func.count()).select_from(counters)) == 0


def test_what_is_written_while_reading_is_not_kept(tables: Database) -> None:
    with tables.read() as session:
        session.execute(insert(counters).values(id=1, value=0))
    with tables.read() as session:
        assert session.scalar(select(func.count()).select_from(counters)) == 0


def test_writers_that_read_first_wait_for_each_other(sqlite_database: Database) -> None:
    """A deferred transaction would fail with "database is locked" the moment it turns into a writer."""
    with sqlite_database.exclusive() as connection:
        TABLES.create_all(connection)
        connection.execute(insert(counters).values(id=1, value=0))
    failures: list[BaseException] = []

    def count() -> None:
        try:
            for _ in range(50):
                with sqlite_database.write() as session:
                    value = session.scalar(select(counters.c.value)) or 0
                    session.execute(update(counters).values(value=value + 1))
        except BaseException as error:  # noqa: BLE001 - handed to the thread that asserts
            failures.append(error)

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with sqlite_database.read() as session:
        assert session.scalar(select(counters.c.value)) == 200


def test_a_writer_that_waits_too_long_is_told_that_others_write(sqlite_url: str) -> None:
    """Whether the other one is a thread of the same process, whose turn it is, or a process of its own."""
    with closing(open_database(sqlite_url, busy_timeout=0.01)) as hasty:
        with hasty.exclusive() as connection:
            TABLES.create_all(connection)
        with hasty.transact(), ThreadPoolExecutor(1) as other, pytest.raises(OperationalError, match="locked"):
            other.submit(_count, hasty).result()
        with (
            closing(open_database(sqlite_url)) as somebody,
            somebody.transact(),
            pytest.raises(OperationalError, match="locked"),
        ):
            _count(hasty)
        _count(hasty)


def _count(database: Database) -> None:
    with database.write() as session:
        session.execute(update(counters).values(value=counters.c.value + 1))


def test_a_reader_does_not_wait_for_a_writer(tables: Database) -> None:
    with tables.write() as writer:
        writer.execute(insert(counters).values(id=1, value=1))
        with tables.read() as reader:
            assert reader.scalar(select(func.count()).select_from(counters)) == 0


def test_a_reader_sees_one_moment_on_sqlite(sqlite_database: Database) -> None:
    with sqlite_database.exclusive() as connection:
        TABLES.create_all(connection)
    with sqlite_database.read() as reader:
        assert reader.scalar(select(func.count()).select_from(counters)) == 0
        with sqlite_database.write() as writer:
            writer.execute(insert(counters).values(id=1, value=1))
        assert reader.scalar(select(func.count()).select_from(counters)) == 0


@pytest.mark.parametrize(("pragma", "value"), [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1)])
def test_sqlite_survives_a_power_cut_and_holds_foreign_keys(
    sqlite_database: Database, pragma: str, value: object
) -> None:
    with sqlite_database.read() as session:
        assert session.scalar(text(f"PRAGMA {pragma}")) == value


def test_a_table_can_be_rebuilt_without_losing_those_who_point_to_it(tables: Database) -> None:
    with tables.write() as session:
        session.execute(insert(parents).values(id=1))
        session.execute(insert(children).values(id=1, parent_id=1))
    if tables.is_sqlite:  # what Alembic does there to alter a table
        with tables.exclusive() as connection:
            connection.exec_driver_sql("CREATE TABLE rebuilt (id INTEGER PRIMARY KEY, more TEXT)")
            connection.exec_driver_sql("INSERT INTO rebuilt (id) SELECT id FROM parents")
            connection.exec_driver_sql("DROP TABLE parents")
            connection.exec_driver_sql("ALTER TABLE rebuilt RENAME TO parents")
    else:
        with tables.exclusive() as connection:
            connection.exec_driver_sql("ALTER TABLE parents ADD COLUMN more TEXT")
    with tables.read() as session:
        assert session.scalar(select(func.count()).select_from(children)) == 1
    with pytest.raises(IntegrityError), tables.write() as session:
        session.execute(insert(children).values(id=2, parent_id=99))


def test_a_rebuild_that_leaves_rows_pointing_nowhere_is_taken_back(sqlite_database: Database) -> None:
    with sqlite_database.exclusive() as connection:
        TABLES.create_all(connection)
        connection.execute(insert(parents).values(id=1))
        connection.execute(insert(children).values(id=1, parent_id=1))
    with pytest.raises(IntegrityError, match="point nowhere"), sqlite_database.exclusive() as connection:
        connection.exec_driver_sql("DELETE FROM parents")
    with sqlite_database.read() as session:
        assert session.scalar(select(func.count()).select_from(parents)) == 1


def test_a_connection_that_the_server_closed_is_replaced(postgresql_url: str, opened: Opened) -> None:
    ours, theirs = opened(postgresql_url), opened(postgresql_url)
    with ours.read() as session:
        gone = session.scalar(text("SELECT pg_backend_pid()"))
    with theirs.write() as session:
        session.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": gone})
    time.sleep(1.1)  # somebody who works without pause is told by an error instead
    with ours.read() as session:
        assert session.scalar(text("SELECT pg_backend_pid()")) != gone


def test_postgresql_is_given_up_when_it_does_not_answer_unless_the_url_says_otherwise(postgresql_url: str) -> None:
    database = open_database(f"{postgresql_url}&connect_timeout=3")
    with database.engine.connect() as connection:
        raw = connection.connection.driver_connection
        assert raw is not None
        parameters = raw.info.get_parameters()
    database.close()
    assert parameters["connect_timeout"] == "3"
    assert parameters["tcp_user_timeout"] == "60000"
    assert parameters["application_name"] == "newsletter"


def test_a_library_with_connections_of_its_own_is_as_impatient(opened: Opened) -> None:
    database = opened("postgresql://me:secret@db.example/news?connect_timeout=3&options=-clock_timeout%3D50")
    arguments = database.connection_arguments()
    assert (arguments["host"], arguments["dbname"], arguments["password"]) == ("db.example", "news", "secret")
    assert (arguments["tcp_user_timeout"], arguments["options"]) == (60_000, "-clock_timeout=50")
    assert arguments["connect_timeout"] == "3"


def test_a_url_without_a_driver_means_psycopg() -> None:
    assert open_database("postgresql://example/x").engine.url.drivername == "postgresql+psycopg"


def test_who_does_not_wait_for_the_disk_leaves_the_others_as_they_were(tables: Database) -> None:
    asked, waits, does_not = (
        ("PRAGMA synchronous", 2, 1) if tables.is_sqlite else ("SHOW synchronous_commit", "on", "off")
    )
    for number in range(2):
        with tables.write() as session:
            assert session.scalar(text(asked)) == waits
        with tables.transact_unsynced() as connection:
            assert connection.scalar(text(asked)) == does_not
            connection.execute(insert(counters).values(id=number, value=0))
    with tables.read() as session:
        assert session.scalar(select(func.count()).select_from(counters)) == 2

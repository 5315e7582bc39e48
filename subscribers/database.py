"""The database: one code for SQLite (embedded) and PostgreSQL (grown).

SQLite runs in WAL mode with `synchronous=FULL`, so that a committed intent survives a power cut
(https://www.sqlite.org/pragma.html#pragma_synchronous). Its write transactions begin with `BEGIN IMMEDIATE`:
a deferred one that turns into a writer fails at once when somebody else wrote in between, whatever the time-out.
"""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, DateTime, Dialect, Engine, Integer, MetaData, create_engine, event, text
from sqlalchemy.engine import URL, Connection, make_url
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

if TYPE_CHECKING:
    from collections.abc import Iterator

_WRITES = "newsletter_writes"
_UNSYNCED = "newsletter_unsynced"
_SYNCHRONOUS = "newsletter_synchronous"
"""What a connection to SQLite was last set to."""
_DO_NOT_WAIT = text("SET LOCAL synchronous_commit TO off")
"""https://www.postgresql.org/docs/current/wal-async-commit.html"""
_EXCLUSIVE = 0x6E657773
"""The number of PostgreSQL's advisory lock for changing tables; any that stays the same."""

_POSTGRESQL_PATIENCE = {
    "application_name": "newsletter",
    "connect_timeout": 10,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,  # milliseconds
}
"""Without these a worker whose database vanished (a firewall, a failover) waits for up to two hours for an answer.
What the URL says itself goes first (https://www.postgresql.org/docs/current/libpq-connect.html)."""

_NAMING_CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

BigId = BigInteger().with_variant(Integer, "sqlite")
"""64-bit key on both databases; SQLite fills in only an INTEGER primary key by itself."""


class UtcDateTime(TypeDecorator[datetime]):
    """An instant: aware in Python, UTC in the database. A naive datetime is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Store `value` as UTC; SQLite keeps no offset, so it is dropped there after the conversion."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a naive datetime cannot be stored: {value!r}")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Return an aware datetime in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """The parent of every table of this program, in this package and in others."""

    metadata = MetaData(naming_convention=_NAMING_CONVENTION)
    type_annotation_map = {datetime: UtcDateTime()}  # noqa: RUF012 - SQLAlchemy's own interface


@dataclass(frozen=True)
class Database:
    """An engine and the two ways into it. Open one per process, close it at the end."""

    engine: Engine

    @property
    def is_sqlite(self) -> bool:
        """Whether this is the embedded form: one machine, one sending process."""
        return self.engine.dialect.name == "sqlite"

    @cached_property
    def _writing(self) -> Engine:
        """The same engine, whose transactions may write."""
        return self.engine.execution_options(**{_WRITES: True})

    @cached_property
    def _unsynced(self) -> Engine:
        """The same, and they do not wait for the disk."""
        return self.engine.execution_options(**{_UNSYNCED: True})

    @contextmanager
    def write(self) -> Iterator[Session]:
        """Yield a session in a transaction that may write; it commits at the end, or rolls back on an error."""
        with Session(self._writing, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def transact(self) -> Iterator[Connection]:
        """Yield a connection in such a transaction: where rows are no objects, a session costs more than they do."""
        with self._writing.begin() as connection:
            yield connection

    @contextmanager
    def transact_unsynced(self) -> Iterator[Connection]:
        """Yield the same, but do not wait for the disk at the end.

        Others see it at once. A crash of the machine may take it back, unless `write` committed something after it.
        """
        with self._unsynced.begin() as connection:
            if not self.is_sqlite:
                connection.execute(_DO_NOT_WAIT)
            yield connection

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Yield a session that only reads; on SQLite it never waits for a writer."""
        with Session(self.engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def exclusive(self) -> Iterator[Connection]:
        """Yield a connection in a transaction that changes tables; one at a time, whoever asks.

        SQLite rebuilds a table to alter it, and dropping the old one would cascade to the rows that point to it:
        foreign keys are off meanwhile and are all checked before the commit. On PostgreSQL it gives up after ten
        seconds behind somebody's lock, unless the URL says otherwise: everybody else would queue up behind it.
        """
        with self.engine.connect().execution_options(**{_WRITES: True}) as connection:
            if self.is_sqlite:
                yield from _rebuilding_sqlite(connection)
            else:
                with connection.begin():
                    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_EXCLUSIVE})")
                    connection.exec_driver_sql(
                        "SELECT set_config('lock_timeout', '10s', true) WHERE current_setting('lock_timeout') = '0'"
                    )
                    yield connection

    def connection_arguments(self) -> dict[str, Any]:
        """Return what psycopg connects to this PostgreSQL with, for a library that has connections of its own."""
        _, arguments = self.engine.dialect.create_connect_args(self.engine.url)
        arguments.pop("context", None)  # how SQLAlchemy wants values
        return {**_patience(self.engine.url), **arguments}

    def close(self) -> None:
        """Give the connections back."""
        self.engine.dispose()


def open_database(url: str | URL, *, busy_timeout: float = 30.0) -> Database:
    """Open the database at `url`; nothing is created or upgraded here.

    `sqlite:///path` or `postgresql://…` (psycopg 3 is used where the URL names no driver).
    `busy_timeout`: seconds that a SQLite writer waits for another one. What the URL's query says goes before ours.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return Database(_sqlite_engine(parsed, busy_timeout))
    return Database(_postgresql_engine(parsed))


def _postgresql_engine(url: URL) -> Engine:
    if "+" not in url.drivername:
        url = url.set(drivername="postgresql+psycopg")
    return create_engine(url, connect_args=_patience(url), pool_pre_ping=True)


def _patience(url: URL) -> dict[str, Any]:
    return {name: value for name, value in _POSTGRESQL_PATIENCE.items() if name not in url.query}


def _sqlite_engine(url: URL, busy_timeout: float) -> Engine:
    engine = create_engine(url, connect_args={} if "timeout" in url.query else {"timeout": busy_timeout})

    @event.listens_for(engine, "connect")
    def _connect(dbapi_connection: Any, _record: Any) -> None:  # noqa: ANN401 - sqlite3's, untyped here
        dbapi_connection.isolation_level = None  # transactions are begun below, not guessed by the driver
        cursor = dbapi_connection.cursor()
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    event.listen(engine, "begin", _begin_on_sqlite)
    return engine


def _begin_on_sqlite(connection: Connection) -> None:
    """Begin a transaction of the kind that the connection's options ask for.

    Not by SQLAlchemy's own way to the driver, which takes ten times as long as these statements do; `synchronous`
    stays as it is set, and cannot be changed within a transaction.
    """
    options, proxy = connection.get_execution_options(), connection.connection
    writes, unsynced = options.get(_WRITES, False), options.get(_UNSYNCED, False)
    driver: Any = proxy.driver_connection
    statement = "BEGIN"
    try:
        if writes or unsynced:
            wanted = statement = f"PRAGMA synchronous={'FULL' if writes else 'NORMAL'}"
            if proxy.info.get(_SYNCHRONOUS) != wanted:
                driver.execute(statement)
                proxy.info[_SYNCHRONOUS] = wanted
            statement = "BEGIN IMMEDIATE"
        driver.execute(statement)
    except sqlite3.Error as error:
        raise DBAPIError.instance(statement, None, error, sqlite3.Error) from error


def _rebuilding_sqlite(connection: Connection) -> Iterator[Connection]:
    _outside_transaction(connection, "PRAGMA foreign_keys=OFF")
    try:
        with connection.begin():
            yield connection
            broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
            if broken:
                raise IntegrityError(
                    "PRAGMA foreign_key_check", None, ValueError(f"rows that point nowhere: {broken[:5]}")
                )
    finally:
        _outside_transaction(connection, "PRAGMA foreign_keys=ON")


def _outside_transaction(connection: Connection, pragma: str) -> None:
    """Run a pragma that does nothing inside a transaction; so not through SQLAlchemy, which always begins one."""
    connection.connection.cursor().execute(pragma)

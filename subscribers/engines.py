"""How connections to each database are made, kept and begun: what SQLAlchemy leaves to whoever knows the database."""

from __future__ import annotations

import math
import sqlite3
import time
from typing import TYPE_CHECKING, Any

from sqlalchemy import create_engine, event
from sqlalchemy.exc import DBAPIError, InvalidatePoolError

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection, Engine
    from sqlalchemy.engine import URL
    from sqlalchemy.pool import ConnectionPoolEntry

WRITES = "newsletter_writes"
UNSYNCED = "newsletter_unsynced"
BUSY = "newsletter_busy"
"""Seconds that somebody who wants to write waits for others, where one writes at a time."""
_SYNCHRONOUS = "newsletter_synchronous"
"""What a connection to SQLite was last set to."""
_LAST_USED = "newsletter_last_used"
_TRUSTED = 1.0
"""Seconds for which a connection is taken to be as good as it was: whoever works without pause asks for none to be
tried first, which is an answer to wait for with every transaction."""

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


def postgresql_engine(url: URL) -> Engine:
    """Return what connects by psycopg 3 where the URL names no driver, and tries a connection that was idle."""
    if "+" not in url.drivername:
        url = url.set(drivername="postgresql+psycopg")
    engine = create_engine(url, connect_args=patience(url))
    event.listen(engine, "checkin", _note_its_use)
    event.listen(engine, "checkout", _try_if_idle(engine))
    return engine


def _note_its_use(_driver: Any, record: ConnectionPoolEntry) -> None:  # noqa: ANN401 - psycopg's connection
    record.info[_LAST_USED] = time.monotonic()


def _try_if_idle(engine: Engine) -> Callable[[Any, ConnectionPoolEntry, Any], None]:
    """Return what has a connection replaced, and all others, that ended while nobody used it.

    https://docs.sqlalchemy.org/en/20/core/pooling.html#custom-legacy-pessimistic-ping
    """
    errors = engine.dialect.loaded_dbapi.Error

    def checkout(driver: Any, record: ConnectionPoolEntry, _proxy: Any) -> None:  # noqa: ANN401 - likewise
        if time.monotonic() - record.info.get(_LAST_USED, math.inf) < _TRUSTED:
            return
        try:
            engine.dialect.do_ping(driver)
        except errors as error:
            if engine.dialect.is_disconnect(error, driver, None):
                raise InvalidatePoolError from error
            raise

    return checkout


def patience(url: URL) -> dict[str, Any]:
    """Return how long a connection waits for PostgreSQL, but for what the URL says itself."""
    return {name: value for name, value in _POSTGRESQL_PATIENCE.items() if name not in url.query}


def sqlite_engine(url: URL, busy_timeout: float) -> Engine:
    """Return what connects to a file in WAL mode; its transactions begin as the connection's options say."""
    engine = create_engine(
        url,
        connect_args={} if "timeout" in url.query else {"timeout": busy_timeout},
        execution_options={BUSY: busy_timeout},
    )

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
    writes, unsynced = options.get(WRITES, False), options.get(UNSYNCED, False)
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

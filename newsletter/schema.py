"""The version of the tables: bring a database up to date, or say what to do about one that is not.

Migrations are numbered (`0001_create_tables.py`), so the newest one is known by its name and a command that only asks
"is this database ready?" need not import Alembic.
"""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import inspect, text
from sqlalchemy.exc import DatabaseError, OperationalError

from newsletter import queue_tables
from newsletter.resources import folder
from subscribers.errors import DatabaseNotReady

if TYPE_CHECKING:
    from collections.abc import Iterator

    from alembic.config import Config
    from sqlalchemy import Connection

    from subscribers.database import Database

_UPGRADE = "run `newsletter db upgrade`"
_OLDEST: dict[str, tuple[int | str, ...]] = {"sqlite": (3, 35), "postgresql": (15,)}
"""SQLite: RETURNING. PostgreSQL: what is tested, and supported by its makers."""
_LOCK_NOT_AVAILABLE = "55P03"  # https://www.postgresql.org/docs/current/errcodes-appendix.html
_NOT_A_DATABASE = "file is not a database"  # https://www.sqlite.org/rescode.html#notadb


def ensure(database: Database) -> None:
    """See to it that `database` can be worked with.

    A SQLite file that does not exist or holds no table is created and upgraded: nothing can be lost, nobody has to
    know the word migration. Any other database that is not of this program's version raises DatabaseNotReady.
    """
    if database.is_sqlite and _is_new(database):
        upgrade(database)
    else:
        check(database)


def check(database: Database) -> None:
    """Return when the tables of `database` are those of this program; raise DatabaseNotReady with what to do."""
    where = _name(database)
    if database.is_sqlite and not _exists(database):
        raise DatabaseNotReady(f"There is no database {where}: {_UPGRADE} to create it.")
    found, wanted = revision(database), newest()
    if found is None:
        raise DatabaseNotReady(f"The database {where} has no tables of newsletter: {_UPGRADE}.")
    if found < wanted:
        raise DatabaseNotReady(f"The database {where} is at revision {found}, this program needs {wanted}: {_UPGRADE}.")
    if found > wanted:
        raise DatabaseNotReady(
            f"The database {where} is at revision {found}, which is newer than this program ({wanted}): "
            f"install the newsletter that belongs to it."
        )
    if not database.is_sqlite:
        with database.engine.connect() as connection:
            queue_tables.check(connection)


def upgrade(database: Database, to: str = "head") -> None:
    """Bring the tables to the revision `to`, in one transaction: all of it or nothing; already there, do nothing.

    On PostgreSQL also bring the queue's tables up to the Procrastinate that is installed.
    """
    from alembic import command  # noqa: PLC0415 - heavy, and only needed here

    if database.is_sqlite and not _exists(database):
        Path(_file(database)).parent.mkdir(parents=True, exist_ok=True)
    with _changing(database) as connection:
        _refuse_old(connection)
        command.upgrade(_configuration(connection), to)
        if not database.is_sqlite:
            queue_tables.create(connection)
    if not database.is_sqlite:
        _change_the_queue(database)


def downgrade(database: Database, to: str = "base") -> None:
    """Take the tables back to the revision `to`, in one transaction. What later revisions brought is lost.

    The queue's go with the last of ours.
    """
    from alembic import command  # noqa: PLC0415 - heavy, and only needed here

    with _changing(database) as connection:
        command.downgrade(_configuration(connection), to)
        if to == "base" and not database.is_sqlite:
            queue_tables.drop(connection)


def revision(database: Database) -> str | None:
    """Return the revision that `database` is at; None: it has none of our tables."""
    with database.engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
        return found


def versions(database: Database) -> dict[str, str | None]:
    """Return what the tables are at, by name: our `revision`, and on PostgreSQL that of the `queue`."""
    found = {"revision": revision(database)}
    if not database.is_sqlite:
        with database.engine.connect() as connection:
            found["queue"] = queue_tables.version(connection)
    return found


def newest() -> str:
    """Return the revision this program works with."""
    return max(path.name.partition("_")[0] for path in (folder("alembic") / "versions").glob("[0-9]*.py"))


def _change_the_queue(database: Database) -> None:
    while True:
        with _changing(database) as connection:
            changes = queue_tables.pending(connection)
            if not changes:
                return
            queue_tables.change(connection, changes[0])


@contextmanager
def _changing(database: Database) -> Iterator[Connection]:
    try:
        with database.exclusive() as connection:
            yield connection
    except OperationalError as error:
        if getattr(error.orig, "sqlstate", "") != _LOCK_NOT_AVAILABLE and "is locked" not in str(error.orig):
            raise
        raise DatabaseNotReady(
            f"The tables of {_name(database)} are in use and nothing was changed. Pause or stop what is sending or "
            f"importing, then run the same command again."
        ) from error


def _refuse_old(connection: Connection) -> None:
    wanted, found = _OLDEST[connection.dialect.name], connection.dialect.server_version_info or ()
    if found < wanted:
        name = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}[connection.dialect.name]
        raise DatabaseNotReady(f"{name} is of version {_dotted(found)}, {_dotted(wanted)} or newer is needed.")


def _dotted(version: tuple[int | str, ...]) -> str:
    return ".".join(map(str, version))


def _configuration(connection: Connection) -> Config:
    from alembic.config import Config  # noqa: PLC0415 - heavy, and only needed here

    configuration = Config(attributes={"connection": connection})
    # Alembic reads `%` as the start of an interpolation, and a path may hold one
    configuration.set_main_option("script_location", str(folder("alembic")).replace("%", "%%"))
    return configuration


def _is_new(database: Database) -> bool:
    if not _exists(database):
        return True
    with database.engine.connect() as connection:
        return not inspect(connection).get_table_names()


def _exists(database: Database) -> bool:
    """Whether the SQLite file is there (asking SQLite itself would create it); refuse a file of another kind.

    Only SQLite may open it: when a process closes a file, all locks it has on that are gone, SQLite's too, and the next
    one who leaves deletes the write-ahead log under it (https://www.sqlite.org/howtocorrupt.html, 2.2).
    """
    path = _file(database)
    if path == ":memory:":
        return True
    if not Path(path).exists():
        return False
    try:
        with database.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA schema_version")
    except (DatabaseError, sqlite3.DatabaseError) as error:
        if _NOT_A_DATABASE not in str(error):
            raise
        raise DatabaseNotReady(
            f"{path} is not an SQLite database: NEWSLETTER_DATABASE_URL has to name another file."
        ) from error
    return True


def _file(database: Database) -> str:
    return database.engine.url.database or ":memory:"


def _name(database: Database) -> str:
    return _file(database) if database.is_sqlite else database.engine.url.render_as_string(hide_password=True)

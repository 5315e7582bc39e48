"""The tables of the queue, Procrastinate's, beside ours on PostgreSQL: its makers change them, not we.

They come as one file of the whole and one file per change, in an order that their names give. Which change a database
has had is noted in it, as the comment of the table of jobs: Procrastinate itself keeps no account of that
(https://procrastinate.readthedocs.io/en/stable/howto/production/migrations.html).
Only its files are read here; nothing of it is imported.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import text

from subscribers.errors import DatabaseNotReady

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

_PREFIX = "procrastinate_"
_JOBS = f"{_PREFIX}jobs"
_UPGRADE = "run `newsletter db upgrade`"


def is_theirs(table: str) -> bool:
    """Whether a table is the queue's: our models and migrations know nothing of it."""
    return table.startswith(_PREFIX)


def check(connection: Connection) -> None:
    """Return when the queue's tables are what the installed Procrastinate works with; else raise DatabaseNotReady.

    Where it is not installed nothing is asked: no worker can run there.
    """
    wanted, found = newest(), version(connection)
    if wanted is None or found == wanted:
        return
    if found is None:
        raise DatabaseNotReady(f"The database has no tables of the queue: {_UPGRADE}.")
    if found < wanted:
        raise DatabaseNotReady(f"The queue's tables are at {found}, Procrastinate needs {wanted}: {_UPGRADE}.")
    raise DatabaseNotReady(
        f"The queue's tables are at {found}, which is newer than the Procrastinate that is installed ({wanted}): "
        f"install the one that belongs to this newsletter, `pip install -U 'newsletter[postgresql]'`."
    )


def create(connection: Connection) -> None:
    """Create the tables where there are none, in the transaction given. Raises DatabaseNotReady for somebody else's."""
    folder = _folder()
    if folder is None:
        raise DatabaseNotReady(
            "PostgreSQL needs the queue Procrastinate, which is not installed: `pip install 'newsletter[postgresql]'`."
        )
    if version(connection) is None:
        _refuse_foreign(connection)
        _run(connection, folder / "schema.sql")
        _note(connection, _names(folder)[-1])


def pending(connection: Connection) -> Sequence[str]:
    """Return the names of the changes that the tables have not had yet, in order."""
    folder, found = _folder(), version(connection)
    return [] if folder is None or found is None else [name for name in _names(folder) if name > found]


def change(connection: Connection, name: str) -> None:
    """Make one change, in a transaction of its own: PostgreSQL wants new values of enumerations committed first."""
    folder = _folder()
    assert folder is not None  # noqa: S101 - `name` is from there
    _run(connection, folder / "migrations" / f"{name}.sql")
    _note(connection, name)


def drop(connection: Connection) -> None:
    """Take everything of the queue away. No mail is lost: the ledger alone says who is to get one."""
    if version(connection) is None:
        return
    for kind, query in _DROPS:
        for name in connection.scalars(text(query), {"prefix": _PREFIX}).all():
            _execute(connection, f"DROP {kind} {name} CASCADE")


def version(connection: Connection) -> str | None:
    """Return the newest change that the tables had; None: there are none of ours."""
    found: str | None = connection.scalar(text("SELECT obj_description(to_regclass(:jobs))"), {"jobs": _JOBS})
    return found


def newest() -> str | None:
    """Return the newest change that the installed Procrastinate knows; None: none is installed."""
    folder = _folder()
    return None if folder is None else _names(folder)[-1]


def _folder() -> Path | None:
    found = find_spec("procrastinate")
    return Path(found.origin).parent / "sql" if found is not None and found.origin is not None else None


def _names(folder: Path) -> list[str]:
    return sorted(path.stem for path in (folder / "migrations").glob("[0-9]*.sql"))


def _run(connection: Connection, file: Path) -> None:
    _execute(connection, file.read_text("utf-8"))


def _execute(connection: Connection, statements: str) -> None:
    # without parameters there may be many statements at once, and `%` stands for itself in them
    connection.exec_driver_sql(statements, execution_options={"no_parameters": True})


def _note(connection: Connection, name: str) -> None:
    _execute(connection, f"COMMENT ON TABLE {_JOBS} IS '{name}'")


def _refuse_foreign(connection: Connection) -> None:
    if connection.scalar(text("SELECT to_regclass(:jobs)"), {"jobs": _JOBS}) is not None:
        raise DatabaseNotReady(
            "The database holds tables of Procrastinate that newsletter did not make: nothing was changed. Another "
            "program works with them; give newsletter a database of its own."
        )


_DROPS = (  # in this order: nothing may need what is dropped
    (
        "TABLE",
        """
        SELECT oid::regclass::text FROM pg_class
        WHERE relkind = 'r' AND starts_with(relname, :prefix) AND relnamespace = current_schema()::regnamespace
        """,
    ),
    (
        "FUNCTION",
        """
        SELECT oid::regprocedure::text FROM pg_proc
        WHERE starts_with(proname, :prefix) AND pronamespace = current_schema()::regnamespace
        """,
    ),
    (
        "TYPE",
        """
        SELECT type.oid::regtype::text FROM pg_type AS type LEFT JOIN pg_class AS class ON class.oid = typrelid
        WHERE (typtype = 'e' OR relkind = 'c') AND starts_with(typname, :prefix)
            AND typnamespace = current_schema()::regnamespace
        """,
    ),
)

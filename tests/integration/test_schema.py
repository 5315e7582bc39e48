"""The migrations make exactly the tables the code works with, on both databases, and say so when they have not run."""

from __future__ import annotations

import importlib
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text
from sqlalchemy.exc import OperationalError

from newsletter import schema
from newsletter.queue_tables import is_theirs
from newsletter.resources import folder
from subscribers.database import Base, Database
from subscribers.errors import DatabaseNotReady
from tests.fixtures.patience import PATIENCE

Opened = Callable[[str], Database]


CHECKOUT = Path(__file__).resolve().parents[2]
MODELS = sorted(
    ".".join(path.relative_to(CHECKOUT).with_suffix("").parts)
    for package in ("newsletter", "subscribers")
    for path in (CHECKOUT / package).rglob("models.py")
)
for name in MODELS:
    importlib.import_module(name)


def test_migrations_know_every_module_that_declares_tables() -> None:
    environment = (folder("alembic") / "env.py").read_text()
    assert [name for name in MODELS if f"import {name}" not in environment] == []


def test_models_and_migrations_agree(database: Database) -> None:
    with database.engine.connect() as connection:
        options = {"compare_type": True, "compare_server_default": True, "include_name": _is_ours}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, Base.metadata) == []


def test_migrations_make_what_the_models_would_make_to_the_last_constraint(database: Database) -> None:
    """Alembic's comparison leaves out check constraints, and how SQLite stores a table."""
    migrated = _what_is_there(database)
    schema.downgrade(database)
    with database.exclusive() as connection:
        connection.exec_driver_sql("DROP TABLE alembic_version")
        Base.metadata.create_all(connection)
    modelled = _what_is_there(database)
    assert migrated.pop("alembic_version")
    assert migrated == modelled


def _what_is_there(database: Database) -> dict[str, Any]:
    """Return all that the database itself says of each table, as text; nothing but the columns has an order."""
    look = inspect(database.engine)
    asked = (look.get_foreign_keys, look.get_unique_constraints, look.get_check_constraints, look.get_indexes)
    return {
        table: {
            "columns": [_plain(column) for column in look.get_columns(table)],
            "primary key": _plain(look.get_pk_constraint(table)),
            "others": sorted(_plain(each) for ask in asked for each in ask(table)),
            "stored": _storage(database, table),
        }
        for table in look.get_table_names()
        if not is_theirs(table)
    }


def _is_ours(name: str | None, kind: str, _parents: Any) -> bool:  # noqa: ANN401 - Alembic's
    return kind != "table" or not is_theirs(name or "")


def _plain(said: Any) -> str:  # noqa: ANN401 - whatever SQLAlchemy reflects
    if isinstance(said, Mapping):
        return str({name: _plain(value) for name, value in sorted(said.items())})
    return str(said)


def _storage(database: Database, table: str) -> dict[str, bool]:
    if not database.is_sqlite:
        return {}
    with database.read() as session:
        made = session.scalar(text("SELECT sql FROM sqlite_master WHERE name = :table"), {"table": table}) or ""
    return {words: words in made for words in ("WITHOUT ROWID", "AUTOINCREMENT", "STRICT")}


def test_there_is_one_head_and_it_is_the_newest_number() -> None:
    assert ScriptDirectory(folder("alembic")).get_heads() == [schema.newest()]


def test_down_and_up_again_ends_where_it_began(database: Database) -> None:
    schema.downgrade(database)
    assert set(inspect(database.engine).get_table_names()) <= {"alembic_version"}
    schema.upgrade(database)
    schema.check(database)


def test_numbers_of_notices_are_not_given_again_where_their_table_is_made_anew(sqlite_database: Database) -> None:
    schema.downgrade(sqlite_database)
    schema.upgrade(sqlite_database, "0013")
    with sqlite_database.exclusive() as connection:
        connection.exec_driver_sql("INSERT INTO sqlite_sequence VALUES ('notices', 41)")  # the rows are gone since
    schema.upgrade(sqlite_database)
    with sqlite_database.engine.connect() as connection:
        reached = connection.exec_driver_sql("SELECT seq FROM sqlite_sequence WHERE name = 'notices'").scalars().all()
    assert reached == [41]


def test_a_new_sqlite_file_is_made_ready_by_itself(tmp_path: Path, opened: Opened) -> None:
    database = opened(f"sqlite:///{tmp_path}/deep/er/newsletter.sqlite")
    with pytest.raises(DatabaseNotReady, match="db upgrade"):
        schema.check(database)
    schema.ensure(database)
    schema.check(database)


@pytest.mark.parametrize("found", ["0000", "9999"])
def test_a_database_of_another_version_is_refused(database: Database, found: str) -> None:
    with database.write() as session:
        session.execute(text("UPDATE alembic_version SET version_num = :found"), {"found": found})
    with pytest.raises(DatabaseNotReady, match=found):
        schema.ensure(database)


def test_somebody_elses_sqlite_file_is_left_alone(tmp_path: Path, opened: Opened) -> None:
    database = opened(f"sqlite:///{tmp_path}/other.sqlite")
    with database.write() as session:
        session.execute(text("CREATE TABLE theirs (id INTEGER)"))
    with pytest.raises(DatabaseNotReady):
        schema.ensure(database)
    assert inspect(database.engine).get_table_names() == ["theirs"]


def test_a_migration_that_fails_leaves_nothing_behind(tmp_path: Path, opened: Opened) -> None:
    database = opened(f"sqlite:///{tmp_path}/newsletter.sqlite")
    with database.write() as session:
        session.execute(text("CREATE TABLE plan (id INTEGER)"))  # in the way of ours
    with pytest.raises(OperationalError, match="plan"):
        schema.upgrade(database)
    assert inspect(database.engine).get_table_names() == ["plan"]


def test_a_file_that_is_no_database_is_refused(tmp_path: Path, opened: Opened) -> None:
    (tmp_path / "letter.txt").write_text("Dear reader, this is no database.")
    database = opened(f"sqlite:///{tmp_path}/letter.txt")
    for act in (schema.ensure, schema.check, schema.upgrade):
        with pytest.raises(DatabaseNotReady, match="is not an SQLite database"):
            act(database)
    assert (tmp_path / "letter.txt").read_text() == "Dear reader, this is no database."


def test_an_empty_postgresql_database_is_upgraded_only_by_command(postgresql_database: Database) -> None:
    schema.downgrade(postgresql_database)
    with pytest.raises(DatabaseNotReady, match="newsletter db upgrade"):
        schema.ensure(postgresql_database)


def test_tables_in_use_are_left_alone(database_url: str, opened: Opened) -> None:
    user = opened(database_url)
    impatient = f"{database_url}?timeout=0.05" if user.is_sqlite else f"{database_url}&options=-clock_timeout%3D50"
    with user.write() as session:
        session.execute(text("SELECT count(*) FROM plan"))
        with pytest.raises(DatabaseNotReady, match="in use and nothing was changed"):
            schema.downgrade(opened(impatient))
    schema.check(user)


def test_processes_that_start_together_make_one_database(tmp_path: Path) -> None:
    code = (
        "import sys; from newsletter import schema; from subscribers.database import open_database; "
        "sys.stdin.readline(); schema.ensure(open_database(sys.argv[1]))"
    )
    url = f"sqlite:///{tmp_path}/var/newsletter.sqlite"
    started = [
        subprocess.Popen([sys.executable, "-c", code, url], cwd=CHECKOUT, stdin=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    for process in started:
        process.communicate("go\n", timeout=PATIENCE)
    assert [process.returncode for process in started] == [0, 0, 0, 0]


def test_a_look_at_a_database_leaves_its_locks_alone(sqlite_url: str, opened: Opened) -> None:
    """Without them the next process that leaves believes to be the last, and takes the log away under the others."""
    database = opened(sqlite_url)
    for look in (schema.ensure, schema.check):
        look(database)
    path = sqlite_url.removeprefix("sqlite:///")
    seen = (
        "import sqlite3, sys; print(len(sqlite3.connect(sys.argv[1]).execute('PRAGMA table_info(theirs)').fetchall()))"
    )
    for columns in ("a", "a, b", "a, b, c"):
        with database.write() as session:
            session.execute(text("DROP TABLE IF EXISTS theirs"))
            session.execute(text(f"CREATE TABLE theirs ({columns})"))
        other = subprocess.run([sys.executable, "-c", seen, path], capture_output=True, text=True, check=True)
        assert other.stdout.strip() == str(len(columns.split(",")))

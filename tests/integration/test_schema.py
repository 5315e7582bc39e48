"""The migrations make exactly the tables the code works with, on both databases, and say so when they have not run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text
from sqlalchemy.exc import OperationalError

import subscribers.models  # noqa: F401 - these three declare the tables
from newsletter import schema
from newsletter.resources import folder
from subscribers.database import Base, Database
from subscribers.errors import DatabaseNotReady

Opened = Callable[[str], Database]


def test_models_and_migrations_agree(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_there_is_one_head_and_it_is_the_newest_number() -> None:
    assert ScriptDirectory(folder("alembic")).get_heads() == [schema.newest()]


def test_down_and_up_again_ends_where_it_began(database: Database) -> None:
    schema.downgrade(database)
    assert set(inspect(database.engine).get_table_names()) <= {"alembic_version"}
    schema.upgrade(database)
    schema.check(database)


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

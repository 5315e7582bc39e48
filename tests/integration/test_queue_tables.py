"""The queue's tables stand beside ours on PostgreSQL, follow the Procrastinate that is installed, and say where not."""

from __future__ import annotations

import shutil
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from sqlalchemy import inspect, text

from newsletter import queue_tables, schema
from subscribers.database import Database
from subscribers.errors import DatabaseNotReady

CHANGE = "03.99.00_01_pre_add_a_note"


@pytest.fixture
def newer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a Procrastinate installed that brings one change more."""
    real = find_spec("procrastinate")
    assert real is not None
    assert real.origin is not None
    shutil.copytree(Path(real.origin).parent / "sql", tmp_path / "procrastinate" / "sql")
    (tmp_path / "procrastinate" / "__init__.py").touch()
    migration = tmp_path / "procrastinate" / "sql" / "migrations" / f"{CHANGE}.sql"
    migration.write_text("ALTER TABLE procrastinate_jobs ADD COLUMN note text; -- 100 %s of it\nSELECT 1;")
    monkeypatch.delitem(sys.modules, "procrastinate", raising=False)
    monkeypatch.syspath_prepend(str(tmp_path))


def _tables(database: Database) -> set[str]:
    return {name for name in inspect(database.engine).get_table_names() if queue_tables.is_theirs(name)}


def test_an_upgrade_makes_them_and_says_what_they_are_at(postgresql_database: Database) -> None:
    assert "procrastinate_jobs" in _tables(postgresql_database)
    found = schema.versions(postgresql_database)
    assert found == {"revision": schema.newest(), "queue": queue_tables.newest()}
    schema.upgrade(postgresql_database)
    assert schema.versions(postgresql_database) == found


def test_sqlite_has_none(sqlite_database: Database) -> None:
    assert _tables(sqlite_database) == set()
    assert schema.versions(sqlite_database) == {"revision": schema.newest()}


@pytest.mark.usefixtures("newer")
def test_what_a_newer_procrastinate_brings_is_asked_for_and_made(postgresql_database: Database) -> None:
    with pytest.raises(DatabaseNotReady, match=f"needs {CHANGE}: run `newsletter db upgrade`"):
        schema.check(postgresql_database)
    schema.upgrade(postgresql_database)
    schema.check(postgresql_database)
    assert "note" in {
        column["name"] for column in inspect(postgresql_database.engine).get_columns("procrastinate_jobs")
    }


def test_tables_newer_than_what_is_installed_are_refused(postgresql_database: Database) -> None:
    with postgresql_database.write() as session:
        session.execute(text(f"COMMENT ON TABLE procrastinate_jobs IS '{CHANGE}'"))
    with pytest.raises(DatabaseNotReady, match="newer than the Procrastinate that is installed"):
        schema.check(postgresql_database)


def test_tables_of_somebody_else_are_left_alone(postgresql_database: Database) -> None:
    schema.downgrade(postgresql_database)
    with postgresql_database.write() as session:
        session.execute(text("CREATE TABLE procrastinate_jobs (id integer)"))
    with pytest.raises(DatabaseNotReady, match="Another program works with them"):
        schema.upgrade(postgresql_database)
    assert schema.revision(postgresql_database) is None
    schema.downgrade(postgresql_database)
    assert _tables(postgresql_database) == {"procrastinate_jobs"}


def test_nothing_of_them_outlives_a_downgrade(postgresql_database: Database) -> None:
    schema.downgrade(postgresql_database)
    assert _tables(postgresql_database) == set()
    left = "SELECT count(*) FROM {} WHERE {} LIKE 'procrastinate%'"
    with postgresql_database.read() as session:
        assert session.scalar(text(left.format("pg_type", "typname"))) == 0
        assert session.scalar(text(left.format("pg_proc", "proname"))) == 0

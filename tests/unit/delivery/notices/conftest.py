"""What tests of notices share."""

from __future__ import annotations

import pytest

from subscribers.database import Database
from tests.factories.desk import Desk, make_desk


@pytest.fixture
def desk(database: Database) -> Desk:
    """Return a list at which mails can be asked for: once on SQLite, once on PostgreSQL."""
    return make_desk(database)


@pytest.fixture
def sqlite_desk(sqlite_database: Database) -> Desk:
    """Return one on SQLite alone, for what the database has no part in."""
    return make_desk(sqlite_database)

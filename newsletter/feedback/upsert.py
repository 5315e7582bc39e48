"""INSERT … ON CONFLICT, which both databases know and SQLAlchemy has in two places."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import inspect
from sqlalchemy.dialects import postgresql, sqlite

if TYPE_CHECKING:
    from sqlalchemy.orm import DeclarativeBase, Session


def inserting(session: Session, model: type[DeclarativeBase]) -> postgresql.Insert | sqlite.Insert:
    """Return the database's own INSERT into the table of `model`."""
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    statement: postgresql.Insert | sqlite.Insert = dialect.insert(inspect(model).local_table)
    return statement

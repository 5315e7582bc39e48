"""Alembic's way in. `newsletter db upgrade` hands it a connection; the `alembic` command (new revisions) does not."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Literal

from alembic import context

import newsletter.delivery.guarding.models
import newsletter.delivery.models
import newsletter.delivery.notices.models
import newsletter.delivery.pacing.models
import newsletter.feedback.models
import newsletter.issues.models
import newsletter.scheduling.models  # noqa: F401 - declares tables
import subscribers.attempts
import subscribers.models
import subscribers.privacy.models  # noqa: F401 - declares tables
from newsletter.queue_tables import is_theirs
from subscribers.database import Base, UtcDateTime, open_database

if TYPE_CHECKING:
    from alembic.autogenerate.api import AutogenContext
    from alembic.operations import MigrationScript
    from alembic.runtime.migration import MigrationContext
    from sqlalchemy import Connection


def main() -> None:
    """Run the migrations on the connection given, in its transaction, or on one of our own."""
    given = context.config.attributes.get("connection")
    if given is not None:
        _migrate(given)
        return
    database = open_database(os.environ.get("NEWSLETTER_DATABASE_URL", "sqlite://"))
    with database.engine.begin() as connection:
        _migrate(connection)
    database.close()


def _migrate(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        # SQLite alters most things by rebuilding the table; the first revision has nothing to rebuild
        render_as_batch=context.script.get_current_head() is not None,
        include_name=_is_ours,
        render_item=_render_item,
        process_revision_directives=_number,
    )
    with context.begin_transaction():
        context.run_migrations()


def _is_ours(name: str | None, kind: str, _parents: Any) -> bool:  # noqa: ANN401 - Alembic's
    return kind != "table" or name is None or not is_theirs(name)


def _render_item(kind: str, item: Any, _autogen: AutogenContext) -> str | Literal[False]:  # noqa: ANN401 - Alembic's
    """Write our own types as what they are in the database: a migration outlives the code it was made from."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, UtcDateTime) else False


def _number(_migration: MigrationContext, _revision: Any, directives: list[MigrationScript]) -> None:  # noqa: ANN401 - what Alembic hands over
    """Give a new revision the next number: 0001, 0002, …"""
    directives[0].rev_id = f"{int(context.script.get_current_head() or 0) + 1:04d}"


main()

"""Find events of people.

Revision 0013, after 0012.

A revision that was released is never changed; the next one mends it. While it runs, workers of the version before
may be sending: add first, fill, and take away only in a later release.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_SAYS_WHOSE = sa.text("body IS NOT NULL")


def upgrade() -> None:
    op.create_index(
        "ix_feedback_events_whose",
        "feedback_events",
        ["subscriber_id"],
        sqlite_where=_SAYS_WHOSE,
        postgresql_where=_SAYS_WHOSE,
    )


def downgrade() -> None:
    op.drop_index("ix_feedback_events_whose", table_name="feedback_events")

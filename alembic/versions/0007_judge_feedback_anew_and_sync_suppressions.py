"""Judge feedback anew and sync suppressions.

Revision 0007, after 0006.

A revision that was released is never changed; the next one mends it. While it runs, workers of the version before
may be sending: add first, fill, and take away only in a later release.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_SAYS_SOMETHING = sa.text("body IS NOT NULL AND meaning NOT IN ('sent', 'delivered')")


def upgrade() -> None:
    op.create_index(
        "ix_feedback_events_said",
        "feedback_events",
        ["subscriber_id"],
        sqlite_where=_SAYS_SOMETHING,
        postgresql_where=_SAYS_SOMETHING,
    )
    op.create_table(
        "account_suppressions",
        sa.Column("region", sa.String(length=32), nullable=False),
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.Column("written", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_ours", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("region", "email", name=op.f("pk_account_suppressions")),
    )
    op.create_table(
        "account_lists",
        sa.Column("region", sa.String(length=32), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("region", name=op.f("pk_account_lists")),
    )


def downgrade() -> None:
    op.drop_table("account_lists")
    op.drop_table("account_suppressions")
    op.drop_index("ix_feedback_events_said", table_name="feedback_events")

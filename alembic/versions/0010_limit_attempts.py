"""Limit attempts.

Revision 0010, after 0009.

A revision that was released is never changed; the next one mends it. While it runs, workers of the version before
may be sending: add first, fill, and take away only in a later release.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "attempts",
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("count >= 0", name=op.f("ck_attempts_count")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_attempts")),
    )
    op.create_index("ix_attempts_until", "attempts", ["until"])


def downgrade() -> None:
    op.drop_index("ix_attempts_until", table_name="attempts")
    op.drop_table("attempts")

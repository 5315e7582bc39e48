"""Keep pace.

Revision 0004, after 0003.

A revision that was released is never changed; the next one mends it. While it runs, workers of the version before
may be sending: add first, fill, and take away only in a later release.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "pace",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("bulk_free_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("preview_free_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("slowed_to", sa.Double(), nullable=False),
        sa.Column("slowed_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("max_rate", sa.Double(), nullable=True),
        sa.Column("quota", sa.Integer(), nullable=True),
        sa.Column("sent", sa.Integer(), nullable=True),
        sa.Column("production", sa.Boolean(), nullable=True),
        sa.Column("sending_enabled", sa.Boolean(), nullable=True),
        sa.Column("enforcement", sa.Text(), nullable=True),
        sa.Column("next_look_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("look_error", sa.Text(), nullable=False),
        sa.Column("since_look", sa.Integer(), nullable=False),
        sa.Column("kept_for_later", sa.Integer(), nullable=False),
        sa.Column("used_up_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("minute", sa.DateTime(timezone=True), nullable=True),
        sa.Column("this_minute", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("today", sa.Integer(), nullable=False),
        sa.Column("hold_reason", sa.Text(), nullable=False),
        sa.Column("hold_until", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(looked_at IS NULL) = (max_rate IS NULL) AND (looked_at IS NULL) = (quota IS NULL) AND (looked_at IS NULL) = (sent IS NULL) AND (looked_at IS NULL) = (production IS NULL) AND (looked_at IS NULL) = (sending_enabled IS NULL) AND (looked_at IS NULL) = (enforcement IS NULL)",
            name=op.f("ck_pace_account"),
        ),
        sa.CheckConstraint("id = 1", name=op.f("ck_pace_one")),
        sa.CheckConstraint("slowed_to > 0 AND slowed_to <= 1", name=op.f("ck_pace_slowed_to")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pace")),
    )
    op.create_table(
        "pace_minutes",
        sa.Column("minute", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recipients", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("minute", name=op.f("pk_pace_minutes")),
    )
    # the one row there ever is: workers compete for it from their first call on
    op.execute(
        "INSERT INTO pace (id, slowed_to, look_error, since_look, kept_for_later, this_minute, today, hold_reason) "
        "VALUES (1, 1, '', 0, 0, 0, 0, '')"
    )


def downgrade() -> None:
    op.drop_table("pace_minutes")
    op.drop_table("pace")

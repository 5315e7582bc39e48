"""Guard the reputation.

Revision 0006, after 0005.

A revision that was released is never changed; the next one mends it. While it runs, workers of the version before
may be sending: add first, fill, and take away only in a later release.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "feedback_totals",
        sa.Column("campaign_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("meaning", sa.String(length=24), nullable=False),
        sa.Column("events", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("campaign_id", "day", "meaning", name=op.f("pk_feedback_totals")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("feedback_totals", schema=None) as batch_op:
        batch_op.create_index("ix_feedback_totals_day", ["day"], unique=False)
    op.execute(
        "INSERT INTO feedback_totals (campaign_id, day, meaning, events) "
        "SELECT campaign_id, day, meaning, sum(events) FROM feedback_counts GROUP BY campaign_id, day, meaning"
    )

    op.create_table(
        "alarms",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("cause", sa.String(length=24), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("mails", sa.Integer(), nullable=False),
        sa.Column("bounces", sa.Integer(), nullable=False),
        sa.Column("complaints", sa.Integer(), nullable=False),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("mails_then", sa.Integer(), nullable=True),
        sa.Column("bounces_then", sa.Integer(), nullable=True),
        sa.Column("complaints_then", sa.Integer(), nullable=True),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "cause IN ('bounces', 'complaints', 'recent bounces', 'recent complaints', 'unheard', 'account')",
            name=op.f("ck_alarms_cause"),
        ),
        sa.CheckConstraint(
            "(mails_then IS NULL) = (bounces_then IS NULL) AND (mails_then IS NULL) = (complaints_then IS NULL)",
            name=op.f("ck_alarms_then"),
        ),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name=op.f("fk_alarms_campaign_id_campaigns")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alarms")),
    )
    with op.batch_alter_table("alarms", schema=None) as batch_op:
        batch_op.create_index(
            "uq_alarms_open",
            ["campaign_id"],
            unique=True,
            sqlite_where=sa.text("acknowledged_at IS NULL"),
            postgresql_where=sa.text("acknowledged_at IS NULL"),
        )
        batch_op.create_index(
            "ix_alarms_untold",
            ["id"],
            unique=False,
            sqlite_where=sa.text("told_at IS NULL"),
            postgresql_where=sa.text("told_at IS NULL"),
        )

    # the constraint comes with the last of its columns: SQLite would else have to write the table anew
    whole = sa.CheckConstraint("wave_until IS NULL OR wave_to IS NOT NULL", name=op.f("ck_campaigns_wave"))
    op.add_column("campaigns", sa.Column("wave_to", sa.Integer(), nullable=True))
    op.add_column("campaigns", sa.Column("wave_until", sa.DateTime(timezone=True), whole, nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("campaigns", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_campaigns_wave"), type_="check")
        batch_op.drop_column("wave_until")
        batch_op.drop_column("wave_to")

    op.drop_table("alarms")
    op.drop_table("feedback_totals")

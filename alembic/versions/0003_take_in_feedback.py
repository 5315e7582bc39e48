"""Take in feedback.

Revision 0003, after 0002.

A revision that was released is never changed; the next one mends it. While it runs, workers of the version before
may be sending: add first, fill, and take away only in a later release.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "feedback_addresses",
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.Column("bounced_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("bounce", sa.Text(), nullable=False),
        sa.Column("complained_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("complaint", sa.Text(), nullable=False),
        sa.Column("cleared_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("listed", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("email", name=op.f("pk_feedback_addresses")),
    )
    op.create_table(
        "feedback_clicks",
        sa.Column("campaign_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("link_key", sa.LargeBinary(length=16), nullable=False),
        sa.Column("automated", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("link", sa.Text(), nullable=False),
        sa.Column("clicks", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("campaign_id", "link_key", "automated", name=op.f("pk_feedback_clicks")),
    )
    op.create_table(
        "feedback_counts",
        sa.Column("campaign_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("domain", sa.String(length=255), nullable=False),
        sa.Column("meaning", sa.String(length=24), nullable=False),
        sa.Column("detail", sa.String(length=64), nullable=False),
        sa.Column("events", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("campaign_id", "day", "domain", "meaning", "detail", name=op.f("pk_feedback_counts")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "feedback_events",
        sa.Column("key", sa.LargeBinary(length=16), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("meaning", sa.String(length=24), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=True),
        sa.Column("subscriber_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_feedback_events")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "feedback_notices",
        sa.Column("message_id", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_feedback_notices")),
    )
    op.create_table(
        "feedback_quarantine",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.LargeBinary(length=16), nullable=False),
        sa.Column("stream", sa.String(length=512), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback_quarantine")),
        sa.UniqueConstraint("key", name=op.f("uq_feedback_quarantine_key")),
    )
    op.create_table(
        "feedback_streams",
        sa.Column("name", sa.String(length=512), nullable=False),
        sa.Column("polled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("drained_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("certain_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("best_effort_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("troubled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("trouble", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_feedback_streams")),
    )
    op.create_table(
        "feedback_strikes",
        sa.Column(
            "subscriber_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("campaign_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("mail_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("subscriber_id", "campaign_id", "mail_at", name=op.f("pk_feedback_strikes")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("receipts", schema=None) as batch_op:
        batch_op.add_column(sa.Column("facts", sa.SmallInteger(), server_default=sa.text("0"), nullable=False))
        batch_op.create_index(
            "ix_receipts_unsent",
            ["campaign_id"],
            unique=False,
            sqlite_where=sa.text("facts >= 128"),
            postgresql_where=sa.text("facts >= 128"),
        )


def downgrade() -> None:
    with op.batch_alter_table("receipts", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_receipts_unsent", sqlite_where=sa.text("facts >= 128"), postgresql_where=sa.text("facts >= 128")
        )
        batch_op.drop_column("facts")

    op.drop_table("feedback_strikes")
    op.drop_table("feedback_streams")
    op.drop_table("feedback_quarantine")
    op.drop_table("feedback_notices")
    op.drop_table("feedback_events")
    op.drop_table("feedback_counts")
    op.drop_table("feedback_clicks")
    op.drop_table("feedback_addresses")

"""Write outcomes in their order.

Revision 0015, after 0014.

Under SQLite the outcomes of a campaign lay in the order of subscribers: those of one call, who share a variant and not
their numbers, were written to nearly as many places as they are people. Now they lie as they come, and only the key
beside them is in order.

A revision that was released is never changed; the next one mends it. While it runs, workers of the version before
may be sending: add first, fill, and take away only in a later release.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _lay_out(with_rowid=True)


def downgrade() -> None:
    _lay_out(with_rowid=False)


def _lay_out(*, with_rowid: bool) -> None:
    if op.get_bind().dialect.name != "sqlite":
        return  # PostgreSQL has always done so
    op.drop_index("ix_deliveries_exceptions", table_name="deliveries")
    op.rename_table("deliveries", "deliveries_before")
    op.create_table(
        "deliveries",
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("subscriber_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=255), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("message_id", sa.String(length=255), nullable=True),
        sa.CheckConstraint("state IN ('sent', 'skipped', 'failed', 'uncertain')", name=op.f("ck_deliveries_state")),
        sa.PrimaryKeyConstraint("campaign_id", "subscriber_id", name=op.f("pk_deliveries")),
        sqlite_with_rowid=with_rowid,
    )
    columns = "campaign_id, subscriber_id, state, reason, at, message_id"
    op.execute(f"INSERT INTO deliveries ({columns}) SELECT {columns} FROM deliveries_before")  # noqa: S608 - names of ours
    op.drop_table("deliveries_before")
    op.create_index(
        "ix_deliveries_exceptions",
        "deliveries",
        ["campaign_id", "state", "reason"],
        unique=False,
        sqlite_where=sa.text("state <> 'sent'"),
    )

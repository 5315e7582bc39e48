"""Keep notices: mails to one person outside campaigns, and what became of them.

Revision 0009, after 0008.

A revision that was released is never changed; the next one mends it. While it runs, workers of the version before
may be sending: add first, fill, and take away only in a later release.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_OPEN = sa.text("state IN ('waiting', 'claimed')")


def upgrade() -> None:
    op.create_table(
        "notices",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("list_id", sa.Integer(), nullable=False),
        sa.Column("subscriber_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("confirmation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("email", sa.String(length=320), nullable=True),
        sa.Column("language", sa.String(length=35), nullable=False),
        sa.Column("rank", sa.SmallInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=False),
        sa.Column("not_after", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("tries", sa.SmallInteger(), nullable=False),
        sa.Column("lease_token", sa.String(length=64), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("label", sa.String(length=64), nullable=True),
        sa.Column("inflight_via", sa.Text(), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("message_id", sa.String(length=255), nullable=True),
        sa.Column("reason", sa.String(length=255), nullable=True),
        sa.CheckConstraint(
            "state IN ('waiting', 'claimed', 'sent', 'uncertain', 'failed', 'dropped')", name=op.f("ck_notices_state")
        ),
        sa.CheckConstraint(
            "kind IN ('confirm', 'welcome', 'new-address', 'address-changed', 're-permission', 'latest-issue')",
            name=op.f("ck_notices_kind"),
        ),
        sa.CheckConstraint("(state = 'claimed') = (lease_token IS NOT NULL)", name=op.f("ck_notices_lease")),
        sa.CheckConstraint("inflight_via IS NULL OR state = 'claimed'", name=op.f("ck_notices_inflight")),
        sa.ForeignKeyConstraint(["list_id"], ["lists.id"], name=op.f("fk_notices_list_id_lists")),
        sa.ForeignKeyConstraint(
            ["subscriber_id"],
            ["subscribers.id"],
            name=op.f("fk_notices_subscriber_id_subscribers"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("notices", schema=None) as batch_op:
        batch_op.create_index(
            "ix_notices_open", ["rank", "id"], unique=False, sqlite_where=_OPEN, postgresql_where=_OPEN
        )
        batch_op.create_index("ix_notices_subscriber_id", ["subscriber_id"], unique=False)


def downgrade() -> None:
    op.drop_table("notices")

"""Remember wishes: exclusions, digests, how somebody left; confirmations by mail; where consent came from.

Revision 0008, after 0007.

A revision that was released is never changed; the next one mends it. While it runs, workers of the version before
may be sending: add first, fill, and take away only in a later release.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_BEFORE = (
    "action IN ('subscribed', 'confirmed', 'preferences', 'paused', 'resumed', 'unsubscribed', 'suppressed', "
    "'reinstated')"
)
_NOW = (
    "action IN ('requested', 'subscribed', 'confirmed', 'preferences', 'address', 'paused', 'resumed', "
    "'unsubscribed', 'suppressed', 'reinstated')"
)


def upgrade() -> None:
    op.add_column("lists", sa.Column("policies", sa.JSON(), nullable=True))

    op.add_column("subscriptions", sa.Column("topics_excluded", sa.Text(), server_default="", nullable=False))
    known = sa.CheckConstraint("digest IN ('weekly', 'monthly')", name=op.f("ck_subscriptions_digest"))
    op.add_column(
        "subscriptions", sa.Column("digest", sa.String(length=16), known, server_default="weekly", nullable=False)
    )
    op.add_column("subscriptions", sa.Column("left_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("subscriptions", sa.Column("left_campaign", sa.Integer(), nullable=True))
    op.add_column("subscriptions", sa.Column("left_reason", sa.String(length=16), nullable=True))

    op.add_column("consents", sa.Column("language", sa.String(length=35), server_default="", nullable=False))
    op.add_column("consents", sa.Column("ip", sa.String(length=64), server_default="", nullable=False))
    with op.batch_alter_table("consents", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_consents_action"), type_="check")
        batch_op.create_check_constraint(op.f("ck_consents_action"), _NOW)

    op.create_table(
        "confirmations",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("list_id", sa.Integer(), nullable=False),
        sa.Column("subscriber_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("email", sa.String(length=320), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('subscribe', 'address', 're-permission')", name=op.f("ck_confirmations_kind")),
        sa.CheckConstraint("(kind = 'address') = (email IS NOT NULL)", name=op.f("ck_confirmations_email")),
        sa.ForeignKeyConstraint(["list_id"], ["lists.id"], name=op.f("fk_confirmations_list_id_lists")),
        sa.ForeignKeyConstraint(
            ["subscriber_id"],
            ["subscribers.id"],
            name=op.f("fk_confirmations_subscriber_id_subscribers"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_confirmations")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("confirmations", schema=None) as batch_op:
        batch_op.create_index("ix_confirmations_subscriber_id", ["subscriber_id", "created_at"], unique=False)
        batch_op.create_index("ix_confirmations_email", ["email", "created_at"], unique=False)


def downgrade() -> None:
    op.drop_table("confirmations")

    # what the version before has no word for is nothing it could tell anybody about
    op.execute("DELETE FROM consents WHERE action IN ('requested', 'address')")
    with op.batch_alter_table("consents", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_consents_action"), type_="check")
        batch_op.create_check_constraint(op.f("ck_consents_action"), _BEFORE)
        batch_op.drop_column("ip")
        batch_op.drop_column("language")

    with op.batch_alter_table("subscriptions", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_subscriptions_digest"), type_="check")
        for column in ("left_reason", "left_campaign", "left_at", "digest", "topics_excluded"):
            batch_op.drop_column(column)
    with op.batch_alter_table("lists", schema=None) as batch_op:
        batch_op.drop_column("policies")

"""Forget people.

Revision 0011, after 0010.

A revision that was released is never changed; the next one mends it. While it runs, workers of the version before
may be sending: add first, fill, and take away only in a later release.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


_KEPT = ("id", "list_id", "subscriber_id", "action", "source", "wording", "detail", "at", "language")
_SAME = " AND ".join(f"NEW.{name} = OLD.{name}" for name in _KEPT)
_ALLOWED = f"NEW.ip = '' AND {_SAME}"
"""The network somebody came from is forgotten after a while; nothing else of a line ever changes."""


def _hold_the_log() -> None:
    """Let the database itself refuse to change what somebody agreed to."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            f"CREATE TRIGGER consents_append_only BEFORE UPDATE ON consents WHEN NOT ({_ALLOWED}) "
            "BEGIN SELECT RAISE(ABORT, 'the log of consents is append-only'); END"
        )
        return
    op.execute(
        "CREATE FUNCTION refuse_to_change_consents() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the log of consents is append-only' USING ERRCODE = 'integrity_constraint_violation'; "
        "END $$"
    )
    op.execute(
        f"CREATE TRIGGER consents_append_only BEFORE UPDATE ON consents FOR EACH ROW WHEN (NOT ({_ALLOWED})) "
        "EXECUTE FUNCTION refuse_to_change_consents()"
    )


def _let_the_log_go() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER consents_append_only")
        return
    op.execute("DROP TRIGGER consents_append_only ON consents")
    op.execute("DROP FUNCTION refuse_to_change_consents()")


def upgrade() -> None:
    op.create_table(
        "erased",
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("suppressed", sa.String(length=16), nullable=True),
        sa.CheckConstraint("suppressed IN ('bounce', 'complaint', 'manual')", name=op.f("ck_erased_suppressed")),
        sa.PrimaryKeyConstraint("fingerprint", name=op.f("pk_erased")),
    )
    op.create_table(
        "ledger_totals",
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=255), nullable=False),
        sa.Column("mails", sa.Integer(), nullable=False),
        sa.CheckConstraint("state IN ('sent', 'skipped', 'failed', 'uncertain')", name=op.f("ck_ledger_totals_state")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name=op.f("fk_ledger_totals_campaign_id_campaigns")),
        sa.PrimaryKeyConstraint("campaign_id", "state", "reason", name=op.f("pk_ledger_totals")),
    )
    op.create_table(
        "report_totals",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(length=8), nullable=False),
        sa.Column("variant_no", sa.Integer(), nullable=True),
        sa.Column("provider", sa.String(length=64), nullable=False),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("facts", sa.SmallInteger(), nullable=True),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.CheckConstraint("what IN ('outcome', 'left')", name=op.f("ck_report_totals_what")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_totals")),
    )
    op.create_index("ix_report_totals_campaign_id", "report_totals", ["campaign_id"])
    op.create_table(
        "chores",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("said", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_chores")),
    )
    op.create_table(
        "sunsets",
        sa.Column("list_id", sa.Integer(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["list_id"], ["lists.id"], name=op.f("fk_sunsets_list_id_lists")),
        sa.PrimaryKeyConstraint("list_id", name=op.f("pk_sunsets")),
    )
    op.add_column("subscriptions", sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True))
    _hold_the_log()


def downgrade() -> None:
    _let_the_log_go()
    with op.batch_alter_table("subscriptions", schema=None) as batch_op:
        batch_op.drop_column("seen_at")
    op.drop_table("sunsets")
    op.drop_table("chores")
    op.drop_table("report_totals")
    op.drop_table("ledger_totals")
    op.drop_table("erased")

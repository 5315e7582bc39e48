"""Hear and answer people: why they leave, in their words; that they are subscribed already, when they ask again.

Revision 0014, after 0013.

A revision that was released is never changed; the next one mends it. While it runs, workers of the version before
may be sending: add first, fill, and take away only in a later release.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_BEFORE = "'confirm', 'welcome', 'new-address', 'address-changed', 're-permission', 'latest-issue'"


def upgrade() -> None:
    op.add_column("subscriptions", sa.Column("left_words", sa.String(length=300), nullable=True))
    _kinds(f"kind IN ({_BEFORE}, 'already-subscribed')")


def downgrade() -> None:
    op.execute("DELETE FROM notices WHERE kind = 'already-subscribed'")
    _kinds(f"kind IN ({_BEFORE})")
    op.drop_column("subscriptions", "left_words")


def _kinds(known: str) -> None:
    """Let notices be of these kinds. SQLite makes the table anew, and has to go on with its numbers."""
    sequence = sa.table("sqlite_sequence", sa.column("name"), sa.column("seq"))
    notices = sequence.c.name == "notices"
    sqlite = op.get_bind().dialect.name == "sqlite"
    reached = op.get_bind().scalar(sa.select(sequence.c.seq).where(notices)) if sqlite else None
    with op.batch_alter_table("notices", table_kwargs={"sqlite_autoincrement": True}) as batch_op:
        batch_op.drop_constraint(op.f("ck_notices_kind"), type_="check")
        batch_op.create_check_constraint(op.f("ck_notices_kind"), known)
    if reached is not None:
        op.execute(sa.delete(sequence).where(notices))
        op.execute(sa.insert(sequence).values(name="notices", seq=reached))

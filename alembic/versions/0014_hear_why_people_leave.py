"""Hear why people leave.

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


def upgrade() -> None:
    op.add_column("subscriptions", sa.Column("left_words", sa.String(length=300), nullable=True))


def downgrade() -> None:
    op.drop_column("subscriptions", "left_words")

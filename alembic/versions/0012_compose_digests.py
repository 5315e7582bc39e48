"""Compose digests.

Revision 0012, after 0011.

A revision that was released is never changed; the next one mends it. While it runs, workers of the version before
may be sending: add first, fill, and take away only in a later release.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("issues", sa.Column("digest_month", sa.Date(), nullable=True))


def downgrade() -> None:
    op.drop_column("issues", "digest_month")

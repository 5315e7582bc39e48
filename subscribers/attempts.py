"""The table behind `limits`."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from subscribers.database import Base


class Attempt(Base):
    """How often one thing was tried in the window that `until` ends. Nobody can be found by it: see `limits`."""

    __tablename__ = "attempts"

    key: Mapped[str] = mapped_column(String(32), primary_key=True)
    """Keyed hash of the limit and of what it is about."""
    count: Mapped[int]
    until: Mapped[datetime]

    __table_args__ = (
        CheckConstraint("count >= 0", name="count"),
        Index("ix_attempts_until", "until"),  # what is over is swept out without a look at the rest
    )

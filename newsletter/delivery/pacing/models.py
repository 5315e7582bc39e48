"""The tables of pacing: how things stand, in one row, and how much was promised in which minute."""

from __future__ import annotations

import datetime as dt
from datetime import datetime

from sqlalchemy import CheckConstraint, Text
from sqlalchemy.orm import Mapped, mapped_column

from subscribers.database import Base


class PaceRow(Base):
    """The gauge of this installation: one row, made by the migration. `gauge.Gauge` says what its fields mean."""

    __tablename__ = "pace"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime | None]
    bulk_free_at: Mapped[datetime | None]
    preview_free_at: Mapped[datetime | None]
    slowed_to: Mapped[float] = mapped_column(default=1.0)
    slowed_since: Mapped[datetime | None]
    looked_at: Mapped[datetime | None]
    max_rate: Mapped[float | None]
    quota: Mapped[int | None]
    sent: Mapped[int | None]
    production: Mapped[bool | None]
    sending_enabled: Mapped[bool | None]
    enforcement: Mapped[str | None] = mapped_column(Text)
    next_look_at: Mapped[datetime | None]
    look_error: Mapped[str] = mapped_column(Text, default="")
    since_look: Mapped[int] = mapped_column(default=0)
    kept_for_later: Mapped[int] = mapped_column(default=0)
    used_up_until: Mapped[datetime | None]
    minute: Mapped[datetime | None]
    this_minute: Mapped[int] = mapped_column(default=0)
    day: Mapped[dt.date | None]
    today: Mapped[int] = mapped_column(default=0)
    hold_reason: Mapped[str] = mapped_column(Text, default="")
    hold_until: Mapped[datetime | None]

    __table_args__ = (
        # prevents two rates for one account
        CheckConstraint("id = 1", name="one"),
        CheckConstraint("slowed_to > 0 AND slowed_to <= 1", name="slowed_to"),
        # prevents half an answer from being taken for one
        CheckConstraint(
            "(looked_at IS NULL) = (max_rate IS NULL) AND (looked_at IS NULL) = (quota IS NULL) "
            "AND (looked_at IS NULL) = (sent IS NULL) AND (looked_at IS NULL) = (production IS NULL) "
            "AND (looked_at IS NULL) = (sending_enabled IS NULL) AND (looked_at IS NULL) = (enforcement IS NULL)",
            name="account",
        ),
    )


class PaceMinute(Base):
    """How many recipients were promised a slot in one minute that is over; kept for two days."""

    __tablename__ = "pace_minutes"

    minute: Mapped[datetime] = mapped_column(primary_key=True)
    recipients: Mapped[int]

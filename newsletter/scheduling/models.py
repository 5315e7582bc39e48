"""When lists send by themselves, and what came of every time. What is due stands here, not in any process."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Float, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from subscribers.database import Base


class Schedule(Base):
    """A slot of a list: days of the week and a time of day in a zone. Kept when it is taken away, for what it did."""

    __tablename__ = "schedules"

    id: Mapped[int] = mapped_column(primary_key=True)
    list_id: Mapped[int] = mapped_column(ForeignKey("lists.id"))
    weekdays: Mapped[str] = mapped_column(String(32))
    """As in `mon,fri`; of a slot for digests `first mon`."""
    time: Mapped[str] = mapped_column(String(5))
    """As in `08:00`."""
    timezone: Mapped[str] = mapped_column(String(64))
    local_time: Mapped[bool]
    """Everybody gets it when the clocks of their own zone show `time`."""
    catch_up_hours: Mapped[float | None] = mapped_column(Float)
    """How late it may begin without asking; None: what the installation says."""
    next_wall: Mapped[str | None] = mapped_column(String(19))
    """The next date and time, without offset; None: the slot was taken away."""
    next_fire_at: Mapped[datetime | None]
    """The instant of it. Whoever moves it from what they read to the next one has fired the slot; nobody else has."""
    created_at: Mapped[datetime]

    __table_args__ = (
        UniqueConstraint("list_id", "weekdays", "time", "timezone"),  # prevents one slot from firing as two
        CheckConstraint("(next_wall IS NULL) = (next_fire_at IS NULL)", name="next"),
        Index("ix_schedules_next_fire_at", "next_fire_at"),
    )


class Occurrence(Base):
    """One time that a slot has fired."""

    __tablename__ = "occurrences"

    # the primary key prevents a time of day from firing twice: when clocks are turned back, or set
    schedule_id: Mapped[int] = mapped_column(ForeignKey("schedules.id"), primary_key=True)
    wall_time: Mapped[str] = mapped_column(String(19), primary_key=True)
    """Without an offset."""
    due_at: Mapped[datetime]
    fired_at: Mapped[datetime]
    outcome: Mapped[str] = mapped_column(String(16))
    campaign_id: Mapped[int | None] = mapped_column(ForeignKey("campaigns.id"))
    """What was begun, or waits for a person."""
    note: Mapped[str] = mapped_column(Text)

    __table_args__ = (
        CheckConstraint("outcome IN ('begun', 'nothing', 'missed')", name="outcome"),
        # prevents a beginning of nothing
        CheckConstraint("outcome <> 'begun' OR campaign_id IS NOT NULL", name="begun"),
    )


class ChoreRow(Base):
    """When something that is done once a day is due next: whoever moves that does it, and nobody else."""

    __tablename__ = "chores"

    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    next_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    """When it was done last."""
    said: Mapped[str] = mapped_column(Text)
    """What it came to then."""

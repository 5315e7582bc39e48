"""Alarms: why campaigns were stopped for the sake of the reputation, and who said that they go on all the same."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from subscribers.database import Base, BigId


class Alarm(Base):
    """One alarm. Append-only but for what happened to it since."""

    __tablename__ = "alarms"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"))
    cause: Mapped[str] = mapped_column(String(24))
    reason: Mapped[str] = mapped_column(Text)
    """For a person: what was seen, with its figures."""
    raised_at: Mapped[datetime]
    mails: Mapped[int]
    """The figures it was raised for: mails whose end was known, and how many of them did harm."""
    bounces: Mapped[int]
    complaints: Mapped[int]
    acknowledged_at: Mapped[datetime | None]
    """When somebody let the campaign go on all the same."""
    mails_then: Mapped[int | None]
    """The campaign's figures when that was noticed: from there on it is judged anew."""
    bounces_then: Mapped[int | None]
    complaints_then: Mapped[int | None]
    tried_at: Mapped[datetime | None]
    """When somebody last set about telling the admins: nobody else does for a while."""
    told_at: Mapped[datetime | None]
    """When they were told; or there was nobody to tell."""

    __table_args__ = (
        CheckConstraint(
            "cause IN ('bounces', 'complaints', 'recent bounces', 'recent complaints', 'unheard', 'account')",
            name="cause",
        ),
        # prevents judging by half a figure
        CheckConstraint(
            "(mails_then IS NULL) = (bounces_then IS NULL) AND (mails_then IS NULL) = (complaints_then IS NULL)",
            name="then",
        ),
        # prevents one trouble from alarming twice, whoever watches
        Index(
            "uq_alarms_open",
            "campaign_id",
            unique=True,
            sqlite_where=text("acknowledged_at IS NULL"),
            postgresql_where=text("acknowledged_at IS NULL"),
        ),
        # whoever watches asks every second for those that nobody was told of
        Index(
            "ix_alarms_untold",
            "id",
            sqlite_where=text("told_at IS NULL"),
            postgresql_where=text("told_at IS NULL"),
        ),
    )

"""Mails to one person outside campaigns: what is due, what is under way, what became of it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from subscribers.database import Base, BigId

_OPEN = text("state IN ('waiting', 'claimed')")


class Notice(Base):
    """One mail. Its way is in `notices.lifecycle`."""

    __tablename__ = "notices"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    kind: Mapped[str] = mapped_column(String(24))
    list_id: Mapped[int] = mapped_column(ForeignKey("lists.id"))
    subscriber_id: Mapped[int] = mapped_column(BigId, ForeignKey("subscribers.id", ondelete="CASCADE"))
    confirmation_id: Mapped[int | None] = mapped_column(BigId)
    """No foreign key: requests are forgotten sooner than that they were mailed."""
    email: Mapped[str | None] = mapped_column(String(320))
    """Where it goes; NULL: to the person's own address, as it is then."""
    language: Mapped[str] = mapped_column(String(35), default="")
    """Of the page where it was asked for; "": what the person chose."""
    rank: Mapped[int] = mapped_column(SmallInteger)
    """Somebody waits for a confirmation; nobody for a welcome. The lower ones go first."""
    created_at: Mapped[datetime]
    not_before: Mapped[datetime]
    """Later than `created_at` after a try that came to nothing."""
    not_after: Mapped[datetime]
    """Nobody expects it any more."""
    state: Mapped[str] = mapped_column(String(16), default="waiting")
    tries: Mapped[int] = mapped_column(SmallInteger, default=0)
    """That came to nothing."""
    lease_token: Mapped[str | None] = mapped_column(String(64))
    lease_until: Mapped[datetime | None]
    label: Mapped[str | None] = mapped_column(String(64))
    """With the number, what the outside calls the mail; of whoever tried last."""
    inflight_via: Mapped[str | None] = mapped_column(Text)
    """The transport that is about to take it, or was when its sender died."""
    sent_at: Mapped[datetime | None]
    """The date of the mail: of the one that was accepted, or may have been."""
    message_id: Mapped[str | None] = mapped_column(String(255))
    """The transport's own id; of one that is claimed or uncertain: an event has proven that it was accepted."""
    reason: Mapped[str | None] = mapped_column(String(255))
    """Why it is dropped, failed, uncertain, or still waiting; no address in it."""

    __table_args__ = (
        CheckConstraint(
            "state IN ('waiting', 'claimed', 'sent', 'uncertain', 'failed', 'dropped')",
            name="state",
        ),
        CheckConstraint(
            "kind IN ('confirm', 'welcome', 'new-address', 'address-changed', 're-permission', 'latest-issue', "
            "'already-subscribed')",
            name="kind",
        ),
        # prevents a claim that nobody holds, and one that is held after the end
        CheckConstraint("(state = 'claimed') = (lease_token IS NOT NULL)", name="lease"),
        # prevents a call under way that nobody answers for
        CheckConstraint("inflight_via IS NULL OR state = 'claimed'", name="inflight"),
        # whoever sends asks every second for the next one
        Index("ix_notices_open", "rank", "id", sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_notices_subscriber_id", "subscriber_id"),
        # prevents two mails with one id: numbers are never given again
        {"sqlite_autoincrement": True},
    )

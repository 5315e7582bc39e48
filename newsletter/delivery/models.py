"""The ledger. It alone is the truth of who got what; engines and workers come and go.

A campaign's plan is written once, in variant order; a chunk is a range of positions of it. Before a call a
worker writes how far it will go (`inflight_to`), after it the outcomes and the new `cursor` in one transaction.
What lies in [cursor, inflight_to] of a chunk whose worker died is in doubt: settled by evidence, never repeated on
a guess.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, Integer, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from subscribers.database import Base, BigId


class Campaign(Base):
    """One issue going out to one list."""

    __tablename__ = "campaigns"

    id: Mapped[int] = mapped_column(primary_key=True)
    list_id: Mapped[int] = mapped_column(ForeignKey("lists.id"))
    issue_id: Mapped[int] = mapped_column(ForeignKey("issues.id"))
    revision_id: Mapped[int] = mapped_column(ForeignKey("issue_revisions.id"))
    content_hash: Mapped[str] = mapped_column(String(64))
    """Of the revision that was approved: what was proofed is what is sent."""
    state: Mapped[str] = mapped_column(String(16))
    state_reason: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    planned: Mapped[int] = mapped_column(Integer, default=0)
    """Recipients in the plan; 0 until planning has ended."""

    __table_args__ = (
        CheckConstraint("state IN ('scheduled', 'planning', 'sending', 'paused', 'sent', 'cancelled')", name="state"),
        # prevents an issue from going out twice to a list
        Index(
            "uq_campaigns_live",
            "list_id",
            "issue_id",
            unique=True,
            sqlite_where=text("state <> 'cancelled'"),
            postgresql_where=text("state <> 'cancelled'"),
        ),
    )


class VariantRow(Base):
    """The items of an edition that a group of subscribers gets."""

    __tablename__ = "variants"

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"), primary_key=True)
    variant_no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    language: Mapped[str] = mapped_column(String(16))
    """The reader's language: labels, dates, legal lines."""
    content_language: Mapped[str] = mapped_column(String(16))
    """The language of the content; another one where the issue lacks the reader's."""
    items: Mapped[list[int]] = mapped_column(JSON)
    """Positions of the chosen items, ascending."""


class Planned(Base):
    """One recipient of a campaign: a narrow row, written once by the plan, in variant order."""

    __tablename__ = "plan"

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    # no foreign key: an erased person is gone from `subscribers`, the books stay
    subscriber_id: Mapped[int] = mapped_column(BigId)
    variant_no: Mapped[int] = mapped_column(Integer)

    __table_args__ = (
        UniqueConstraint("campaign_id", "subscriber_id"),  # prevents somebody from being planned twice
        {"sqlite_with_rowid": False},
    )


class Chunk(Base):
    """A range of positions, [first, last]: what a worker claims."""

    __tablename__ = "chunks"

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"), primary_key=True)
    chunk_no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    first: Mapped[int]
    last: Mapped[int]
    state: Mapped[str] = mapped_column(String(16))
    attempt: Mapped[int] = mapped_column(default=0)
    lease_token: Mapped[str | None] = mapped_column(String(64))
    """Fencing: every write of a worker is conditional on holding it."""
    lease_until: Mapped[datetime | None]
    cursor: Mapped[int]
    """The next position without an outcome."""
    inflight_to: Mapped[int | None]
    """The last position of the call under way; None between calls."""

    __table_args__ = (
        CheckConstraint("state IN ('open', 'claimed', 'done')", name="state"),
        CheckConstraint("cursor >= first AND cursor <= last + 1", name="cursor"),
    )


class Delivery(Base):
    """One subscriber, one campaign, one outcome. Inserted once; only a settled uncertainty ever changes it."""

    __tablename__ = "deliveries"

    # the primary key prevents a second outcome, so a second mail, for one subscriber
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"), primary_key=True)
    subscriber_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    state: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str | None] = mapped_column(String(255))
    at: Mapped[datetime]
    message_id: Mapped[str | None] = mapped_column(String(255))
    """The transport's own id of the accepted mail."""

    __table_args__ = (
        CheckConstraint("state IN ('sent', 'skipped', 'failed', 'uncertain')", name="state"),
        {"sqlite_with_rowid": False},
    )

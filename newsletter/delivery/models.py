"""The ledger. It alone is the truth of who got what; engines and workers come and go.

A campaign's plan is written once, in variant order; a chunk is a range of positions of it. Before a call a worker
writes which positions it takes (`inflight_from` … `inflight_to`), after it the outcomes and the new `cursor` in one
transaction. A call takes everybody between its ends who has no outcome yet; so what has none between them when the
worker died is exactly what is in doubt: settled by evidence, never repeated on a guess.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from subscribers.database import Base, BigId


class Campaign(Base):
    """One issue going out to one list."""

    __tablename__ = "campaigns"

    id: Mapped[int] = mapped_column(primary_key=True)
    label: Mapped[str] = mapped_column(String(64), unique=True)  # prevents two deliveries answering to one id
    """What the outside knows it by: in delivery ids, tags, folders of the outbox. Never used again, in any database."""
    list_id: Mapped[int] = mapped_column(ForeignKey("lists.id"))
    issue_id: Mapped[int] = mapped_column(ForeignKey("issues.id"))
    revision_id: Mapped[int] = mapped_column(ForeignKey("issue_revisions.id"))
    content_hash: Mapped[str] = mapped_column(String(64))
    """Of the revision that was approved: what was proofed is what is sent."""
    state: Mapped[str] = mapped_column(String(16))
    state_reason: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    """When planning ended; the Date of every mail, so that a mail can be made again byte for byte."""
    finished_at: Mapped[datetime | None]
    planned: Mapped[int | None] = mapped_column(Integer)
    """Everybody the books speak of, the skipped included; None until planning has ended."""
    stretch_started_at: Mapped[datetime | None]
    """When sending last began or went on: what the rate is measured from."""
    stretch_pending: Mapped[int | None] = mapped_column(Integer)
    """How many had no outcome then."""
    envelope: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    """What its mails say beside the content, as it was when the plan was written: see `envelopes`."""
    scheduled_at: Mapped[datetime | None]
    """When it is, or was, to begin; None: somebody began it by hand."""
    wall_time: Mapped[str | None] = mapped_column(String(19))
    """What the clocks of `timezone` show then, as `2026-11-27T08:00:00`: without an offset."""
    timezone: Mapped[str | None] = mapped_column(String(64))
    local_time: Mapped[bool | None]
    """Everybody gets it when the clocks of their own zone show `wall_time`."""
    held_back: Mapped[str | None] = mapped_column(String(16))
    """Why a scheduled one whose time has come has not begun; None: nothing keeps it from beginning."""
    wave_to: Mapped[int | None]
    """The last chunk of the first wave, while the rest waits for it: see `guarding.first_wave`."""
    wave_until: Mapped[datetime | None]
    """When the rest may follow; None while the wave is sent, and where there is none."""

    __table_args__ = (
        CheckConstraint("state IN ('scheduled', 'planning', 'sending', 'paused', 'sent', 'cancelled')", name="state"),
        # prevents sending by no plan, so a campaign that ends at once with nobody reached
        CheckConstraint("state NOT IN ('sending', 'sent') OR planned IS NOT NULL", name="planned"),
        # prevents one that waits for no time, so for ever
        CheckConstraint("state <> 'scheduled' OR scheduled_at IS NOT NULL", name="scheduled_at"),
        # prevents a plan by everybody's own clock that does not know what the clock is to show
        CheckConstraint(
            "(scheduled_at IS NULL) = (wall_time IS NULL) AND (wall_time IS NULL) = (timezone IS NULL)",
            name="appointment",
        ),
        CheckConstraint("held_back IN ('edited', 'missed', 'nobody')", name="held_back"),
        # prevents waiting for a wave that there is not
        CheckConstraint("wave_until IS NULL OR wave_to IS NOT NULL", name="wave"),
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

    # no foreign keys: one to the campaign was 60 % of the time of planning on PostgreSQL, and campaigns are never
    # deleted; an erased person is gone from `subscribers`, the books stay
    campaign_id: Mapped[int] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """From 0."""
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
    """How often it was claimed."""
    lease_token: Mapped[str | None] = mapped_column(String(64))
    """Fencing: every write of a worker is conditional on holding it."""
    lease_until: Mapped[datetime | None]
    """When others may take it over, by the database's clock; None where only one process may send (SQLite)."""
    not_before: Mapped[datetime | None]
    """Of an open chunk: when to try again those who were put off; or when it is the time of day of its readers."""
    rounds: Mapped[int] = mapped_column(default=0)
    """How often recipients of it were put off."""
    cursor: Mapped[int]
    """The first position without an outcome; later ones may have one."""
    inflight_from: Mapped[int | None]
    inflight_to: Mapped[int | None]
    """The first and the last position of the call under way; None between calls."""
    inflight_via: Mapped[str | None] = mapped_column(Text)
    """The transport of that call: no other can give evidence of it."""
    remaining: Mapped[int]
    """Positions without an outcome."""
    sent: Mapped[int] = mapped_column(default=0)
    """Positions whose outcome is `sent`: counted here, so that the books need not count a million rows."""
    inflight_at: Mapped[datetime | None]
    """The Date of the mails of the call under way."""

    __table_args__ = (
        CheckConstraint("state IN ('open', 'claimed', 'done')", name="state"),
        CheckConstraint("cursor >= first AND cursor <= last + 1", name="cursor"),
        # prevents a chunk from being called done while somebody in it has no outcome, and the other way round
        CheckConstraint("remaining >= 0 AND (state = 'done') = (remaining = 0)", name="remaining"),
        CheckConstraint("(state = 'claimed') = (lease_token IS NOT NULL)", name="lease"),
        CheckConstraint(
            "(inflight_from IS NULL) = (inflight_to IS NULL) AND (inflight_to IS NULL) = (inflight_via IS NULL)",
            name="inflight",
        ),
        # prevents somebody in doubt from being counted as done
        CheckConstraint("state <> 'done' OR inflight_to IS NULL", name="settled"),
        # finding the next chunk must not get slower with the number of those that are done
        Index(
            "ix_chunks_unfinished",
            "campaign_id",
            "chunk_no",
            sqlite_where=text("state <> 'done'"),
            postgresql_where=text("state <> 'done'"),
        ),
    )


class Delivery(Base):
    """One subscriber, one campaign, one outcome.

    Inserted once; changed by nothing but a receipt that settles a doubt or says that the mail was not sent after all,
    taken away by nothing but a `Reopening`.
    """

    __tablename__ = "deliveries"

    # the primary key prevents a second outcome, so a second mail, for one subscriber; no foreign keys, as in the plan
    campaign_id: Mapped[int] = mapped_column(primary_key=True)
    subscriber_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    state: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str | None] = mapped_column(String(255))
    at: Mapped[datetime]
    message_id: Mapped[str | None] = mapped_column(String(255))
    """The transport's own id of the accepted mail."""

    # under SQLite they lie as they come: those of a call share a variant, and their numbers are far from each other
    __table_args__ = (
        CheckConstraint("state IN ('sent', 'skipped', 'failed', 'uncertain')", name="state"),
        # the books count these and people read them; they are few
        Index(
            "ix_deliveries_exceptions",
            "campaign_id",
            "state",
            "reason",
            sqlite_where=text("state <> 'sent'"),
            postgresql_where=text("state <> 'sent'"),
        ),
    )


class Receipt(Base):
    """Proof that a mail was accepted: the Send event that carries its delivery's id came back."""

    __tablename__ = "receipts"

    # the primary key makes the same event, come twice, one receipt; no foreign keys, as in the plan
    campaign_id: Mapped[int] = mapped_column(primary_key=True)
    subscriber_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    message_id: Mapped[str] = mapped_column(String(255))
    at: Mapped[datetime]
    """When it was accepted, by the other side's clock."""
    facts: Mapped[int] = mapped_column(SmallInteger, default=0, server_default=text("0"))
    """What is known of it since: `feedback.facts.Fact`."""

    __table_args__ = (
        # accepted and not sent after all; they are few
        Index(
            "ix_receipts_unsent",
            "campaign_id",
            sqlite_where=text("facts >= 128"),
            postgresql_where=text("facts >= 128"),
        ),
        {"sqlite_with_rowid": False},
    )


class Reopening(Base):
    """An outcome that was taken back, for its person to get the mail after all. Append-only."""

    __tablename__ = "reopenings"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"))
    subscriber_id: Mapped[int] = mapped_column(BigId)
    state: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str | None] = mapped_column(String(255))
    at: Mapped[datetime]
    """The Date of the mail that did not go."""
    reopened_at: Mapped[datetime]
    why: Mapped[str] = mapped_column(Text)

    __table_args__ = (
        CheckConstraint("state IN ('failed', 'uncertain')", name="state"),
        Index("ix_reopenings_campaign_id", "campaign_id", "subscriber_id"),
    )


class LedgerTotal(Base):
    """How many outcomes of a campaign were alike, once their rows are kept no longer. Written once, all at a time."""

    __tablename__ = "ledger_totals"

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"), primary_key=True)
    state: Mapped[str] = mapped_column(String(16), primary_key=True)
    reason: Mapped[str] = mapped_column(String(255), primary_key=True)
    """Why they were skipped; empty for all others, whose reasons are words of somebody else's server."""
    mails: Mapped[int]

    __table_args__ = (CheckConstraint("state IN ('sent', 'skipped', 'failed', 'uncertain')", name="state"),)

"""The tables of this package. What must always be so stands here as a constraint, with what it prevents."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from subscribers.database import Base, BigId


class List(Base):
    """A publication that one can subscribe to. `subscribers.publication.Publication` is its value."""

    __tablename__ = "lists"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(64), unique=True)  # prevents two lists answering to one name
    name: Mapped[str] = mapped_column(Text)
    sender_name: Mapped[str] = mapped_column(Text)
    sender_email: Mapped[str] = mapped_column(String(320))
    reply_to: Mapped[str | None] = mapped_column(String(320))
    languages: Mapped[list[str]] = mapped_column(JSON)
    topics: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    branding: Mapped[dict[str, Any]] = mapped_column(JSON)
    postal_address: Mapped[str] = mapped_column(Text)
    nothing_left: Mapped[str] = mapped_column(String(16))
    created_at: Mapped[datetime]
    timezone: Mapped[str | None] = mapped_column(String(64))
    policies: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    """By the name of the field of `publication.Policies`; what is missing has its default."""

    __table_args__ = (CheckConstraint("nothing_left IN ('summary', 'skip')", name="nothing_left"),)


class Subscriber(Base):
    """A person, known by one address."""

    __tablename__ = "subscribers"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    email: Mapped[str] = mapped_column(String(320), unique=True)  # prevents one person twice, so one mail twice
    name: Mapped[str] = mapped_column(Text, default="")
    timezone: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    # prevents the number of an erased person from being given to the next one: ledgers keep it, without a foreign key
    __table_args__ = ({"sqlite_autoincrement": True},)


class Formerly(Base):
    """How somebody was addressed until something of it changed: mails of that time can be made again. Append-only."""

    __tablename__ = "formerly"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    subscriber_id: Mapped[int] = mapped_column(BigId, ForeignKey("subscribers.id", ondelete="CASCADE"))
    email: Mapped[str] = mapped_column(String(320))
    name: Mapped[str] = mapped_column(Text)
    until: Mapped[datetime]

    __table_args__ = (Index("ix_formerly_subscriber_id", "subscriber_id", "until"),)


class Subscription(Base):
    """What one subscriber wants of one list."""

    __tablename__ = "subscriptions"

    list_id: Mapped[int] = mapped_column(ForeignKey("lists.id"), primary_key=True)
    subscriber_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("subscribers.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    status: Mapped[str] = mapped_column(String(16))
    languages: Mapped[str] = mapped_column(Text, default="")
    """Codes in order of preference, separated by a space; empty: the list's default."""
    topics: Mapped[str] = mapped_column(Text, default="")
    """Slugs sorted and separated by a space, so that equal choices are equal strings; empty: all."""
    paused_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    topics_excluded: Mapped[str] = mapped_column(Text, default="", server_default=text("''"))
    """Slugs they do not want to read of, sorted and separated by a space."""
    digest: Mapped[str] = mapped_column(String(16), default="weekly", server_default=text("'weekly'"))
    """`weekly`: every issue. `monthly`: what the month's issues held, in one."""
    left_at: Mapped[datetime | None]
    """When they left, if they can take it back: they were active, and it was no file or complaint that said so."""
    left_campaign: Mapped[int | None]
    """The campaign whose mail they left by."""
    left_reason: Mapped[str | None] = mapped_column(String(16))
    seen_at: Mapped[datetime | None]
    """The day (UTC) of their last sign of life; kept up where the list has a sunset policy alone: see `sunset`."""
    left_words: Mapped[str | None] = mapped_column(String(300))
    """Why they left, in their own words."""

    __table_args__ = (
        CheckConstraint("status IN ('pending', 'active', 'unsubscribed', 'suppressed')", name="status"),
        CheckConstraint("digest IN ('weekly', 'monthly')", name="digest"),
        Index("ix_subscriptions_subscriber_id", "subscriber_id"),
        {"sqlite_with_rowid": False},  # kept in the order of its key: the people of a list lie together
    )


class Confirmation(Base):
    """A mail that asks its reader to press a button, and whether they did. One row per mail.

    The link holds this number, signed; that it works once and for some days is what stands here.
    """

    __tablename__ = "confirmations"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    list_id: Mapped[int] = mapped_column(ForeignKey("lists.id"))
    subscriber_id: Mapped[int] = mapped_column(BigId, ForeignKey("subscribers.id", ondelete="CASCADE"))
    email: Mapped[str | None] = mapped_column(String(320))
    """The address that is to be theirs; NULL: the mail goes to the one they have."""
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    """Brought forward when its owner leaves or moves: a link never undoes what was done after it was asked for."""
    used_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("kind IN ('subscribe', 'address', 're-permission')", name="kind"),
        CheckConstraint("(kind = 'address') = (email IS NOT NULL)", name="email"),
        Index("ix_confirmations_subscriber_id", "subscriber_id", "created_at"),
        Index("ix_confirmations_email", "email", "created_at"),
        # prevents an old link from confirming for somebody else: numbers are never given again
        {"sqlite_autoincrement": True},
    )


class Suppression(Base):
    """An address that gets no mail from any list, and why."""

    __tablename__ = "suppressions"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    email: Mapped[str] = mapped_column(String(320), unique=True)  # prevents a second reason hiding the first
    reason: Mapped[str] = mapped_column(String(16))
    detail: Mapped[str] = mapped_column(Text, default="")
    since: Mapped[datetime]

    __table_args__ = (CheckConstraint("reason IN ('bounce', 'complaint', 'manual')", name="reason"),)


class Consent(Base):
    """Append-only: who agreed, chose or left, when, how, and to which words. Never changed; erasure alone deletes."""

    __tablename__ = "consents"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    list_id: Mapped[int] = mapped_column(ForeignKey("lists.id"))
    subscriber_id: Mapped[int] = mapped_column(BigId, ForeignKey("subscribers.id", ondelete="CASCADE"))
    action: Mapped[str] = mapped_column(String(16))
    source: Mapped[str] = mapped_column(Text)
    """From where: `import <file>`, `cli`, `page`, `one-click`, …"""
    wording: Mapped[str] = mapped_column(Text, default="")
    """The words agreed to; "" where the source says it."""
    detail: Mapped[str] = mapped_column(Text, default="")
    """What changed, for changes of preferences and pauses."""
    at: Mapped[datetime]
    language: Mapped[str] = mapped_column(String(35), default="", server_default=text("''"))
    """Of the wording (BCP 47)."""
    ip: Mapped[str] = mapped_column(String(64), default="", server_default=text("''"))
    """The network it came from, truncated."""

    __table_args__ = (
        CheckConstraint(
            "action IN ('requested', 'subscribed', 'confirmed', 'preferences', 'address', 'paused', 'resumed', "
            "'unsubscribed', 'suppressed', 'reinstated')",
            name="action",
        ),
        Index("ix_consents_subscriber_id", "subscriber_id"),
    )

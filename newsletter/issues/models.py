"""Where issues are kept. A finalized revision is frozen: its content and hash never change again."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from subscribers.database import Base


class IssueRow(Base):
    """One date of a list, or one month. `slug` is what commands call it, e.g. `2026-05-22`, a digest `2026-05`."""

    __tablename__ = "issues"

    id: Mapped[int] = mapped_column(primary_key=True)
    list_id: Mapped[int | None] = mapped_column(ForeignKey("lists.id"))
    """None until the issue is brought to a list (an installation without lists yet)."""
    slug: Mapped[str] = mapped_column(String(64))
    date: Mapped[dt.date]
    created_at: Mapped[dt.datetime]
    digest_month: Mapped[dt.date | None]
    """Of a digest: the first day of the month that it covers. None: an issue like any other."""

    __table_args__ = (
        UniqueConstraint("list_id", "slug"),  # prevents two issues of a list answering to one name
        # prevents the same of issues without a list: NULLs are never equal
        Index(
            "uq_issues_unbound",
            "slug",
            unique=True,
            sqlite_where=text("list_id IS NULL"),
            postgresql_where=text("list_id IS NULL"),
        ),
    )


class IssueRevision(Base):
    """The whole content of an issue, all languages, as it stood at one moment."""

    __tablename__ = "issue_revisions"

    id: Mapped[int] = mapped_column(primary_key=True)
    issue_id: Mapped[int] = mapped_column(ForeignKey("issues.id"))
    revision: Mapped[int]
    content: Mapped[str] = mapped_column(Text)
    """JSON of the whole issue, keys sorted."""
    content_hash: Mapped[str] = mapped_column(String(64))
    """SHA-256 of `content`, hexadecimal."""
    edited: Mapped[list[int]] = mapped_column(JSON, default=list)
    """Positions whose topics or must-read an editor set: no suggestion overrules them."""
    state: Mapped[str] = mapped_column(String(16))
    created_at: Mapped[dt.datetime]
    finalized_at: Mapped[dt.datetime | None]

    __table_args__ = (
        UniqueConstraint("issue_id", "revision"),
        CheckConstraint("state IN ('draft', 'finalized')", name="state"),
        CheckConstraint("(state = 'finalized') = (finalized_at IS NOT NULL)", name="finalized_at"),
    )

"""What came back, as it was said, and what was counted of it.

No foreign keys, as in the plan: an event may come before, or long after, everything it speaks of.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Boolean, CheckConstraint, Index, LargeBinary, SmallInteger, String, Text, literal_column, text
from sqlalchemy.orm import Mapped, mapped_column

from newsletter.feedback.events import KEY_BYTES
from subscribers.database import Base, BigId

NO_CAMPAIGN = 0
"""Where events are counted that belong to no campaign: test mails, notifications without tags."""


_SAYS_WHOSE = "body IS NOT NULL"
_SAYS_SOMETHING = "body IS NOT NULL AND meaning NOT IN ('sent', 'delivered')"


class FeedbackEvent(Base):
    """One event at one recipient, kept as SES wrote it, in the transaction that applied it."""

    __tablename__ = "feedback_events"

    # prevents the same event, come twice, from being applied twice
    key: Mapped[bytes] = mapped_column(LargeBinary(KEY_BYTES), primary_key=True)
    kind: Mapped[str] = mapped_column(String(24))
    meaning: Mapped[str] = mapped_column(String(24))
    """What it was taken for, by the rules of that day."""
    at: Mapped[datetime]
    received_at: Mapped[datetime]
    campaign_id: Mapped[int | None]
    subscriber_id: Mapped[int | None] = mapped_column(BigId)
    body: Mapped[bytes | None] = mapped_column(LargeBinary)
    """Packed; None for opens and clicks: who reads what is counted, and not kept. None when its person was erased."""

    __table_args__ = (
        # what speaks for or against somebody, to be judged anew; most events say that a mail was sent and delivered
        Index(
            "ix_feedback_events_said",
            "subscriber_id",
            sqlite_where=text(_SAYS_SOMETHING),
            postgresql_where=text(_SAYS_SOMETHING),
        ),
        # what a person asks for, or to be rid of: without it, all that is kept was looked through
        Index(
            "ix_feedback_events_whose",
            "subscriber_id",
            sqlite_where=text(_SAYS_WHOSE),
            postgresql_where=text(_SAYS_WHOSE),
        ),
        {"sqlite_with_rowid": False},
    )


SAYS_SOMETHING = literal_column(_SAYS_SOMETHING, Boolean)
"""As a literal, or no database can tell that the partial index serves it."""


class Quarantined(Base):
    """A message that could not be read or applied, kept aside whole for somebody to look at."""

    __tablename__ = "feedback_quarantine"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    # prevents the same message, brought again and again, from filling the table
    key: Mapped[bytes] = mapped_column(LargeBinary(KEY_BYTES), unique=True)
    stream: Mapped[str] = mapped_column(String(512))
    reason: Mapped[str] = mapped_column(Text)
    received_at: Mapped[datetime]
    body: Mapped[bytes] = mapped_column(LargeBinary)
    """Packed."""


class StreamState(Base):
    """How a stream of events does: whether its silence means anything."""

    __tablename__ = "feedback_streams"

    name: Mapped[str] = mapped_column(String(512), primary_key=True)
    polled_at: Mapped[datetime | None]
    """When it last answered."""
    drained_at: Mapped[datetime | None]
    """When nothing was left in it, by what it said of itself."""
    certain_at: Mapped[datetime | None]
    """The last moment of which everything is certainly taken in: it was empty then, and again a while later."""
    best_effort_at: Mapped[datetime | None]
    """When it last brought something through EventBridge, which may lose events."""
    troubled_at: Mapped[datetime | None]
    trouble: Mapped[str] = mapped_column(Text, default="")
    """What was wrong when it last failed; empty since it answers again."""


class FeedbackCount(Base):
    """How many events said the same: of a campaign, a day, a domain. Exact, whatever comes twice or late."""

    __tablename__ = "feedback_counts"

    campaign_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """`NO_CAMPAIGN` for what belongs to none."""
    day: Mapped[date] = mapped_column(primary_key=True)
    """When it happened, in UTC."""
    domain: Mapped[str] = mapped_column(String(255), primary_key=True)
    """Of the recipient; empty for opens and clicks, which are counted for everybody together."""
    meaning: Mapped[str] = mapped_column(String(24), primary_key=True)
    detail: Mapped[str] = mapped_column(String(64), primary_key=True)
    """SES's own words for it, as in `Permanent/General`."""
    events: Mapped[int]

    __table_args__ = ({"sqlite_with_rowid": False},)


class FeedbackTotal(Base):
    """The same without domain and detail: narrow enough for a guard to ask every second."""

    __tablename__ = "feedback_totals"

    campaign_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    day: Mapped[date] = mapped_column(primary_key=True)
    meaning: Mapped[str] = mapped_column(String(24), primary_key=True)
    events: Mapped[int]

    __table_args__ = (
        # the last days of all campaigns together
        Index("ix_feedback_totals_day", "day"),
        {"sqlite_with_rowid": False},
    )


class ClickCount(Base):
    """How often a link of a campaign was followed, by anybody."""

    __tablename__ = "feedback_clicks"

    campaign_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    link_key: Mapped[bytes] = mapped_column(LargeBinary(KEY_BYTES), primary_key=True)
    automated: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    """1 for those that SES says no person made."""
    link: Mapped[str] = mapped_column(Text)
    """Without what is different in every reader's mail."""
    clicks: Mapped[int]


class Strike(Base):
    """A mail that somebody's mailbox did not take, for a passing cause, and none was delivered to them since."""

    __tablename__ = "feedback_strikes"

    # prevents one mail from counting twice against somebody
    subscriber_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    campaign_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    mail_at: Mapped[datetime] = mapped_column(primary_key=True)
    """When SES took the mail: the order in which mails count."""
    detail: Mapped[str] = mapped_column(Text)

    __table_args__ = ({"sqlite_with_rowid": False},)


class AddressEvidence(Base):
    """What speaks against an address, whatever order it came in; what follows from it stands in `suppressions`."""

    __tablename__ = "feedback_addresses"

    email: Mapped[str] = mapped_column(String(320), primary_key=True)
    bounced_at: Mapped[datetime | None]
    """The first bounce for good."""
    bounce: Mapped[str] = mapped_column(Text, default="")
    complained_at: Mapped[datetime | None]
    """The last complaint."""
    complaint: Mapped[str] = mapped_column(Text, default="")
    cleared_at: Mapped[datetime | None]
    """The last time its owner said that a mail was no spam."""
    listed: Mapped[bool] = mapped_column(default=False)
    """Whether it was suppressed for what stands here; if it is not any more, somebody has lifted that."""


class Notice(Base):
    """A message that SNS posted and that was taken: kept for as long as one may not come again."""

    __tablename__ = "feedback_notices"

    message_id: Mapped[str] = mapped_column(String(64), primary_key=True)  # prevents a replay
    at: Mapped[datetime]


class AccountSuppression(Base):
    """An address that is known to be on the suppression list of the SES account."""

    __tablename__ = "account_suppressions"

    region: Mapped[str] = mapped_column(String(32), primary_key=True)
    email: Mapped[str] = mapped_column(String(320), primary_key=True)
    written: Mapped[str] = mapped_column(Text)
    """As the account spells it."""
    since: Mapped[datetime]
    """When it was put there last, by the account's clock."""
    seen_at: Mapped[datetime]
    """When the reading of the account's list began that found it last."""
    is_ours: Mapped[bool]
    """Put there from here: to be taken off when it is let go here. Nothing else is, unless somebody says so."""


class AccountList(Base):
    """How far the reading of the account's suppression list has come; gone when it is at its end."""

    __tablename__ = "account_lists"

    region: Mapped[str] = mapped_column(String(32), primary_key=True)
    token: Mapped[str] = mapped_column(Text)
    """What asks for the next page; empty: the first one."""
    began_at: Mapped[datetime]


class ReportTotal(Base):
    """A line of what a campaign's report counts, once the rows are kept no longer that it was counted from."""

    __tablename__ = "report_totals"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    campaign_id: Mapped[int]
    what: Mapped[str] = mapped_column(String(8))
    """`outcome`, or `left`: people who left the list after this mail."""
    variant_no: Mapped[int | None]
    provider: Mapped[str] = mapped_column(String(64))
    day: Mapped[date | None]
    state: Mapped[str] = mapped_column(String(16))
    facts: Mapped[int | None] = mapped_column(SmallInteger)
    people: Mapped[int]

    __table_args__ = (
        CheckConstraint("what IN ('outcome', 'left')", name="what"),
        Index("ix_report_totals_campaign_id", "campaign_id"),
    )

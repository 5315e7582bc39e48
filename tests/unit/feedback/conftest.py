"""A campaign that was sent, and what the database says after feedback came in."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from sqlalchemy import select, update

from newsletter.delivery.models import Campaign, Chunk, Delivery, Receipt
from newsletter.feedback import models
from newsletter.feedback.intake import Intake, Tally
from newsletter.issues import codec
from newsletter.issues.models import IssueRevision
from subscribers.database import Base, Database, open_database
from subscribers.models import Subscription, Suppression
from tests.factories.campaigns import Stage, make_stage
from tests.factories.events import ses_event
from tests.factories.people import NOW, Choice, email
from tests.fakes.transports import CountingTransport

if TYPE_CHECKING:
    from collections.abc import Sequence

    from newsletter.issues.model import Issue

STREAM = "https://sqs.example.org/1/events"
TABLES: tuple[type[Base], ...] = (
    Campaign, Chunk, Delivery, Receipt, Suppression, Subscription, models.FeedbackEvent, models.Quarantined,
    models.FeedbackCount, models.FeedbackTotal, models.ClickCount, models.Strike, models.AddressEvidence,
)  # fmt: skip
VOLATILE = {"received_at", "id"}
"""Columns that say when, and in which order, something came, which is not part of what is known."""


@dataclass(frozen=True)
class Sent:
    """A campaign to a few people that has been sent."""

    stage: Stage
    campaign: int
    label: str

    @property
    def database(self) -> Database:
        return self.stage.database

    def delivery_id(self, person: int) -> str:
        return f"{self.label}.{person}"

    def event(self, kind: str, person: int, **more: Any) -> str:  # noqa: ANN401 - see ses_event
        return ses_event(kind, email(person), **{"delivery_id": self.delivery_id(person), **more})

    def take(self, *bodies: str) -> Tally:
        return Intake(self.database, self.stage.time.clock, STREAM).take(bodies)

    def tell_content(self, issue: Issue) -> None:
        """Put this in the place of the content that nobody reads."""
        with self.database.write() as session:
            number = session.get_one(Campaign, self.campaign).revision_id
            content = codec.dumps(issue)
            session.execute(update(IssueRevision).where(IssueRevision.id == number).values(content=content))

    def receipts(self) -> dict[int, str]:
        with self.database.read() as session:
            rows = session.scalars(select(Receipt).where(Receipt.campaign_id == self.campaign))
            return {row.subscriber_id: row.message_id for row in rows}

    def doubt(self, *people: int) -> None:
        """Make the outcomes of these people uncertain, as after a dropped connection."""
        with self.database.write() as session:
            mine = (Delivery.campaign_id == self.campaign, Delivery.subscriber_id.in_(people))
            session.execute(update(Delivery).where(*mine).values(state="uncertain", message_id=None))
            for position in (row.position for row in self.stage.plan(self.campaign) if row.subscriber_id in people):
                session.execute(
                    update(Chunk)
                    .where(Chunk.campaign_id == self.campaign, Chunk.first <= position, Chunk.last >= position)
                    .values(sent=Chunk.sent - 1)
                )
            session.execute(update(Campaign).where(Campaign.id == self.campaign).values(state="sending"))

    def state_of(self, person: int) -> str | None:
        states = {row.subscriber_id: row.state for row in self.stage.deliveries(self.campaign)}
        return states.get(person)


class Week(NamedTuple):
    """A campaign, and when SES took its mails."""

    label: str
    at: datetime


def make_sent(database: Database, people: int = 6, *, slug: str = "imaging", first: int = 1) -> Sent:
    stage = make_stage(database, people, (Choice(),), slug=slug, first=first)
    campaign = stage.begin()
    stage.sender(CountingTransport()).run(campaign)
    return Sent(stage, campaign, stage.info(campaign).label)


@pytest.fixture
def sent(database: Database) -> Sent:
    return make_sent(database)


def weeks(sent: Sent, count: int) -> list[Week]:
    """Return so many further campaigns to the same list, one a week; nobody sends them."""
    found = []
    with sent.database.write() as session:
        first = session.get_one(Campaign, sent.campaign)
        for number in range(1, count + 1):
            at = NOW + timedelta(days=7 * number)
            week = Campaign(
                label=f"week-{number}",
                list_id=first.list_id,
                issue_id=first.issue_id,
                revision_id=first.revision_id,
                content_hash=first.content_hash,
                state="cancelled",
                created_at=at,
                finished_at=at,
                planned=1,
            )
            session.add(week)
            found.append(Week(week.label, at))
    return found


def of_week(week: Week, kind: str, person: int = 1, **more: Any) -> str:  # noqa: ANN401 - see ses_event
    """Return an event of the mail of that campaign to somebody."""
    return ses_event(kind, email(person), delivery_id=f"{week.label}.{person}", mail_at=week.at, **more)


def everything(database: Database, tables: Sequence[type[Base]] = TABLES) -> dict[str, list[Any]]:
    """Return all rows of what feedback writes, without when they came."""
    with database.read() as session:
        return {
            table.__tablename__: sorted(
                repr({name: value for name, value in row.items() if name not in VOLATILE})
                for row in session.execute(select(*table.__table__.columns)).mappings()
            )
            for table in tables
        }


@pytest.fixture(scope="module")
def template(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a database with a campaign that was sent, two of its mails in doubt."""
    file = tmp_path_factory.mktemp("sent") / "sent.sqlite"
    shutil.copyfile(sqlite_template, file)
    database = open_database(f"sqlite:///{file}")
    sent = make_sent(database, 3)
    weeks(sent, 3)
    sent.doubt(1, 2)
    database.close()
    return file

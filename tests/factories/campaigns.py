"""A list with people, a finalized issue and a campaign between them: what tests of sending begin with."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from hashlib import sha256
from itertools import count
from typing import TYPE_CHECKING

from sqlalchemy import select

from newsletter.delivery import campaigns, scheduled
from newsletter.delivery.appointments import Appointment, appoint
from newsletter.delivery.mails import Mails
from newsletter.delivery.models import Chunk, Delivery, Planned
from newsletter.delivery.patience import Limits
from newsletter.delivery.sending import Sender
from newsletter.issues.models import IssueRevision, IssueRow
from tests.factories import editions
from tests.factories.issues import DATE, sample_issue
from tests.factories.people import MIXED, NOW, Choice, make_list, make_people

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from newsletter.delivery.campaigns import CampaignInfo
    from newsletter.delivery.transport import Transport
    from newsletter.rendering.edition import Edition
    from subscribers.database import Database
    from subscribers.publication import Publication

SLUG = DATE.isoformat()
IMPATIENT = Limits(calls_refused=3, calls_uncertain=3, recipients_rejected=20, rounds=2)


@dataclass
class Time:
    """A clock that stands still until somebody waits."""

    now: datetime = NOW
    waited: list[float] = field(default_factory=list)

    def clock(self) -> datetime:
        return self.now

    def wait(self, seconds: float) -> bool:
        if seconds:
            self.waited.append(seconds)
        self.now += timedelta(seconds=seconds)
        return False


@dataclass(frozen=True)
class Stage:
    """A database with a list, its people, and an issue to send them."""

    database: Database
    publication: Publication
    time: Time
    tokens: count[int] = field(default_factory=lambda: count(1))

    def token(self) -> str:
        return f"{self.publication.slug}-{next(self.tokens)}"

    def begin(self, slug: str = SLUG) -> int:
        """Begin the campaign of the finalized issue of that name, or find it."""
        with self.database.write() as session:
            revision = self.newest(session, slug)
            return campaigns.begin(
                session, self.publication.id, revision, slug, token=self.token, now=self.time.clock()
            )

    def schedule(self, when: Appointment | datetime, *, now: datetime = NOW) -> int:
        """Approve the issue for that time, or for an appointment that is not so simple."""
        appointment = when if isinstance(when, Appointment) else appoint(when, "UTC")[0]
        with self.database.write() as session:
            revision = self.newest(session)
            return scheduled.schedule(
                session, self.publication.id, revision, SLUG, appointment, token=self.token, now=now
            )

    def newest(self, session: Session, slug: str = SLUG) -> IssueRevision:
        query = select(IssueRevision).join(IssueRow).where(IssueRow.list_id == self.publication.id)
        query = query.where(IssueRow.slug == slug)
        return session.scalars(query.order_by(IssueRevision.revision.desc()).limit(1)).one()

    def sender(self, transport: Transport, chunk_size: int = 10, **changes: object) -> Sender:
        values: dict[str, object] = {
            "database": self.database,
            "clock": self.time.clock,
            "transport": transport,
            "mails": self.mails,
            "chunk_size": chunk_size,
            "limits": IMPATIENT,
            "wait": self.time.wait,
            "token": self.token,
            "random": lambda: 1.0,
        }
        return Sender(**{**values, **changes})  # type: ignore[arg-type]  # by name, as it takes them

    def mails(self, info: CampaignInfo) -> Mails:
        envelope = editions.envelope(campaign_id=info.id, id=self.publication.id, slug=self.publication.slug)
        return Mails(sample_issue(), envelope, catalogs=("fr", "en", "de", "ar"), compile_edition=_compiled)

    def info(self, campaign_id: int) -> CampaignInfo:
        with self.database.read() as session:
            return campaigns.find(session, campaign_id)

    def plan(self, campaign_id: int) -> list[Planned]:
        with self.database.read() as session:
            query = select(Planned).where(Planned.campaign_id == campaign_id).order_by(Planned.position)
            return list(session.scalars(query))

    def chunks(self, campaign_id: int) -> list[Chunk]:
        with self.database.read() as session:
            query = select(Chunk).where(Chunk.campaign_id == campaign_id).order_by(Chunk.chunk_no)
            return list(session.scalars(query))

    def deliveries(self, campaign_id: int) -> list[Delivery]:
        with self.database.read() as session:
            query = select(Delivery).where(Delivery.campaign_id == campaign_id).order_by(Delivery.subscriber_id)
            return list(session.scalars(query))


def make_stage(
    database: Database, people: int = 100, choices: Sequence[Choice] = MIXED, *, slug: str = "imaging", first: int = 1
) -> Stage:
    """Return a stage on which a campaign can begin; `first` numbers the people, who are known by one address each."""
    publication = make_list(database, slug)
    if people:
        make_people(database, publication, people, choices, first=first)
    make_revision(database, publication, 1)
    return Stage(database, publication, Time())


def make_revision(
    database: Database,
    publication: Publication,
    number: int,
    *,
    finalized: bool = True,
    day: date = DATE,
    digest: bool = False,
) -> str:
    """Store a revision of the issue of that day, or of the digest of its month, and return what it is called.

    Its content is told apart by its number, and nobody reads it.
    """
    content = f'{{"revision": {number}}}'
    slug, month = (f"{day:%Y-%m}", day.replace(day=1)) if digest else (day.isoformat(), None)
    with database.write() as session:
        mine = select(IssueRow).where(IssueRow.slug == slug, IssueRow.list_id == publication.id)
        issue = session.scalar(mine)
        if issue is None:
            issue = IssueRow(list_id=publication.id, slug=slug, date=day, created_at=NOW, digest_month=month)
            session.add(issue)
            session.flush()
        session.add(
            IssueRevision(
                issue_id=issue.id,
                revision=number,
                content=content,
                content_hash=sha256(content.encode()).hexdigest(),
                state="finalized" if finalized else "draft",
                created_at=NOW,
                finalized_at=NOW if finalized else None,
            )
        )
    return slug


def _compiled(content_language: str, language: str) -> Edition:
    return editions.edition(content_language=content_language, language=language)

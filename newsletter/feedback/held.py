"""What came back of mails, as it is kept of people."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, exists, select

from newsletter.feedback.counting import CountKey, domain_of, move
from newsletter.feedback.models import (
    AccountSuppression,
    AddressEvidence,
    FeedbackCount,
    FeedbackEvent,
    Quarantined,
    Strike,
)
from newsletter.feedback.packing import unpack
from subscribers.models import Subscriber
from subscribers.privacy.holder import Deleted, by_address, by_number, plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy.orm import Session

    from subscribers.privacy.holder import Holder, Row
    from subscribers.privacy.person import Person

_BATCH = 1_000


@dataclass(frozen=True)
class _Events:
    """Events as SES wrote them: by the number of their person, and those that have none by their words."""

    table: str = FeedbackEvent.__tablename__
    what: str = "What Amazon SES told of mails to you, as it wrote it; who opens and clicks is not kept."
    stays: str = "The row without SES's words, so that an event that comes again is not counted twice."

    def rows(self, session: Session, person: Person) -> Iterator[Row]:
        """Yield all that is kept of a person."""
        for event in self._theirs(session, person):
            yield {
                "kind": event.kind,
                "meaning": event.meaning,
                "at": plain(event.at),
                "received_at": plain(event.received_at),
                "campaign_id": event.campaign_id,
                "body": unpack(event.body) if event.body is not None else None,
            }

    def erase(self, session: Session, person: Person) -> int:
        """Take SES's words away."""
        changed = 0
        for event in self._theirs(session, person):
            event.body, changed = None, changed + 1
        session.flush()
        return changed

    def _theirs(self, session: Session, person: Person) -> Iterator[FeedbackEvent]:
        mine = select(FeedbackEvent).where(FeedbackEvent.body.is_not(None))
        if person.number is not None:
            theirs = mine.where(FeedbackEvent.subscriber_id == person.number).order_by(FeedbackEvent.key)
            yield from session.scalars(theirs).all()
        # test mails, notifications without tags; looked through one by one, for the words are packed, and sorted here:
        # for the first thousand in order PostgreSQL would go through all the others, too
        nobodys = mine.where(FeedbackEvent.subscriber_id.is_(None))
        yield from sorted(_read_through(session, nobodys, person), key=lambda event: bytes(event.key))


@dataclass(frozen=True)
class _Unreadable:
    """Messages that were kept aside; few, and whole."""

    table: str = Quarantined.__tablename__
    what: str = "Messages about you that could not be read."
    stays: str = ""

    def rows(self, session: Session, person: Person) -> Iterator[Row]:
        """Yield those that hold an address of theirs."""
        for message in self._naming(session, person):
            yield {
                "stream": message.stream,
                "reason": message.reason,
                "received_at": plain(message.received_at),
                "body": unpack(message.body),
            }

    def erase(self, session: Session, person: Person) -> int:
        """Delete them."""
        found = list(self._naming(session, person))
        for message in found:
            session.delete(message)
        session.flush()
        return len(found)

    def _naming(self, session: Session, person: Person) -> Iterator[Quarantined]:
        yield from _read_through(session, select(Quarantined).order_by(Quarantined.id), person)


@dataclass(frozen=True)
class _Domains:
    """How many mails went where. A domain that only one person has tells who that is."""

    table: str = FeedbackCount.__tablename__
    what: str = "How many mails went to the domain of your address, where nobody else here has it."
    stays: str = "The counts, without the domain."

    def rows(self, session: Session, person: Person) -> Iterator[Row]:
        """Yield the counts of domains that are theirs alone."""
        for key, events in self._theirs(session, person):
            yield {**{name: plain(value) for name, value in key._asdict().items()}, "events": events}

    def erase(self, session: Session, person: Person) -> int:
        """Count these with those that name no domain."""
        moved: Counter[CountKey] = Counter()
        found = list(self._theirs(session, person))
        for key, events in found:
            moved[key._replace(domain="")] += events
            session.execute(
                delete(FeedbackCount).where(
                    *(getattr(FeedbackCount, name) == said for name, said in key._asdict().items())
                )
            )
        move(session, moved)
        return len(found)

    def _theirs(self, session: Session, person: Person) -> Iterator[tuple[CountKey, int]]:
        for domain in dict.fromkeys(map(domain_of, person.addresses)):
            others = Subscriber.email.endswith(f"@{domain}", autoescape=True) & (Subscriber.id != (person.number or 0))
            if session.scalar(select(exists().where(others))):
                continue
            for row in session.scalars(select(FeedbackCount).where(FeedbackCount.domain == domain)).all():
                yield CountKey(row.campaign_id, row.day, row.domain, row.meaning, row.detail), row.events


def _read_through(session: Session, query: Any, person: Person) -> Iterator[Any]:  # noqa: ANN401 - rows with a body
    """Yield the rows whose words hold an address of theirs, some thousand in memory at a time."""
    for part in session.scalars(query, execution_options={"yield_per": _BATCH}).partitions():
        for row in part:
            if person.is_written_to_in(unpack(row.body)):
                yield row
            else:
                session.expunge(row)


HOLDERS: Sequence[Holder] = (
    _Events(),
    _Unreadable(),
    Deleted(
        model=Strike,
        what="Mails that your mailbox did not take for a passing cause.",
        whose=by_number(Strike),
    ),
    Deleted(
        model=AddressEvidence,
        what="That mail to your address bounced for good, or that you reported it as spam.",
        whose=by_address(AddressEvidence),
    ),
    Deleted(
        model=AccountSuppression,
        what="That your address is on the suppression list of the Amazon SES account.",
        whose=by_address(AccountSuppression),
        stays="The entry in the list of the account itself, at Amazon: `newsletter suppression sync` does not read it.",
    ),
    _Domains(),
)

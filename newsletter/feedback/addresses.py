"""What follows for addresses: those that bounce for good, or whose owners complain, get no mail from any list.

Evidence is kept by address and only added to; what follows is worked out anew from all of it, so that late, doubled and
shuffled events end the same. What a person decides goes before: an address that somebody took off the suppression list
begins afresh, one that somebody put there is left there.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import or_, select

from newsletter.errors import Refused
from newsletter.feedback.events import Kind
from newsletter.feedback.models import AddressEvidence
from newsletter.feedback.rules import Meaning, words_of
from newsletter.feedback.strikes import NewStrike, forget, people_struck, strike, strikes_of, void
from newsletter.feedback.upsert import inserting
from newsletter.feedback.verdict import Evidence, Strikes, verdict
from subscribers.address import normalised
from subscribers.lifecycle import Reason
from subscribers.models import Subscriber
from subscribers.suppression import Suppressed, find_suppressions, reasons, reinstate, revise, suppress_all

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from newsletter.feedback.storing import Placed
    from newsletter.feedback.verdict import Verdict

SOURCE = "SES"
"""Who puts addresses on the suppression list here, and takes them off."""
_STRIKES = frozenset({Meaning.SOFT, Meaning.WITHHELD})
_MAILBOX_SIMULATOR = "@simulator.amazonses.com"
"""Where mails for a test go: what bounces there is meant to, and the next test needs it again.

https://docs.aws.amazon.com/ses/latest/dg/send-an-email-from-console.html#send-email-simulator
"""


@dataclass
class Findings:
    """What some events say of addresses and people."""

    evidence: dict[str, Evidence] = field(default_factory=lambda: defaultdict(Evidence))
    """By normalised address."""
    strikes: list[tuple[str, NewStrike]] = field(default_factory=list)
    """With the address that was written to."""
    delivered: dict[int, datetime] = field(default_factory=dict)
    """By subscriber: when SES took the last mail that was delivered."""


def find(events: Iterable[Placed]) -> Findings:
    """Return what new events say of addresses and people."""
    found = Findings()
    for each in events:
        event, meaning = each.event, each.meaning
        mail_at = event.mail_at or each.at
        if meaning is Meaning.DELIVERED and each.subscriber_id is not None:
            found.delivered[each.subscriber_id] = max(mail_at, found.delivered.get(each.subscriber_id, mail_at))
        elif meaning in _SPEAKS and (email := _normalised(event.recipient)):
            found.evidence[email] = _added(found.evidence[email], each)
        elif meaning in _STRIKES and each.campaign_id is not None and each.subscriber_id is not None:
            new = NewStrike(each.subscriber_id, each.campaign_id, mail_at, words_of(event))
            found.strikes.append((_normalised(event.recipient), new))
    return found


def judge_addresses(session: Session, events: Sequence[Placed], *, soft_bounces: int, now: datetime) -> None:
    """Suppress, and reinstate, what new events say; `soft_bounces` in a row count as one bounce for good."""
    found = find(events)
    changed = void(session, found.delivered) if found.delivered else set()
    if not (changed or found.evidence or found.strikes):
        return
    written_to = {new.subscriber_id for _, new in found.strikes}
    people = _people(session, {*changed, *written_to}, found.evidence)
    by_id = {person: email for email, person in people.items()}
    # whoever has another address by now has a clean slate
    new = [each for email, each in found.strikes if by_id.get(each.subscriber_id) == email]
    strike(session, new)
    affected = {*found.evidence, *(by_id[person] for person in changed if person in by_id)}
    affected |= {by_id[each.subscriber_id] for each in new}
    rows = _locked(session, affected)
    judge = _judge_of(session, people, affected, soft_bounces, now)
    for row in rows:
        person = people.get(row.email)
        mine = [each for each in new if each.subscriber_id == person]
        judge.judge(row, found.evidence.get(row.email, Evidence()), person, mine)
    judge.finish()


def rejudge(
    session: Session, wrong: Sequence[Placed], kept: Sequence[Placed], *, soft_bounces: int, now: datetime
) -> None:
    """Judge addresses anew of which events are no longer taken for what they were (`wrong`: as they were).

    `kept` is all that is still said of these addresses. An address that somebody has taken off the suppression list
    stays off it.
    """
    found = find(kept)
    emails = {email for each in wrong if (email := address_of(each))}
    people = _people(session, (), emails)
    strike(session, [each for email, each in found.strikes if people.get(email) == each.subscriber_id])
    judge = _judge_of(session, people, emails, soft_bounces, now)
    for row in _locked(session, emails):
        if row.listed and row.email not in judge.entries:
            continue
        known = _read(row)
        for each in wrong:
            if address_of(each) == row.email:
                known = known.without(each.at, words_of(each.event))
        _write(row, known)
        judge.judge(row, found.evidence.get(row.email, Evidence()), people.get(row.email), ())
    judge.finish()


def rejudge_strikes(
    session: Session, after: int, *, size: int, soft_bounces: int, now: datetime
) -> tuple[Sequence[int], tuple[Mapping[str, str | None], Mapping[str, str | None]]]:
    """Judge the next people anew whose mailboxes did not take mails.

    Return their numbers, and why their addresses were and are suppressed.
    """
    struck = people_struck(session, after, size=size)
    people = _people(session, struck, ())
    before = reasons(session, people)
    judge = _judge_of(session, people, people, soft_bounces, now)
    for row in _locked(session, people):
        if not row.listed or before[row.email] is not None:
            judge.judge(row, Evidence(), people[row.email], ())
    judge.finish()
    session.flush()
    return struck, (before, reasons(session, people))


def address_of(placed: Placed) -> str:
    """Return the address that an event is about, as it is known; "" where it is about nobody's."""
    return _normalised(placed.event.recipient)


@dataclass(frozen=True)
class _Judge:
    """Brings the suppression list to what the evidence says."""

    session: Session
    soft_bounces: int
    now: datetime
    entries: Mapping[str, Suppressed]
    """What stood on the list, of the addresses that are to be judged; each of them once."""
    strikes: Mapping[int, Strikes]
    _found: list[Suppressed] = field(default_factory=list)
    """Who is to be suppressed, at the end and at once."""

    def finish(self) -> None:
        """Do what was found to be done; called once, after all were judged."""
        suppress_all(self.session, self._found, source=SOURCE)

    def judge(self, row: AddressEvidence, new: Evidence, person: int | None, strikes: Sequence[NewStrike]) -> None:
        """Add new evidence of an address, and of the person who has it, and see to what follows."""
        entry = self.entries.get(row.email)
        standing = Strikes() if person is None else self.strikes.get(person, Strikes())
        known = _read(row)
        if row.listed and entry is None:  # somebody took it off the list
            known, row.listed = Evidence(), False
            if person is not None:
                forget(self.session, person, but=strikes)
                standing = strikes_of(self.session, [person]).get(person, Strikes())
        known = known.merged(new)
        _write(row, known)
        found = verdict(known, standing, limit=self.soft_bounces)
        if found is not None:
            self._suppress(row, found, entry)
        elif row.listed:
            reinstate(self.session, row.email, source=SOURCE, now=self.now, taken_back=True)
            row.listed = False

    def _suppress(self, row: AddressEvidence, found: Verdict, entry: Suppressed | None) -> None:
        if entry is not None and row.listed:
            revise(self.session, row.email, found.reason, found.detail)
        elif entry is None or found.reason is Reason.COMPLAINT:
            self._found.append(Suppressed(row.email, found.reason, found.detail, self.now))
            row.listed = entry is None


def _judge_of(
    session: Session, people: Mapping[str, int], emails: Iterable[str], soft_bounces: int, now: datetime
) -> _Judge:
    """Return who judges these addresses, some of which `people` have."""
    judged = set(emails)
    strikes = strikes_of(session, {people[email] for email in judged if email in people})
    return _Judge(session, soft_bounces, now, find_suppressions(session, judged), strikes)


def _people(session: Session, ids: Iterable[int], emails: Iterable[str]) -> Mapping[str, int]:
    """Return the subscribers with these numbers and addresses, by address."""
    query = select(Subscriber.email, Subscriber.id)
    rows = session.execute(query.where(or_(Subscriber.id.in_(list(ids)), Subscriber.email.in_(list(emails)))))
    return {row.email: row.id for row in rows}


def _locked(session: Session, emails: Iterable[str]) -> Sequence[AddressEvidence]:
    """Return the rows of these addresses, locked in the order of the addresses."""
    addresses = sorted(emails)
    if not addresses:
        return []
    blank = {"bounce": "", "complaint": "", "listed": False}
    statement = inserting(session, AddressEvidence).on_conflict_do_nothing()
    session.connection().execute(statement, [{"email": address, **blank} for address in addresses])
    query = select(AddressEvidence).where(AddressEvidence.email.in_(addresses)).order_by(AddressEvidence.email)
    return session.scalars(query.with_for_update(), execution_options={"populate_existing": True}).all()


def _added(evidence: Evidence, placed: Placed) -> Evidence:
    words = words_of(placed.event)
    if placed.meaning is Meaning.NOT_SPAM:
        return evidence.with_clearance(placed.at)
    if placed.event.kind is Kind.COMPLAINT:
        return evidence.with_complaint(placed.at, words)
    return evidence.with_bounce(placed.at, words)


def _normalised(address: str) -> str:
    """Return the address as it is known; "" where nobody can have it, or SES itself does."""
    try:
        known = normalised(address)
    except Refused:
        return ""
    return "" if known.endswith(_MAILBOX_SIMULATOR) else known


def _read(row: AddressEvidence) -> Evidence:
    return Evidence(
        bounced_at=row.bounced_at,
        bounce=row.bounce,
        complained_at=row.complained_at,
        complaint=row.complaint,
        cleared_at=row.cleared_at,
    )


def _write(row: AddressEvidence, known: Evidence) -> None:
    row.bounced_at, row.bounce = known.bounced_at, known.bounce
    row.complained_at, row.complaint = known.complained_at, known.complaint
    row.cleared_at = known.cleared_at


_SPEAKS = frozenset({Meaning.HARD, Meaning.LISTED, Meaning.COMPLAINT, Meaning.NOT_SPAM})

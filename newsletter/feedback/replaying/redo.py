"""What follows when events turn out to mean something else than they were taken for.

What was concluded from the old meaning is taken back unless another event, or a person, says the same; what follows
from the new one is applied as if it had just come. What is known from events that are kept no longer stays.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlalchemy import func, select, update

from newsletter.delivery.models import Receipt
from newsletter.delivery.setbacks import UNSENT, give_back_acceptances, take_back_acceptances
from newsletter.feedback.addresses import SOURCE, address_of, find, rejudge
from newsletter.feedback.apply import let_go, reasons_of
from newsletter.feedback.counting import add, count_key
from newsletter.feedback.facts import FACTS, Fact
from newsletter.feedback.models import FeedbackEvent
from newsletter.feedback.replaying.stored import about_people
from newsletter.feedback.rules import Meaning
from newsletter.feedback.strikes import unstrike
from subscribers.lifecycle import Action
from subscribers.models import Consent, Subscriber
from subscribers.suppression import reasons

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from newsletter.feedback.replaying.difference import Difference
    from newsletter.feedback.storing import Placed


@dataclass(frozen=True, slots=True)
class Change:
    """An event that is taken for something else."""

    old: Placed
    new: Placed


def changed(old: Placed, meaning: Meaning) -> Change:
    """Return an event with what it is taken for now."""
    return Change(old, replace(old, meaning=meaning))


def redo(session: Session, changes: Sequence[Change], into: Difference, *, soft_bounces: int, now: datetime) -> None:
    """Apply changes (some hundred), and count what that changes."""
    changes = [each for each in changes if _remember(session, each)]
    into.changed.update((each.old.meaning, each.new.meaning) for each in changes)
    moved = Counter(count_key(each.new) for each in changes)
    moved.subtract(count_key(each.old) for each in changes)
    add(session, moved)
    emails = {email for each in changes if (email := address_of(each.old))}
    people = {each.old.subscriber_id for each in changes if each.old.subscriber_id is not None}
    people |= set(session.scalars(select(Subscriber.id).where(Subscriber.email.in_(emails))))
    kept = _kept(session, people, emails)
    _redo_ledger(session, changes, kept, into, now)
    before = reasons(session, emails)
    unstrike(session, (struck for _, struck in find(each.old for each in changes).strikes))
    wrong = [each.old for each in changes]
    rejudge(session, wrong, kept, soft_bounces=soft_bounces, now=now)
    into.judged(before, reasons(session, emails))
    leaving = [each.new for each in changes if each.new.meaning is Meaning.LEFT]
    into.unsubscribed += let_go(session, leaving, now)
    into.for_a_person += sum(each.old.meaning is Meaning.LEFT for each in changes)


def _remember(session: Session, change: Change) -> bool:
    """Note the new meaning; return False where somebody else was here meanwhile."""
    mine = (FeedbackEvent.key == change.old.event.key, FeedbackEvent.meaning == change.old.meaning.value)
    noted = update(FeedbackEvent).where(*mine).values(meaning=change.new.meaning.value)
    return session.connection().execute(noted).rowcount > 0


def _kept(session: Session, people: Collection[int], emails: Collection[str]) -> list[Placed]:
    """Return what counts for these addresses: nothing from before a person took one off the suppression list."""
    query = (
        select(Subscriber.email, func.max(Consent.at).label("at"))
        .join(Consent, Consent.subscriber_id == Subscriber.id)
        .where(Subscriber.email.in_(emails), Consent.action == Action.REINSTATED, Consent.source != SOURCE)
        .group_by(Subscriber.email)
    )
    lifted = {row.email: row.at for row in session.execute(query)}
    return [
        placed
        for placed, came in about_people(session, people, or_nobody=True)
        if (email := address_of(placed)) in emails and (email not in lifted or came > lifted[email])
    ]


def _redo_ledger(
    session: Session, changes: Sequence[Change], kept: Sequence[Placed], into: Difference, now: datetime
) -> None:
    """Put right what is known of the mails, and which of them count as sent."""
    less: dict[tuple[int, int], Fact] = defaultdict(lambda: Fact(0))
    more: dict[tuple[int, int], Fact] = defaultdict(lambda: Fact(0))
    for key, meaning in _facts(each.old for each in changes):
        less[key] |= FACTS.get(meaning, Fact(0))
    for key, meaning in _facts([*kept, *(each.new for each in changes)]):
        more[key] |= FACTS.get(meaning, Fact(0))
    sent_after_all = []
    for campaign, person in sorted(less):
        receipt = session.get(Receipt, (campaign, person), with_for_update=True)
        if receipt is None:
            continue
        facts = receipt.facts & ~int(less[campaign, person]) | int(more[campaign, person])
        if receipt.facts >= UNSENT > facts:
            sent_after_all.append(receipt)
        receipt.facts = facts
    session.flush()
    into.failed += take_back_acceptances(session, now=now, reasons=reasons_of([each.new for each in changes]))
    into.sent += give_back_acceptances(session, sent_after_all)


def _facts(events: Iterable[Placed]) -> Iterator[tuple[tuple[int, int], Meaning]]:
    for each in events:
        if each.campaign_id is not None and each.subscriber_id is not None:
            yield (each.campaign_id, each.subscriber_id), each.meaning

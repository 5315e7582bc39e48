"""One worker on one chunk: look at its people again, say what is about to happen, call, write what came of it."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from newsletter.delivery.ledger import Result
from newsletter.delivery.plan import leading
from newsletter.delivery.transport import Addressed, Call, Verdict, hand_over
from newsletter.errors import StopCampaign
from newsletter.personalization.message import Recipient
from subscribers.lifecycle import Standing

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from newsletter.delivery.claims import Claim, Claims
    from newsletter.delivery.ledger import Ledger, Person
    from newsletter.delivery.patience import Patience
    from newsletter.delivery.plan import Skip
    from newsletter.delivery.transport import Outcome, Transport
    from newsletter.personalization.message import Prepared
    from subscribers.clock import Clock

_log = logging.getLogger(__name__)

_STANDING_HOLDS = timedelta(seconds=5)
"""How old the look at people's standing may be when a call begins."""
_INTERRUPTED = "the sender was interrupted while it handed the mail over"
_STATES = {Verdict.ACCEPTED: "sent", Verdict.REJECTED: "failed", Verdict.UNCERTAIN: "uncertain"}


@dataclass(frozen=True, kw_only=True)
class Job:
    """A campaign that is sending, as its workers see it."""

    campaign_id: int
    list_id: int
    label: str
    prepare: Callable[[int], Prepared]
    """Makes the mail of a variant, by its number; asked in rising order, often for the same."""
    progress: Callable[[int], None]
    """Told how many more have an outcome."""

    def delivery_id(self, subscriber_id: int) -> str:
        """Return what the outside calls the delivery to a subscriber."""
        return f"{self.label}.{subscriber_id}"


@dataclass(frozen=True, kw_only=True)
class Means:
    """What a worker works with."""

    claims: Claims
    ledger: Ledger
    transport: Transport
    patience: Patience
    clock: Clock
    wait: Callable[[float], bool]
    """Waits that many seconds; returns whether the worker is to stop, at once when it is."""
    timer: Callable[[], float]
    """Seconds that only ever grow."""


class ChunkWork:
    """The work on one claimed chunk. Every step may raise LostClaim: the chunk is another worker's now."""

    def __init__(self, means: Means, job: Job, claim: Claim) -> None:
        self._means = means
        self._job = job
        self._claim = claim
        self._people: list[Person] = []
        """Those to come, in order."""
        self._looked_at: datetime | None = None
        self._put_off: dict[int, Person] = {}
        """By position: refused for now, to be tried again when the rest of the chunk is done."""

    def settle(self) -> None:
        """Find out what became of a call whose worker died; what nobody can know stays uncertain."""
        via = self._claim.inflight_via
        if via is None:
            return
        transport, doubts = self._means.transport, self._means.ledger.in_doubt(self._claim)
        ids = {self._job.delivery_id(doubt.subscriber_id): doubt.subscriber_id for doubt in doubts}
        known = transport.evidence(list(ids)) if via == transport.name else {}
        results = [
            Result(subscriber, "sent") if known.get(delivery_id) else Result(subscriber, "uncertain", _INTERRUPTED)
            for delivery_id, subscriber in ids.items()
            if known.get(delivery_id) is not False
        ]
        self._record(results)

    def skip(self, reason: Skip) -> None:
        """Write that everybody who has no outcome yet was skipped."""
        self._look()
        results = [Result(person.subscriber_id, "skipped", reason) for person in self._people]
        self._people = []
        self._record(results)

    def send(self) -> None:
        """Work the chunk off; ends early when the worker is to stop or the campaign is not sending any more.

        Raises StopCampaign.
        """
        while people := self._next_call():
            at = self._means.clock()
            outcomes = self._call(people, at)
            if outcomes is None or self._means.wait(self._note(people, outcomes, at)):
                return
        if self._put_off:
            delay = timedelta(seconds=self._means.patience.put_off(self._claim.rounds))
            self._means.claims.put_off(self._claim, until=self._means.clock() + delay)

    def _look(self) -> None:
        """Read who is left and how they stand, as of now."""
        now = self._means.clock()
        people = self._means.ledger.people(self._claim, self._job.list_id, now=now)
        self._looked_at = now
        self._people = [person for person in people if person.position not in self._put_off]

    def _next_call(self) -> Sequence[Person]:
        """Return the people of the next call, all of one variant."""
        if self._looked_at is None or self._means.clock() - self._looked_at > _STANDING_HOLDS:
            self._look()
            self._write_off_who_left()
        first = self._people[: self._means.transport.max_recipients]
        return self._before_those_put_off(first[: leading([person.variant_no for person in first], len(first))])

    def _write_off_who_left(self) -> None:
        """Give those who may not get mail (any more) their outcome."""
        left = [person for person in self._people if person.standing is not Standing.ACTIVE]
        if left:
            self._people = [person for person in self._people if person.standing is Standing.ACTIVE]
            self._record([Result(person.subscriber_id, "skipped", person.standing) for person in left])

    def _before_those_put_off(self, people: Sequence[Person]) -> Sequence[Person]:
        """Cut a call short of the first who was put off: whoever lies between its ends counts as being in it."""
        if not people:
            return people
        end = min((position for position in self._put_off if position > people[0].position), default=None)
        return people if end is None else [person for person in people if person.position < end]

    def _call(self, people: Sequence[Person], at: datetime) -> Sequence[Outcome] | None:
        """Say what is about to happen, and do it; None: it may not be done (any more), and was not."""
        means, claim = self._means, self._claim
        call = Call(self._job.prepare(people[0].variant_no), [self._addressed(person) for person in people], at)
        began = means.timer()
        if not means.ledger.intend(claim, people[0].position, people[-1].position, means.transport.name):
            return None
        if means.timer() - began >= means.claims.seconds:
            self._record([])  # this process was frozen meanwhile: the chunk may be somebody else's by now
            return None
        try:
            return hand_over(means.transport, call)
        except StopCampaign:
            self._record([])
            raise

    def _note(self, people: Sequence[Person], outcomes: Sequence[Outcome], at: datetime) -> float:
        """Write the outcomes of a call; return how long to wait before the next one. Raises StopCampaign."""
        results: list[Result] = []
        untried: list[Person] = []
        for person, outcome in zip(people, outcomes, strict=True):
            if outcome.verdict is Verdict.UNTRIED:
                untried.append(person)
            elif outcome.verdict is Verdict.RETRY and self._means.patience.may_put_off(self._claim.rounds):
                self._put_off[person.position] = person
            else:
                state = _STATES.get(outcome.verdict, "failed")
                results.append(Result(person.subscriber_id, state, outcome.reason, outcome.message_id))
        self._people[: len(people)] = untried
        self._record(results, at)
        delay = self._means.patience.observe(outcomes)
        if delay:
            why = next((outcome.reason for outcome in reversed(outcomes) if outcome.reason), "")
            _log.warning("Campaign %s waits %.0f s: %s", self._job.campaign_id, delay, why)
        return delay

    def _record(self, results: Sequence[Result], at: datetime | None = None) -> None:
        """Write outcomes; those in `_people` and those put off have none yet."""
        without = [*(person.position for person in self._people[:1]), *self._put_off]
        cursor = min(without, default=self._claim.last + 1) if self._looked_at else None
        self._means.ledger.record(self._claim, results, cursor=cursor, at=at or self._means.clock())
        self._job.progress(len(results))

    def _addressed(self, person: Person) -> Addressed:
        recipient = Recipient(subscriber_id=person.subscriber_id, email=person.email, name=person.name)
        return Addressed(delivery_id=self._job.delivery_id(person.subscriber_id), recipient=recipient)

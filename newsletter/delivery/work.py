"""One worker on one chunk: look at its people again, say what is about to happen, call, write what came of it."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from newsletter.delivery.ledger import Result
from newsletter.delivery.plan import leading
from newsletter.delivery.transport import UNTRIED, Addressed, Call, Verdict, hand_over
from newsletter.errors import StopCampaign
from newsletter.personalization.message import Recipient
from subscribers.lifecycle import Standing

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from datetime import datetime

    from newsletter.delivery.claims import Claim, Claims
    from newsletter.delivery.ledger import Ledger, Person
    from newsletter.delivery.outages import Outages
    from newsletter.delivery.pace import Pace
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
    pace: Pace
    outages: Outages
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
        self._lasting = means.outages.over
        """Does something with the database, however long that is away."""

    def settle(self) -> None:
        """Find out what became of a call whose worker died; what nobody can know stays uncertain."""
        via, at = self._claim.inflight_via, self._claim.inflight_at
        if via is None:
            return
        doubts = self._lasting(lambda: self._means.ledger.in_doubt(self._claim))
        ids = {self._job.delivery_id(doubt.subscriber_id): doubt.subscriber_id for doubt in doubts}
        known = self._evidence(list(ids)) if via == self._means.transport.name else {}
        results = [
            Result(subscriber, "sent") if known.get(delivery_id) else Result(subscriber, "uncertain", _INTERRUPTED)
            for delivery_id, subscriber in ids.items()
            if known.get(delivery_id) is not False
        ]
        self._record(results, at)

    def skip(self, reason: Skip) -> None:
        """Write that everybody who has no outcome yet was skipped."""
        self._look()
        results = [Result(person.subscriber_id, "skipped", reason) for person in self._people]
        self._people = []
        self._record(results)

    def send(self) -> None:
        """Work the chunk off; ends early when the worker is to stop or the campaign is not sending any more.

        Raises StopCampaign, and Hold.
        """
        means = self._means
        while people := self._next_call():
            delay = self._lasting(partial(means.pace.reserve, len(people)))
            if delay and means.wait(delay):
                return
            people = self._still_to_get(people)
            if not people:
                continue
            at = means.clock()
            outcomes = self._call(people, at)
            if outcomes is None or means.wait(self._note(people, outcomes, at)):
                return
        if self._put_off:
            until = means.clock() + timedelta(seconds=means.patience.put_off(self._claim.rounds))
            self._lasting(lambda: means.claims.put_off(self._claim, until=until))

    def _look(self) -> None:
        """Read who is left and how they stand, as of now."""
        now = self._means.clock()
        people = self._lasting(lambda: self._means.ledger.people(self._claim, self._job.list_id, now=now))
        self._looked_at = now
        self._people = [person for person in people if person.position not in self._put_off]

    def _next_call(self) -> Sequence[Person]:
        """Return the people of the next call, all of one variant."""
        self._look_again_in_time()
        limit = min(self._means.transport.max_recipients, self._means.pace.largest_call())
        first = self._people[:limit]
        return self._before_those_put_off(first[: leading([person.variant_no for person in first], len(first))])

    def _still_to_get(self, people: Sequence[Person]) -> Sequence[Person]:
        """Return who of a call that had to wait may still get it."""
        if not self._look_again_in_time():
            return people
        left = {person.position: person for person in self._people}
        return [left[person.position] for person in people if person.position in left]

    def _look_again_in_time(self) -> bool:
        """See how people stand, unless that was just done; return whether it was looked."""
        if self._looked_at is not None and self._means.clock() - self._looked_at <= _STANDING_HOLDS:
            return False
        self._look()
        self._write_off_who_left()
        return True

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
        began = means.timer()

        def still_ours() -> bool:
            """Whether nobody can have taken the chunk over, had this process been frozen meanwhile."""
            return means.timer() - began < means.claims.seconds

        recipients = [self._addressed(person) for person in people]
        prepared = self._lasting(partial(self._job.prepare, people[0].variant_no))
        call = Call(prepared, recipients, at, still_ours)
        first, last = people[0].position, people[-1].position
        if not self._lasting(lambda: means.ledger.intend(claim, first, last, via=means.transport.name, at=at)):
            return None
        if not still_ours():
            self._record([])
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
            if outcome.verdict in UNTRIED:
                untried.append(person)
            elif outcome.verdict is Verdict.RETRY and self._means.patience.may_put_off(self._claim.rounds):
                self._put_off[person.position] = person
            else:
                state = _STATES.get(outcome.verdict, "failed")
                results.append(Result(person.subscriber_id, state, outcome.reason, outcome.message_id))
        self._people[: len(people)] = untried
        self._record(results, at)
        self._tell_the_pace({outcome.verdict for outcome in outcomes})
        delay = self._means.patience.observe(outcomes)
        if delay:
            why = next((outcome.reason for outcome in reversed(outcomes) if outcome.reason), "")
            _log.warning("Campaign %s waits %.0f s: %s", self._job.campaign_id, delay, why)
        return delay

    def _tell_the_pace(self, verdicts: Collection[Verdict]) -> None:
        if Verdict.THROTTLED in verdicts:
            self._means.pace.throttled()
        if Verdict.QUOTA in verdicts:
            self._means.pace.used_up()

    def _record(self, results: Sequence[Result], at: datetime | None = None) -> None:
        """Write outcomes; those in `_people` and those put off have none yet."""
        means, claim = self._means, self._claim
        without = [*(person.position for person in self._people[:1]), *self._put_off]
        cursor = min(without, default=claim.last + 1) if self._looked_at else None
        moment = at or means.clock()

        def write() -> bool:
            means.ledger.record(claim, results, cursor=cursor, at=moment)
            return True

        self._lasting(write, done=lambda: means.ledger.recorded(claim, results) or None)
        self._job.progress(len(results))

    def _evidence(self, delivery_ids: Sequence[str]) -> Mapping[str, bool]:
        return self._lasting(lambda: self._means.transport.evidence(delivery_ids))

    def _addressed(self, person: Person) -> Addressed:
        recipient = Recipient(subscriber_id=person.subscriber_id, email=person.email, name=person.name)
        return Addressed(delivery_id=self._job.delivery_id(person.subscriber_id), recipient=recipient)

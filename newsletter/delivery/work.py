"""One worker on one chunk: look at its people again, say what is about to happen, call, write what came of it."""

from __future__ import annotations

import logging
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from newsletter.delivery.ledger import Done, Intent, Result
from newsletter.delivery.plan import leading
from newsletter.delivery.told import settled, told
from newsletter.delivery.transport import Addressed, Call, Verdict, hand_over
from newsletter.errors import StopCampaign
from newsletter.personalization.message import Recipient
from subscribers.lifecycle import Standing

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from newsletter.delivery.claims import Claim
    from newsletter.delivery.ledger import Person
    from newsletter.delivery.means import Job, Means
    from newsletter.delivery.plan import Skip
    from newsletter.delivery.transport import Outcome

_log = logging.getLogger(__name__)

_STANDING_HOLDS = timedelta(seconds=5)
"""How old the look at people's standing may be when a call begins."""


class _Ready(NamedTuple):
    """A call, and what the ledger has to say before it is made."""

    call: Call
    intent: Intent


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
        self._unwritten: tuple[Sequence[Result], datetime] | None = None
        """What came of the last call, and its Date: written with the intent of the next one, or when there is none."""
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
        self._record(settled(ids, known), at)

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
        try:
            while people := self._next_call():
                if not self._attempt(people):
                    return
        finally:
            self._write_down()
        if self._put_off:
            until = means.clock() + timedelta(seconds=means.patience.put_off(self._claim.rounds))
            self._lasting(lambda: means.claims.put_off(self._claim, until=until))

    def _attempt(self, people: Sequence[Person]) -> bool:
        """Make a call, or find that it has to wait and nobody may get it then; return whether to go on."""
        means, ready = self._means, self._ready(people)
        delay, intended = self._proceed(ready, self._slot(len(people)))
        if not intended:
            if delay == 0:
                return False
            if delay is None:
                delay = self._lasting(partial(means.pace.reserve, len(people)))
            if delay and means.wait(delay):
                return False
            people = self._still_to_get(people)
            if not people:
                return True
            ready = self._ready(people)
            if not self._lasting(lambda: means.ledger.intend(self._claim, *ready.intent)):
                return False
        outcomes = self._hand_over(ready)
        return outcomes is not None and not means.wait(self._note(people, outcomes, ready.call.date))

    def _look(self) -> None:
        """Read who is left and how they stand, as of now."""
        self._write_down()
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

    def _ready(self, people: Sequence[Person]) -> _Ready:
        """Put a call together, as of now."""
        means = self._means
        began, at = means.timer(), means.clock()

        def still_ours() -> bool:
            """Whether nobody can have taken the chunk over, had this process been frozen meanwhile."""
            return means.timer() - began < means.claims.seconds

        recipients = [self._addressed(person) for person in people]
        prepared = self._lasting(partial(self._job.prepare, people[0].variant_no))
        intent = Intent(people[0].position, people[-1].position, means.transport.name, at)
        return _Ready(Call(prepared, recipients, at, still_ours), intent)

    def _slot(self, recipients: int) -> Callable[[Connection], float | None]:
        """Return what takes a slot in the ledger's transaction; or says what was taken before it, where it cannot."""
        pace = self._means.pace
        if pace.joins:
            return lambda connection: pace.reserve_within(connection, recipients)
        delay = self._lasting(partial(pace.reserve, recipients))
        return lambda _connection: delay

    def _proceed(self, ready: _Ready, slot: Callable[[Connection], float | None]) -> tuple[float | None, bool]:
        """Write what came of the call before, and that this one is about to be made if its slot begins now.

        Return the seconds until it begins (None: it has none yet), and whether it may be made now.
        """
        ledger, claim = self._means.ledger, self._claim
        results, at = self._unwritten or ((), ready.call.date)
        self._unwritten = None
        done = Done(results, self._cursor(), at)

        def earlier() -> tuple[float | None, bool] | None:
            """Say what an earlier try came to whose end nobody was told."""
            if not ledger.recorded(claim, results):
                return None
            ledger.record(claim, (), cursor=done.cursor, at=at)  # it may have said that a call is about to be made
            return None, False

        answer = self._lasting(lambda: ledger.proceed(claim, done, ready.intent, slot), done=earlier)
        self._job.progress(len(results))
        return answer

    def _hand_over(self, ready: _Ready) -> Sequence[Outcome] | None:
        """Make a call that was announced; None: it may not be made any more, and was not."""
        if not ready.call.still_ours():
            self._record([])
            return None
        try:
            return hand_over(self._means.transport, ready.call)
        except StopCampaign:
            self._record([])
            raise

    def _note(self, people: Sequence[Person], outcomes: Sequence[Outcome], at: datetime) -> float:
        """Take down the outcomes of a call; return how long to wait before the next one. Raises StopCampaign."""
        may_put_off = self._means.patience.may_put_off(self._claim.rounds)
        results, untried, put_off = told(people, outcomes, may_put_off=may_put_off)
        self._put_off |= {person.position: person for person in put_off}
        self._people[: len(people)] = untried
        self._unwritten = results, at
        verdicts = {outcome.verdict for outcome in outcomes}
        if verdicts != {Verdict.ACCEPTED}:
            self._write_down()
        self._tell_the_pace(verdicts)
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

    def _write_down(self) -> None:
        """Write what came of the last call, if that was not done yet."""
        if self._unwritten is not None:
            results, at = self._unwritten
            self._unwritten = None
            self._record(results, at)

    def _cursor(self) -> int | None:
        """Return the first position without an outcome: those in `_people` and those put off have none yet."""
        without = [*(person.position for person in self._people[:1]), *self._put_off]
        return min(without, default=self._claim.last + 1) if self._looked_at else None

    def _record(self, results: Sequence[Result], at: datetime | None = None) -> None:
        """Write outcomes now."""
        means, claim, cursor = self._means, self._claim, self._cursor()
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

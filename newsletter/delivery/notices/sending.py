"""Sending what is due: claim it, look again, say what is about to happen, call, write what came of it.

One mail at a time, in the slice of the rate that is kept for single mails: they never wait behind a campaign.
"""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Self

from sqlalchemy.exc import DBAPIError

from newsletter.delivery.notices.deciding import why_not
from newsletter.delivery.notices.lifecycle import ENDS, State
from newsletter.delivery.outages import Outages, passes
from newsletter.delivery.transport import UNTRIED, Addressed, Call, Outcome, Verdict, hand_over
from newsletter.errors import Hold, Refused, StopCampaign
from newsletter.personalization.message import Recipient

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from newsletter.delivery.notices.deciding import Facts, Order
    from newsletter.delivery.notices.ledger import NoticeLedger
    from newsletter.delivery.notices.mails import NoticeMails
    from newsletter.delivery.pace import Pace
    from newsletter.delivery.transport import Transport
    from newsletter.personalization.message import Prepared
    from subscribers.clock import Clock

_log = logging.getLogger(__name__)

_NOTHING_LEFT = "there is nothing to send"


@dataclass(frozen=True, slots=True)
class Counts:
    """What became of the mails of one round."""

    sent: int = 0
    dropped: int = 0
    failed: int = 0
    uncertain: int = 0
    waiting: int = 0
    """Not accepted: tried again later."""

    def as_json(self) -> dict[str, Any]:
        """Return the documented form."""
        return {name: getattr(self, name) for name in ("sent", "dropped", "failed", "uncertain", "waiting")}


@dataclass(kw_only=True)
class NoticeSender:
    """Sends what the table `notices` holds; any number of them may. Used by one thread."""

    ledger: NoticeLedger
    mails: NoticeMails
    transport: Transport
    pace: Pace
    clock: Clock
    wait: Callable[[float], bool]
    """Waits that many seconds; returns whether to stop, at once when it is so."""
    timer: Callable[[], float]
    """Seconds that only ever grow."""
    label: str
    """What the mails of this sender are called outside, with their numbers; nobody else's are."""
    owns_transport: bool = True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the transport back, unless it is somebody else's."""
        if self.owns_transport:
            self.transport.close()

    def send_due(self, limit: int = 1000) -> Counts:
        """Send what is due, at most so many, and return what became of it; then nothing is claimed.

        Ends early when it is to stop, and when nothing can leave for now: it says so on the log, and the rows say why.
        Raises the database's own error where that is away.
        """
        counts: Counter[str] = Counter()
        self._settle_the_dead()
        for _ in range(limit):
            if self.wait(0):
                break
            order = self.ledger.claim(self.clock())
            if order is None:
                break
            state, goes_on = self._carry_out(order)
            if state is not None:
                counts[state.value] += 1
            if not goes_on:
                break
        return Counts(**counts)

    def _settle_the_dead(self) -> None:
        """Find out what became of mails whose sender died; what nobody can know stays uncertain."""
        now = self.clock()
        dead = self.ledger.dead(now)
        in_doubt = [each.delivery_id for each in dead if each.inflight_via == self.transport.name]
        known = self.transport.evidence(in_doubt) if in_doubt else {}
        for each in dead:
            accepted = known.get(each.delivery_id) if each.inflight_via == self.transport.name else None
            state = self.ledger.bury(each, accepted, now)
            if state is State.UNCERTAIN:
                _log.warning("Notice %s may have been sent when its sender died; it is not repeated.", each.id)

    def _carry_out(self, order: Order) -> tuple[State | None, bool]:
        """Send one; return what became of it, if anything, and whether others may be tried now.

        Until its intent is written it may be put back, whatever happens; from there on only on a transport's word.
        """
        try:
            announced = self._announced(order)
        except Hold as hold:
            self._put_back(order, str(hold))
            _log.warning("Notices wait until %s: %s", f"{hold.until:%H:%M} UTC", hold)
            return State.WAITING, False
        except StopCampaign as stop:
            return self._stopped(order, stop)
        except Refused as refusal:
            self._put_back(order, str(refusal))
            _log.error("Notice %s cannot be made: %s", order.id, refusal)
            return State.WAITING, True
        except DBAPIError as error:
            if not passes(error):
                self._put_back(order, type(error).__name__)
            raise
        except Exception as error:  # noqa: BLE001 - one mail must never be in the way of the others
            _log.exception("Notice %s failed.", order.id)
            self._put_back(order, type(error).__name__)
            return State.WAITING, True
        return self._hand_over(order, announced) if isinstance(announced, Call) else announced

    def _announced(self, order: Order) -> Call | tuple[State | None, bool]:
        """Return the call that is written down to come; where there is none, what became of the mail."""
        began = self.timer()

        def still_ours() -> bool:
            """Whether nobody can have taken the mail over, had this process been frozen meanwhile."""
            return self.timer() - began < self.ledger.seconds

        facts = self.ledger.look(order)
        reason = why_not(order, facts, self.clock())
        prepared = None if reason else self.mails.prepared(order, facts, self.clock())
        if prepared is None or facts.email is None:
            self.ledger.end(order, State.DROPPED, reason=reason or _NOTHING_LEFT)
            return State.DROPPED, True
        if self.wait(self.pace.reserve(1)) or not still_ours():
            self.ledger.release(order)
            return None, False
        call = self._call(order, facts, prepared, still_ours)
        if not self.ledger.intend(order, facts, via=self.transport.name, label=self.label, at=call.date):
            self.ledger.release(order)  # something has changed this moment: whoever takes it next looks again
            return None, True
        return call

    def _hand_over(self, order: Order, call: Call) -> tuple[State, bool]:
        try:
            (outcome,) = hand_over(self.transport, call)
        except StopCampaign as stop:  # nothing was accepted
            return self._stopped(order, stop)
        except Exception as error:  # noqa: BLE001 - nobody knows how far it came
            _log.exception("The transport failed in a way it should not.")
            outcome = Outcome(Verdict.UNCERTAIN, reason=type(error).__name__)
        return self._note(order, outcome)

    def _stopped(self, order: Order, stop: StopCampaign) -> tuple[State, bool]:
        self._put_back(order, str(stop))
        # a refusal of SES can name an address
        _log.error("Notices cannot leave as things stand: `newsletter notices list --show` says why.")
        return State.WAITING, False

    def _call(self, order: Order, facts: Facts, prepared: Prepared, still_ours: Callable[[], bool]) -> Call:
        # the name is for an issue's greeting and address; the other mails hold nothing that was typed on a page
        name = "" if prepared.is_single else facts.name
        recipient = Recipient(subscriber_id=order.subscriber_id, email=facts.email or "", name=name)
        addressed = Addressed(delivery_id=f"{self.label}.{order.id}", recipient=recipient)
        return Call(prepared, [addressed], self.clock(), still_ours)

    def _note(self, order: Order, outcome: Outcome) -> tuple[State, bool]:
        """Write what came of a call, however long the database is away."""
        if outcome.verdict is Verdict.THROTTLED:
            self.pace.throttled()
        if outcome.verdict is Verdict.QUOTA:
            self.pace.used_up()
        state = ENDS.get(outcome.verdict)
        if state is None:
            self._put_back(order, outcome.reason or outcome.verdict)
            return State.WAITING, outcome.verdict not in UNTRIED
        end = partial(self.ledger.end, order, state, reason=outcome.reason, message_id=outcome.message_id)
        self._lasting(order, end)
        return state, outcome.verdict is not Verdict.UNCERTAIN

    def _put_back(self, order: Order, reason: str) -> None:
        self._lasting(order, partial(self.ledger.put_back, order, self.clock(), reason=reason))

    def _lasting(self, order: Order, write: Callable[[], None]) -> None:
        def done() -> bool | None:
            return self.ledger.ended(order) or None

        def written() -> bool:
            write()
            return True

        Outages(self.wait).over(written, done=done)

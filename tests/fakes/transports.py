"""Transports that keep count. The accepted mails are what a mailbox provider would have: they outlive the sender."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from newsletter.delivery.transport import Outcome, Verdict
from newsletter.personalization.headers import wire_address
from subscribers.errors import InvalidAddress

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from newsletter.delivery.transport import Addressed, Call


@dataclass
class World:
    """What was really accepted, by delivery id and how often."""

    accepted: Counter[str] = field(default_factory=Counter)


def accept(addressed: Addressed) -> Outcome:
    try:
        wire_address(addressed.recipient.email)
    except InvalidAddress as error:
        return Outcome(Verdict.REJECTED, reason=str(error))
    return Outcome(Verdict.ACCEPTED)


@dataclass
class CountingTransport:
    """Accepts into `world`, unless `answer` says otherwise. With `idempotent` it is like the outbox: a delivery that
    was accepted is not accepted again, and it knows of each whether it was."""

    world: World = field(default_factory=World)
    answer: Callable[[Addressed], Outcome] = accept
    max_recipients: int = 4
    idempotent: bool = False
    name: str = "counting"
    calls: list[Call] = field(default_factory=list)
    between: Callable[[], None] = lambda: None
    """Called before each recipient and after the last: where a process may be killed."""

    def send(self, call: Call) -> Sequence[Outcome]:
        self.calls.append(call)
        outcomes = [self._take(addressed) for addressed in call.recipients]
        self.between()
        return outcomes

    def evidence(self, delivery_ids: Sequence[str]) -> Mapping[str, bool]:
        return {each: each in self.world.accepted for each in delivery_ids} if self.idempotent else {}

    def close(self) -> None:
        pass

    def _take(self, addressed: Addressed) -> Outcome:
        self.between()
        outcome = self.answer(addressed)
        known = self.idempotent and addressed.delivery_id in self.world.accepted
        if outcome.verdict is Verdict.ACCEPTED and not known:
            self.world.accepted[addressed.delivery_id] += 1
        return outcome

"""A queue of events in memory that does what SQS does: hides, shows again, delivers twice, fails when told to."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from newsletter.feedback.stream import Backlog, Message

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_AT_ONCE = 1_000


@dataclass
class FakeStream:
    """`seconds` is its clock; what was received shows again `hidden_seconds` later."""

    name: str = "https://sqs.example.org/1/events"
    hidden_seconds: float = 60.0
    seconds: Callable[[], float] = lambda: 0.0
    polled: Callable[[int], None] = lambda _seconds: None
    """Told how long each poll may wait."""
    lost: str = ""
    failures: list[Exception] = field(default_factory=list)
    """Raised by the next calls, one each."""
    undeletable: int = 0
    """So many of the next deletions do nothing."""
    _bodies: dict[int, str] = field(default_factory=dict)
    _hidden_until: dict[int, float] = field(default_factory=dict)
    _received: Counter[int] = field(default_factory=Counter)
    _last: int = 0

    def put(self, *bodies: str) -> None:
        for body in bodies:
            self._last += 1
            self._bodies[self._last] = body

    def __len__(self) -> int:
        return len(self._bodies)

    def receive(self, seconds: int) -> Sequence[Message]:
        self._fail()
        self.polled(seconds)
        now = self.seconds()
        found = [number for number in self._bodies if self._hidden_until.get(number, 0.0) <= now][:_AT_ONCE]
        self._received.update(found)
        self._hidden_until.update(dict.fromkeys(found, now + self.hidden_seconds))
        return [Message(self._bodies[number], f"{number}:{self._received[number]}") for number in found]

    def hide(self, messages: Sequence[Message], seconds: int) -> None:
        self._fail()
        for number in self._held(messages):
            self._hidden_until[number] = self.seconds() + seconds

    def delete(self, messages: Sequence[Message]) -> None:
        self._fail()
        for number in self._held(messages):
            if self.undeletable:
                self.undeletable -= 1
            else:
                del self._bodies[number]

    def backlog(self) -> Backlog:
        self._fail()
        return Backlog(len(self._bodies), self.lost)

    def close(self) -> None:
        pass

    def _held(self, messages: Sequence[Message]) -> list[int]:
        """Return the messages that were not received again since."""
        parts = [tuple(map(int, message.receipt.split(":"))) for message in messages]
        return [number for number, receipt in parts if number in self._bodies and self._received[number] == receipt]

    def _fail(self) -> None:
        if self.failures:
            raise self.failures.pop(0)

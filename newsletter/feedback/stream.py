"""What feedback needs of a queue of events."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Message:
    """One message, hidden from everybody else until it is deleted or its time runs out."""

    body: str
    receipt: str
    """What deletes it."""


@dataclass(frozen=True, slots=True)
class Backlog:
    """What a queue says it still holds. An estimate, which is exact once nothing has moved for a minute."""

    waiting: int
    """To be received, received by somebody and not deleted, or delayed."""
    lost: str = ""
    """Why events may be missing although nothing is waiting; empty: nothing speaks for it."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing is waiting anywhere."""
        return self.waiting == 0


class Stream(Protocol):
    """Implemented by `sqs`; called by `consuming`. Every method raises RetryLater, and FixConfiguration."""

    name: str
    """What its state is kept under."""
    hidden_seconds: float
    """How long a message that was received stays hidden."""

    def receive(self, seconds: int) -> Sequence[Message]:
        """Return some hundred messages, waiting up to `seconds` for the first; none: there were none anywhere."""
        ...

    def hide(self, messages: Sequence[Message], seconds: int) -> None:
        """Keep them hidden for `seconds` from now on; 0 gives them back at once."""
        ...

    def delete(self, messages: Sequence[Message]) -> None:
        """Take them off the queue. What cannot be taken off comes again, and changes nothing then."""
        ...

    def backlog(self) -> Backlog:
        """Ask what is left."""
        ...

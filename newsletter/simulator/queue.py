"""One SQS standard queue: visibility, delays, dead letters. Pure; the time is handed in.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/standard-queues.html
"""

from __future__ import annotations

import heapq
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections import deque
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Protocol

from newsletter.simulator.errors import ServiceError

if TYPE_CHECKING:
    from collections.abc import Callable

_MOST_IN_FLIGHT = 120_000
_LARGEST = 1_048_576
_LONGEST_VISIBILITY = 12 * 60 * 60
DEFAULTS = {
    "DelaySeconds": "0",
    "MaximumMessageSize": str(_LARGEST),
    "MessageRetentionPeriod": str(4 * 24 * 60 * 60),
    "ReceiveMessageWaitTimeSeconds": "0",
    "VisibilityTimeout": "30",
}


class Body(Protocol):
    """A message body that is written out only when somebody receives it."""

    def render(self) -> str:
        """Return the text."""


def refused(code: str, message: str) -> ServiceError:
    """Return a refusal in SQS's words."""
    return ServiceError(HTTPStatus.BAD_REQUEST, code, message)


_READY, _DELAYED, _IN_FLIGHT = range(3)
"""Where a message stands: to be received, not yet to be received, or received and hidden."""


class Message:
    """One message in a queue."""

    __slots__ = ("attributes", "body", "first_received", "number", "received", "sent", "standing", "visible_at")

    def __init__(self, number: int, body: str | Body, attributes: dict[str, Any], sent: float) -> None:
        self.number = number
        self.body = body
        self.attributes = attributes
        self.sent = sent
        self.visible_at = sent
        self.received = 0
        self.first_received = 0.0
        self.standing = _READY

    @property
    def handle(self) -> str:
        """The receipt handle of the latest receipt; older ones delete nothing."""
        return urlsafe_b64encode(f"{self.number}:{self.received}".encode()).decode("ascii")


class Queue:
    """One queue. Messages leave in the order they came, as far as they are visible."""

    def __init__(self, name: str, arn: str, attributes: dict[str, str], created: float, limit: int) -> None:
        self.name = name
        self.arn = arn
        self.attributes = attributes
        self.created = created
        self.dropped = 0
        """Messages that did not fit into `limit`."""
        self.waiting: set[Callable[[], None]] = set()
        """Called whenever a message has come: those who poll."""
        self.find: Callable[[str], Queue | None] = lambda _: None
        """Finds the dead-letter queue by its ARN."""
        self._limit = limit
        self._messages: dict[int, Message] = {}
        self._ready: deque[Message] = deque()
        self._hidden: list[tuple[float, int]] = []
        self._standing: list[int] = [0, 0, 0]
        self._last = 0

    def seconds(self, attribute: str) -> int:
        """Return an attribute that is a number."""
        return int(self.attributes.get(attribute, DEFAULTS[attribute]))

    def send(
        self, body: str | Body, now: float, attributes: dict[str, Any] | None = None, delay: int | None = None
    ) -> int:
        """Take a message and return its number; raise InvalidParameterValue if it is too long."""
        if isinstance(body, str) and len(body.encode()) > self.seconds("MaximumMessageSize"):
            raise refused("InvalidParameterValue", "One or more parameters are invalid. Reason: Message is too long.")
        self._last += 1
        message = Message(self._last, body, attributes or {}, now)
        wait = self.seconds("DelaySeconds") if delay is None else delay
        self._take(message)
        if wait > 0 and message.number in self._messages:
            self._hide(message, _DELAYED, now + wait)
        return self._last

    def receive(self, most: int, now: float, visibility: int | None = None) -> list[Message]:
        """Return up to `most` visible messages and hide them; raise OverLimit at 120,000 in flight."""
        self._surface(now)
        if self._standing[_IN_FLIGHT] >= _MOST_IN_FLIGHT:
            raise refused("OverLimit", "Too many messages in flight.")
        hidden_for = self.seconds("VisibilityTimeout") if visibility is None else visibility
        received: list[Message] = []
        while self._ready and len(received) < most:
            message = self._ready.popleft()
            if message.number not in self._messages or message.standing is not _READY:
                continue
            if not self._bury(message):
                message.received += 1
                message.first_received = message.first_received or now
                received.append(message)
                self._hide(message, _IN_FLIGHT, now + hidden_for)
        return received

    def delete(self, handle: str) -> None:
        """Delete what the handle was given for, unless it has been received again since; twice is no error."""
        message = self._handled(handle)
        if message is not None:
            self._forget(message)

    def change_visibility(self, handle: str, seconds: int, now: float) -> None:
        """Hide a message in flight for `seconds` from now; 0 shows it at once."""
        check_visibility(seconds)
        message = self._handled(handle)
        self._surface(now)
        if message is None or message.standing is not _IN_FLIGHT:
            raise refused("MessageNotInflight", "The message referred to isn't in flight.")
        self._hide(message, _IN_FLIGHT, now + seconds)
        self._surface(now)

    def wake(self) -> None:
        """Have those who poll look again."""
        for look in tuple(self.waiting):
            look()

    def purge(self) -> None:
        """Delete everything."""
        self._messages.clear()
        self._ready.clear()
        self._hidden.clear()
        self._standing = [0, 0, 0]

    def next_visible(self) -> float | None:
        """Return when a hidden message may show next."""
        return self._hidden[0][0] if self._hidden else None

    def counts(self, now: float) -> tuple[int, int, int]:
        """Return how many messages are visible, in flight, delayed."""
        self._surface(now)
        flying, delayed = self._standing[_IN_FLIGHT], self._standing[_DELAYED]
        return len(self._messages) - flying - delayed, flying, delayed

    def __len__(self) -> int:
        return len(self._messages)

    def _take(self, message: Message) -> None:
        if len(self._messages) >= self._limit:
            self.dropped += 1
            return
        self._messages[message.number] = message
        self._standing[message.standing] += 1
        self._ready.append(message)
        self.wake()

    def _forget(self, message: Message) -> None:
        del self._messages[message.number]
        self._standing[message.standing] -= 1

    def _stand(self, message: Message, standing: int) -> None:
        self._standing[message.standing] -= 1
        message.standing = standing
        self._standing[standing] += 1

    def _hide(self, message: Message, standing: int, until: float) -> None:
        self._stand(message, standing)
        message.visible_at = until
        heapq.heappush(self._hidden, (until, message.number))

    def _surface(self, now: float) -> None:
        """Show what has been hidden long enough; forget what is older than the retention period."""
        while self._hidden and self._hidden[0][0] <= now:
            until, number = heapq.heappop(self._hidden)
            message = self._messages.get(number)
            if message is not None and message.visible_at == until and message.standing is not _READY:
                self._stand(message, _READY)
                self._ready.append(message)
        oldest = now - self.seconds("MessageRetentionPeriod")
        while self._messages and (first := next(iter(self._messages.values()))).sent <= oldest:
            self._forget(first)

    def _bury(self, message: Message) -> bool:
        """Move a message to the dead-letter queue if it has been received too often; say whether."""
        policy = json.loads(self.attributes.get("RedrivePolicy") or "{}")
        if not policy or message.received < int(policy["maxReceiveCount"]):
            return False
        grave = self.find(policy["deadLetterTargetArn"])
        if grave is None:
            return False
        self._forget(message)
        grave.adopt(message)
        return True

    def adopt(self, message: Message) -> None:
        """Take a message of another queue; it keeps the time at which it was sent, and starts anew otherwise."""
        self._last += 1
        self._take(Message(self._last, message.body, message.attributes, message.sent))

    def _handled(self, handle: str) -> Message | None:
        try:
            number, received = map(int, urlsafe_b64decode(handle).split(b":"))
        except ValueError as error:
            raise refused("ReceiptHandleIsInvalid", f'The input receipt handle "{handle}" is not valid.') from error
        message = self._messages.get(number)
        return message if message is not None and message.received == received else None


def check_visibility(seconds: int) -> None:
    """Raise InvalidParameterValue unless `seconds` is a visibility time-out that SQS takes."""
    if not 0 <= seconds <= _LONGEST_VISIBILITY:
        raise refused(
            "InvalidParameterValue",
            f"Value {seconds} for parameter VisibilityTimeout is invalid. "
            f"Reason: Must be between 0 and {_LONGEST_VISIBILITY}.",
        )

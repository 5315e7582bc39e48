"""SNS: one topic, its subscriptions, and a message on its way to them.

https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from newsletter.simulator.queue import Body
    from newsletter.simulator.topics import Topics


@dataclass(slots=True, eq=False)
class Subscription:
    """Who gets what is published to a topic, and how."""

    arn: str
    topic: Topic
    protocol: str
    endpoint: str
    token: str
    confirmed: bool = False
    attributes: dict[str, str] = field(default_factory=dict)

    @property
    def is_raw(self) -> bool:
        """Whether messages come without their envelope."""
        return self.attributes.get("RawMessageDelivery", "false").lower() == "true"

    @property
    def dead_letter_arn(self) -> str:
        """The queue for what cannot be delivered, or nothing."""
        policy = json.loads(self.attributes.get("RedrivePolicy") or "{}")
        return str(policy.get("deadLetterTargetArn", ""))


@dataclass(slots=True, eq=False)
class Topic:
    """One topic."""

    arn: str
    attributes: dict[str, str]
    subscriptions: list[Subscription] = field(default_factory=list)

    @property
    def signature_version(self) -> str:
        """`1` (SHA-1, as topics are unless told otherwise) or `2` (SHA-256)."""
        return self.attributes.get("SignatureVersion", "1")


class Notice:
    """One message of a topic: enveloped and signed when somebody receives it."""

    __slots__ = ("_number", "_topics", "body", "kind", "subject", "time", "token", "topic")

    def __init__(self, topics: Topics, topic: Topic, body: str | Body, time: float) -> None:
        self._topics = topics
        self.topic = topic
        self.body = body
        self.time = time
        self.subject = ""
        self.kind = "Notification"
        self.token = ""
        self._number = topics.next_number()

    @property
    def id(self) -> str:
        """The message id, the same for every subscription."""
        return self._topics.id_of(self._number)

    def text(self) -> str:
        """Return the message alone: what raw delivery brings."""
        return self.body if isinstance(self.body, str) else self.body.render()

    def render(self) -> str:
        """Return the signed envelope as JSON text."""
        return json.dumps(self._topics.envelope(self), ensure_ascii=False)

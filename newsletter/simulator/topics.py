"""SNS: the account's topics and what is published to them. Pure; delivering is handed over.

https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html
"""

from __future__ import annotations

import re
from hashlib import blake2b
from http import HTTPStatus
from itertools import count
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from newsletter.simulator.clock import iso
from newsletter.simulator.errors import ServiceError
from newsletter.simulator.topic import Notice, Subscription, Topic

if TYPE_CHECKING:
    from collections.abc import Callable

    from newsletter.simulator.queue import Body
    from newsletter.simulator.signing import Signer

_NAME = re.compile(r"[A-Za-z0-9_-]{1,256}")
_PROTOCOLS = frozenset({"http", "https", "sqs"})
_NOT_APPLIED = frozenset({"FilterPolicy", "FilterPolicyScope", "DeliveryPolicy"})


def refused(code: str, message: str, status: int = HTTPStatus.BAD_REQUEST) -> ServiceError:
    """Return a refusal in SNS's words."""
    return ServiceError(status, code, message)


class Topics:
    """All topics of the account."""

    def __init__(self, region: str, account_id: str, signer: Signer) -> None:
        self._arn = f"arn:aws:sns:{region}:{account_id}:"
        self.signer = signer
        self._topics: dict[str, Topic] = {}
        self._numbers = count(1)
        self.url = ""
        """Where the certificate and the links in messages are served."""
        self.certificate_url = ""
        """Given instead of our own, if it is set: then nothing but a pinned certificate makes messages valid."""
        self.deliver: Callable[[Subscription, Notice], None] = lambda *_: None
        """Brings a message to one subscription."""

    def create(self, name: str, attributes: dict[str, str]) -> Topic:
        """Add a topic or return the one that is there."""
        if _NAME.fullmatch(name) is None:
            raise refused("InvalidParameter", "Invalid parameter: Topic Name (FIFO topics are not simulated)")
        topic = self._topics.setdefault(self._arn + name, Topic(self._arn + name, {}))
        topic.attributes.update(attributes)
        return topic

    def get(self, arn: str) -> Topic:
        """Return the topic or raise NotFound."""
        if arn not in self._topics:
            raise refused("NotFound", "Topic does not exist", HTTPStatus.NOT_FOUND)
        return self._topics[arn]

    def find(self, arn: str) -> Topic | None:
        """Return the topic, if there is one of that ARN."""
        return self._topics.get(arn)

    def delete(self, arn: str) -> None:
        """Remove a topic with its subscriptions; one that is gone is no error."""
        self._topics.pop(arn, None)

    def listed(self) -> list[Topic]:
        """Return all topics, by ARN."""
        return [self._topics[arn] for arn in sorted(self._topics)]

    def subscribe(
        self, topic: Topic, protocol: str, endpoint: str, attributes: dict[str, str], now: float
    ) -> Subscription:
        """Add a subscription: of a queue at once, of a web address when it has answered the message that it is sent."""
        if protocol not in _PROTOCOLS:
            raise refused("InvalidParameter", f"Invalid parameter: Protocol {protocol} is not simulated")
        if protocol != "sqs" and not endpoint.startswith(f"{protocol}://"):
            raise refused("InvalidParameter", "Invalid parameter: Endpoint must match the specified protocol")
        there = next((s for s in topic.subscriptions if (s.protocol, s.endpoint) == (protocol, endpoint)), None)
        subscription = there or self._new(topic, protocol, endpoint)
        for name, value in attributes.items():
            self.set_attribute(subscription, name, value)
        if not subscription.confirmed:
            self._ask(subscription, now)
        return subscription

    def confirm(self, topic_arn: str, token: str) -> Subscription:
        """Confirm the subscription that `token` was sent to; twice is no error."""
        found = next((s for s in self.get(topic_arn).subscriptions if s.token == token), None)
        if found is None:
            raise refused("InvalidParameter", "Invalid token")
        found.confirmed = True
        return found

    def subscription(self, arn: str) -> Subscription:
        """Return the subscription or raise NotFound."""
        found = next((s for topic in self._topics.values() for s in topic.subscriptions if s.arn == arn), None)
        if found is None:
            raise refused("NotFound", "Subscription does not exist", HTTPStatus.NOT_FOUND)
        return found

    def unsubscribe(self, arn: str, now: float) -> None:
        """Remove a subscription; a web address is told."""
        subscription = self.subscription(arn)
        subscription.topic.subscriptions.remove(subscription)
        if subscription.protocol != "sqs":
            self._send_handshake(
                subscription,
                "UnsubscribeConfirmation",
                f"You have chosen to deactivate subscription {arn}.\n"
                "To cancel this operation and restore the subscription, visit the SubscribeURL in this message.",
                now,
            )

    @staticmethod
    def set_attribute(subscription: Subscription, name: str, value: str) -> None:
        """Set an attribute; those that would have to be applied and are not here are refused."""
        if name in _NOT_APPLIED and value:
            raise refused("InvalidParameter", f"Invalid parameter: {name} is not simulated")
        subscription.attributes[name] = value

    def publish(self, topic: Topic, body: str | Body, now: float, subject: str = "") -> Notice:
        """Send a message to every confirmed subscription, and return it."""
        notice = Notice(self, topic, body, now)
        notice.subject = subject
        for subscription in topic.subscriptions:
            if subscription.confirmed:
                self.deliver(subscription, notice)
        return notice

    def envelope(self, notice: Notice) -> dict[str, str]:
        """Return a message as it is sent: with links, and signed."""
        said = {"Type": notice.kind, "MessageId": notice.id, "TopicArn": notice.topic.arn}
        if notice.subject:
            said["Subject"] = notice.subject
        said |= {"Message": notice.text(), "Timestamp": iso(notice.time)}
        if notice.token:
            query = {"Action": "ConfirmSubscription", "TopicArn": notice.topic.arn, "Token": notice.token}
            said |= {"Token": notice.token, "SubscribeURL": f"{self.url}/?{urlencode(query)}"}
        version = notice.topic.signature_version
        return said | {
            "SignatureVersion": version,
            "Signature": self.signer.sign(said, version),
            "SigningCertURL": self.signing_url,
        }

    @property
    def signing_url(self) -> str:
        """Where messages say that the certificate is."""
        return self.certificate_url or f"{self.url}/{self.signer.certificate_name}"

    def certificate(self, name: str) -> bytes | None:
        """Return the certificate, if that is its file name."""
        if not name.startswith("SimpleNotificationService-") or name != self.signer.certificate_name:
            return None
        return self.signer.certificate

    def next_number(self) -> int:
        """Return a number that no other message has."""
        return next(self._numbers)

    def id_of(self, number: int) -> str:
        """Return the id that a number stands for, in the form of a UUID."""
        digest = blake2b(f"{self.url}/{number}".encode(), digest_size=16).hexdigest()
        return "-".join((digest[:8], digest[8:12], digest[12:16], digest[16:20], digest[20:]))

    def _new(self, topic: Topic, protocol: str, endpoint: str) -> Subscription:
        subscription = Subscription(
            arn=f"{topic.arn}:{self.id_of(self.next_number())}",
            topic=topic,
            protocol=protocol,
            endpoint=endpoint,
            token=self.id_of(self.next_number()).replace("-", "") * 4,
            confirmed=protocol == "sqs",
        )
        topic.subscriptions.append(subscription)
        return subscription

    def _ask(self, subscription: Subscription, now: float) -> None:
        self._send_handshake(
            subscription,
            "SubscriptionConfirmation",
            f"You have chosen to subscribe to the topic {subscription.topic.arn}.\n"
            "To confirm the subscription, visit the SubscribeURL included in this message.",
            now,
        )

    def _send_handshake(self, subscription: Subscription, kind: str, text: str, now: float) -> None:
        notice = Notice(self, subscription.topic, text, now)
        notice.kind = kind
        notice.token = subscription.token
        self.deliver(subscription, notice)

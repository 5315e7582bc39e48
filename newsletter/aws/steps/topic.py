"""The topic that SES publishes to, and the queue's subscription to it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from newsletter.aws.policies import same_policy, topic_policy
from newsletter.aws.refusals import NotThere
from newsletter.aws.steps.change import Attribute, Change, differing, exactly

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from newsletter.aws.place import Names, Place
    from newsletter.aws.service import Aws

SIGNATURE_VERSION = "2"
"""SHA-256; version 1, SHA-1, is what topics have unless told otherwise."""


@dataclass(frozen=True, slots=True)
class Topic:
    """The topic with its attributes."""

    names: Names
    place: Place

    @property
    def title(self) -> str:
        """What it is."""
        return f"topic {self.names.topic}"

    def look(self, aws: Aws) -> Sequence[Change]:
        """Return what is to be done about it."""
        arn, attributes = self.place.arn("sns", self.names.topic), self._attributes()
        try:
            there = aws.ask("sns", "get_topic_attributes", TopicArn=arn)["Attributes"]
        except NotThere:
            wanted = {each.name: each.wanted for each in attributes}
            return [
                Change(
                    what="",
                    there=None,
                    wanted=", ".join(wanted),
                    why="SES publishes what becomes of mails here",
                    make=lambda: aws.ask("sns", "create_topic", Name=self.names.topic, Attributes=wanted),
                )
            ]

        def set_one(name: str, value: str) -> None:
            aws.ask("sns", "set_topic_attributes", TopicArn=arn, AttributeName=name, AttributeValue=value)

        return list(differing(there, attributes, set_one))

    def _attributes(self) -> tuple[Attribute, ...]:
        policy = topic_policy(
            self.place.arn("sns", self.names.topic),
            account=self.place.account,
            configuration_set=self.place.arn("ses", f"configuration-set/{self.names.configuration_set}"),
        )
        return (
            Attribute(
                name="Policy",
                wanted=json.dumps(policy),
                why="only SES, for this account, may publish: a forged event could suppress readers",
                same=lambda there: same_policy(there, policy),
            ),
            exactly("SignatureVersion", SIGNATURE_VERSION, "what is signed by SHA-1 can be forged one day"),
        )


@dataclass(frozen=True, slots=True)
class Subscription:
    """The queue's subscription; without the envelope of SNS unless that is wanted."""

    names: Names
    place: Place
    raw: bool

    @property
    def title(self) -> str:
        """What it is."""
        return f"subscription of {self.names.queue} to {self.names.topic}"

    def look(self, aws: Aws) -> Sequence[Change]:
        """Return what is to be done about it."""
        topic, queue = self.place.arn("sns", self.names.topic), self.place.arn("sqs", self.names.queue)
        wanted = exactly(
            "RawMessageDelivery",
            str(self.raw).lower(),
            "events without an envelope are two fifths smaller" if self.raw else "asked for by --no-raw",
        )
        arn = next((arn for endpoint, arn in confirmed(subscriptions(aws, topic)) if endpoint == queue), None)
        if arn is None:
            return [
                Change(
                    what="",
                    there=None,
                    wanted=f"{wanted.name} {wanted.wanted}",
                    why="what is published goes on to the queue",
                    make=lambda: aws.ask(
                        "sns",
                        "subscribe",
                        TopicArn=topic,
                        Protocol="sqs",
                        Endpoint=queue,
                        Attributes={wanted.name: wanted.wanted},
                    ),
                )
            ]

        def set_one(name: str, value: str) -> None:
            aws.ask("sns", "set_subscription_attributes", SubscriptionArn=arn, AttributeName=name, AttributeValue=value)

        there = aws.ask("sns", "get_subscription_attributes", SubscriptionArn=arn)["Attributes"]
        return list(differing(there, [wanted], set_one))


def subscriptions(aws: Aws, topic: str) -> Iterator[dict[str, Any]]:
    """Yield who gets what is published to a topic; nobody where there is no such topic."""
    token: dict[str, str] = {}
    while True:
        try:
            page = aws.ask("sns", "list_subscriptions_by_topic", TopicArn=topic, **token)
        except NotThere:
            return
        yield from page["Subscriptions"]
        if not page.get("NextToken"):
            return
        token = {"NextToken": page["NextToken"]}


def confirmed(found: Iterable[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    """Yield endpoint and ARN of the subscriptions that were confirmed: the others have no ARN yet."""
    for each in found:
        if each["SubscriptionArn"].startswith("arn:"):
            yield each["Endpoint"], each["SubscriptionArn"]

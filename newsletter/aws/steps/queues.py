"""The queue that events wait in, and the one for those that nobody could take in."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from newsletter.aws.policies import queue_policy, same_policy
from newsletter.aws.refusals import NotThere
from newsletter.aws.steps.change import Attribute, Change, differing, exactly

if TYPE_CHECKING:
    from collections.abc import Sequence

    from newsletter.aws.place import Names, Place
    from newsletter.aws.policies import Name
    from newsletter.aws.service import Aws

FOURTEEN_DAYS = 14 * 24 * 60 * 60
"""The longest that SQS keeps anything."""
RECEIVED_AT_MOST = 50
"""How often a message is received before it counts as dead. What cannot be read is kept aside at the first time by
whoever takes it in; a database that is away for an hour must not make dead letters of good events."""
LONG_POLL = 20


@dataclass(frozen=True, slots=True)
class Queue:
    """One queue with its attributes."""

    title: str
    name: str
    why: str
    attributes: tuple[Attribute, ...]

    def look(self, aws: Aws) -> Sequence[Change]:
        """Return what is to be done about it."""
        url = queue_url(aws, self.name)
        if url is None:
            wanted = {each.name: each.wanted for each in self.attributes}
            return [
                Change(
                    what="",
                    there=None,
                    wanted=", ".join(wanted),
                    why=self.why,
                    make=lambda: aws.ask("sqs", "create_queue", QueueName=self.name, Attributes=wanted),
                )
            ]

        def set_one(name: str, value: str) -> None:
            aws.ask("sqs", "set_queue_attributes", QueueUrl=url, Attributes={name: value})

        there = aws.ask("sqs", "get_queue_attributes", QueueUrl=url, AttributeNames=["All"])["Attributes"]
        return list(differing(there, self.attributes, set_one))


def dead_letters(names: Names) -> Queue:
    """Return the queue for events that were received again and again."""
    keep = exactly("MessageRetentionPeriod", str(FOURTEEN_DAYS), "somebody has to have the time to look")
    why = "what nobody could take in is kept here, for somebody to look at"
    return Queue(f"queue {names.dead_letters}", names.dead_letters, why, (keep,))


def events(names: Names, place: Place) -> Queue:
    """Return the queue that events wait in."""
    policy = queue_policy(place.arn("sqs", names.queue), topic=place.arn("sns", names.topic))
    redrive = redrive_policy(place.arn("sqs", names.dead_letters))
    return Queue(
        f"queue {names.queue}",
        names.queue,
        "events wait here until they are taken in",
        (
            exactly("MessageRetentionPeriod", str(FOURTEEN_DAYS), "feedback has to outlast a stop of two weeks"),
            exactly("ReceiveMessageWaitTimeSeconds", str(LONG_POLL), "polls that wait cost less, and miss nothing"),
            Attribute(
                name="RedrivePolicy",
                wanted=json.dumps(redrive),
                why="a message that kills whoever takes it in must not come for ever",
                same=lambda there: _strings(there) == _strings(json.dumps(redrive)),
            ),
            Attribute(
                name="Policy",
                wanted=json.dumps(policy),
                why="only the topic may send: a forged event could suppress readers",
                same=lambda there: same_policy(there, policy),
            ),
        ),
    )


def redrive_policy(dead_letters_arn: Name) -> dict[str, Any]:
    """Return when a message counts as dead, and where it goes then."""
    return {"deadLetterTargetArn": dead_letters_arn, "maxReceiveCount": RECEIVED_AT_MOST}


def queue_url(aws: Aws, name: str) -> str | None:
    """Return the URL of a queue; None where there is none of that name."""
    try:
        url: str = aws.ask("sqs", "get_queue_url", QueueName=name)["QueueUrl"]
    except NotThere:
        return None
    return url


def _strings(text: str | None) -> dict[str, str]:
    """Return the members of a JSON object; AWS gives numbers back as text at times."""
    return {name: str(value) for name, value in json.loads(text or "{}").items()}

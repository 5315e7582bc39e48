"""The queue that events wait in, as the settings name it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from newsletter.aws.doctor.findings import Finding, fail, ok, warn
from newsletter.aws.policies import SEND_MESSAGE, SNS, lets, lets_everybody
from newsletter.aws.refusals import NotThere

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping, Sequence

    from newsletter.aws.service import Aws

    Findings = Generator[Finding, None, None]

_BACKLOG = 1_000
"""More than this, and nobody seems to take them in."""
_WAITING = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")


def examine(aws: Aws, url: str, topics: Sequence[str]) -> Generator[Finding, None, str | None]:
    """Say how the queue does, and return its ARN. `topics`: the ARNs of those that have to be let in."""
    if not url:
        yield warn(
            "queue",
            "NEWSLETTER_SES_EVENTS_QUEUE_URL is not set: no queue brings back what becomes of mails",
            "`newsletter aws setup` makes one, and names the setting.",
        )
        return None
    try:
        attributes = aws.ask("sqs", "get_queue_attributes", QueueUrl=url, AttributeNames=["All"])["Attributes"]
    except NotThere:
        yield fail(
            "queue",
            f"there is no queue {url} in {aws.region}",
            "See NEWSLETTER_SES_EVENTS_QUEUE_URL and the region; `newsletter aws setup` makes one.",
        )
        return None
    yield _policy(attributes.get("Policy"), topics)
    yield _backlog(attributes)
    yield from _dead_letters(aws, attributes.get("RedrivePolicy", ""))
    arn: str = attributes["QueueArn"]
    return arn


def waiting(attributes: Mapping[str, str]) -> int:
    """Return how many messages wait in a queue, those in somebody's hands among them."""
    return sum(int(attributes[name]) for name in _WAITING)


def _policy(policy: str | None, topics: Sequence[str]) -> Finding:
    if not any(lets(policy, SNS, SEND_MESSAGE, source_arn=topic) for topic in topics):
        return fail("queue", "its policy does not let the topic send", "`newsletter aws setup` mends the policy.")
    if lets_everybody(policy, SEND_MESSAGE):
        return warn("queue", "anybody may send to it: events can be forged", "`newsletter aws setup` mends the policy.")
    return ok("queue", "it answers, and takes what the topic sends")


def _backlog(attributes: Mapping[str, str]) -> Finding:
    count = waiting(attributes)
    if count <= _BACKLOG:
        return ok("backlog", f"{count:,} events wait to be taken in")
    return warn(
        "backlog",
        f"{count:,} events wait to be taken in",
        "See that `newsletter feedback consume`, or a worker, runs: until then nobody who bounced is suppressed.",
    )


def _dead_letters(aws: Aws, redrive_policy: str) -> Findings:
    if not redrive_policy:
        yield warn(
            "dead letters",
            "the queue has no dead-letter queue: a message that nobody can take in comes again for days",
            "`newsletter aws setup` makes one.",
        )
        return
    *_, account, name = json.loads(redrive_policy)["deadLetterTargetArn"].split(":")
    url = aws.ask("sqs", "get_queue_url", QueueName=name, QueueOwnerAWSAccountId=account)["QueueUrl"]
    count = waiting(aws.ask("sqs", "get_queue_attributes", QueueUrl=url, AttributeNames=list(_WAITING))["Attributes"])
    if count == 0:
        yield ok("dead letters", f"{name} is empty")
        return
    yield fail(
        "dead letters",
        f"{count:,} events in {name} were never taken in",
        "Look at one, mend the cause, and have SQS move them back: `aws sqs start-message-move-task --source-arn …`.",
    )

"""The address that SNS posts to: there, and refusing what SNS did not sign."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from newsletter.aws.doctor.findings import Finding, fail, ok
from newsletter.aws.steps.topic import confirmed, subscriptions

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from newsletter.aws.doctor.one_click import Reach
    from newsletter.aws.service import Aws

PATH = "/feedback/sns"
BODY = b"no message of SNS"


def examine(public_url: str, topics: Sequence[str], reach: Reach, aws: Aws | None) -> Generator[Finding, None, None]:
    """Post what is no message, as anybody may, and ask SNS whether it posts here. Nothing is said without topics."""
    if not topics:
        return
    url = f"{public_url}{PATH}"
    status = reach(url, BODY).status
    if status != HTTPStatus.BAD_REQUEST:
        yield fail(
            "webhook",
            f"{url} answers {status} to what is no message of SNS, and not 400",
            "See that the web part runs there with NEWSLETTER_SNS_TOPICS, and what stands before it lets POST through.",
        )
        return
    yield ok("webhook", f"{url} answers, and takes nothing that SNS did not sign")
    if aws is not None:
        for topic in topics:
            yield _subscription(aws, topic, url)


def _subscription(aws: Aws, topic: str, url: str) -> Finding:
    there = [each for each in subscriptions(aws, topic) if each["Endpoint"] == url]
    name = topic.rpartition(":")[2]
    if any(confirmed(there)):
        return ok("webhook", f"{name} is subscribed to it")
    return fail(
        "webhook",
        f"{name} waits for a confirmation from it" if there else f"{name} is not subscribed to it",
        f"Subscribe it: `aws sns subscribe --topic-arn {topic} --protocol https --notification-endpoint {url}`.",
    )

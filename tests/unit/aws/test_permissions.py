"""Least privilege, as docs/aws.md and the template hand it out: all that is asked for, and nothing else."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from newsletter.aws.doctor.examining import ProbeOrder
from newsletter.aws.policies import looking_policy, sending_policy
from newsletter.aws.provisioning import leftover, make, plan
from newsletter.aws.service import Aws
from tests.fixtures.patience import PATIENCE
from tests.unit.aws.conftest import WANTED
from tests.unit.aws.test_setup import DIFFERENCES

if TYPE_CHECKING:
    from newsletter.simulator.client import SimulatorClient
    from tests.unit.aws.conftest import World

TOP = Path(__file__).parents[3]
PAGE = (TOP / "docs" / "aws.md").read_text("utf-8")
ANYBODY = "sts:GetCallerIdentity"
"""Needs no permission (https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html)."""


class Recording(Aws):
    """Notes which permissions are used."""

    def __init__(self) -> None:
        super().__init__(timeout=PATIENCE)
        self.used: set[str] = set()

    def ask(self, service: str, operation: str, **said: object) -> dict[str, Any]:
        name = operation.removesuffix("_batch").title().replace("_", "")
        self.used.add(f"{service.removesuffix('v2')}:{name}")
        return super().ask(service, operation, **said)


@pytest.fixture
def recording(aws_environment: SimulatorClient) -> Iterator[Recording]:
    assert aws_environment.url
    there = Recording()
    yield there
    there.close()


def test_setting_up_uses_what_the_page_allows_and_nothing_else(recording: Recording) -> None:
    (allowed,) = [each for each in _printed() if each["Statement"][0]["Sid"] == "SetTheNewsletterUp"]
    assert list(make(recording, WANTED))
    by_hand = Aws(timeout=PATIENCE)
    for service, operation, said, _ in DIFFERENCES:
        by_hand.ask(service, operation, **said)
    (subscribed,) = by_hand.ask("sns", "list_subscriptions_by_topic", TopicArn=TOPIC)["Subscriptions"]
    by_hand.ask(
        "sns", "set_subscription_attributes", SubscriptionArn=subscribed["SubscriptionArn"],
        AttributeName="RawMessageDelivery", AttributeValue="false",
    )  # fmt: skip
    by_hand.close()
    assert list(plan(recording, WANTED))
    assert list(make(recording, WANTED))
    leftover(recording, WANTED)
    assert recording.used - {ANYBODY} == set(allowed["Statement"][0]["Action"])


def test_the_doctor_uses_what_the_two_policies_allow(world: World, recording: Recording) -> None:
    world.aws = recording
    found = world.examined(ProbeOrder(label="abc123", seconds=30))
    assert {each.level for each in found} == {"ok"}
    allowed = _actions(_sending()) | _actions(looking_policy(topic="t"))
    assert recording.used - {ANYBODY} <= allowed
    assert _actions(looking_policy(topic="t")) <= recording.used


def test_the_page_shows_the_policies_of_the_template() -> None:
    printed = _printed()
    assert _sending() in printed
    assert looking_policy(topic="arn:aws:sns:REGION:ACCOUNT:newsletter-events") in printed


TOPIC = "arn:aws:sns:us-east-1:123456789012:newsletter-events"


def _sending() -> dict[str, Any]:
    ses, sqs = "arn:aws:ses:REGION:ACCOUNT:", "arn:aws:sqs:REGION:ACCOUNT:"
    return sending_policy(
        identities=[f"{ses}identity/DOMAIN", f"{ses}identity/*@DOMAIN"],
        configuration_set=f"{ses}configuration-set/newsletter",
        templates=f"{ses}template/*",
        queue=f"{sqs}newsletter-events",
        dead_letters=f"{sqs}newsletter-events-dead",
    )


def _printed() -> list[dict[str, Any]]:
    """Return the policies that the page shows."""
    return [json.loads(block) for block in re.findall(r"^    \{\n(?:    .*\n)*?    \}\n", PAGE, re.MULTILINE)]


def _actions(policy: dict[str, Any]) -> set[str]:
    found: set[str] = set()
    for each in policy["Statement"]:
        found |= {each["Action"]} if isinstance(each["Action"], str) else set(each["Action"])
    return found

"""Probes: real mails through the simulator, whose events come back without anything being stolen from the consumer."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from newsletter.aws.doctor.examining import ProbeOrder
from newsletter.aws.doctor.findings import Finding, Level
from newsletter.aws.doctor.installation import Sender
from newsletter.aws.provisioning import make
from newsletter.aws.service import Aws
from newsletter.feedback.intake import Intake
from newsletter.feedback.told import told_of
from subscribers.clock import utc_now
from tests.factories.ses import simple
from tests.fixtures.patience import PATIENCE, growing
from tests.unit.aws.conftest import DOMAIN, WANTED

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from newsletter.feedback.events import Kind
    from subscribers.database import Database
    from tests.unit.aws.conftest import World

QUEUE = "newsletter-events"


def test_three_mails_bring_their_events_and_leave_nothing_behind(world: World) -> None:
    found = _probed(world)
    assert (found.level, found.said) == (
        Level.OK, "3 mails to simulator.amazonses.com brought all 6 events to the queue"
    )  # fmt: skip
    assert sorted(world.simulator.counts()) == [
        f"{kind}+abc123@simulator.amazonses.com" for kind in ("bounce", "complaint", "success")
    ]
    assert _waiting(world) <= 1, "but for the delivery before the complaint"


def test_events_in_the_envelope_of_sns_are_read_as_well(world: World) -> None:
    assert list(make(world.aws, replace(WANTED, raw_delivery=False)))
    assert _probed(world).level is Level.OK


def test_events_that_take_their_time_are_waited_for(world: World) -> None:
    world.simulator.set_options(latency=1.0)
    assert _probed(world, seconds=120).level is Level.OK


def test_what_is_not_ours_is_given_back_untouched_and_was_received_once(world: World) -> None:
    readers = [f"reader{number}@example.net" for number in range(12)]
    for reader in readers:
        world.ask("sesv2", "send_email", **simple(reader, ConfigurationSetName="newsletter"))
    world.simulator.wait_for(lambda status: status["queues"][QUEUE]["visible"] == 2 * len(readers))
    assert _probed(world).level is Level.OK
    received = _received(world.aws)
    events = [json.loads(message["Body"]) for message in received]
    theirs = [event for event in events if event["mail"]["destination"][0] in readers]
    assert len(theirs) == 2 * len(readers)
    assert {message["Attributes"]["ApproximateReceiveCount"] for message in received} <= {"1", "2"}, (
        "once by the doctor at most, once by us"
    )


def test_what_cannot_be_read_is_left_to_who_consumes(world: World) -> None:
    bodies = ["no JSON", "[]", '{"Message": 7}', '{"eventType": "Send"}', "Successfully validated SNS topic"]
    for body in bodies:
        world.ask("sqs", "send_message", QueueUrl=QUEUE, MessageBody=body)
    assert _probed(world).level is Level.OK
    assert set(bodies) <= {message["Body"] for message in _received(world.aws)}


def test_behind_a_long_queue_the_doctor_gives_everything_back_and_says_what_to_do(world: World) -> None:
    for start in range(0, 250, 10):
        entries = [{"Id": str(number), "MessageBody": "{}"} for number in range(start, start + 10)]
        world.ask("sqs", "send_message_batch", QueueUrl=QUEUE, Entries=entries)
    found = _probed(world)
    assert found.level is Level.WARN
    assert "feedback consume" in found.do
    status = world.simulator.status()["queues"][QUEUE]
    assert (status["in_flight"], status["visible"] >= 250) == (0, True)


@pytest.mark.parametrize(
    ("event", "words"), [("BOUNCE", "bounce of bounce@"), ("COMPLAINT", "complaint of complaint@")]
)
def test_an_event_that_does_not_come_is_named(world: World, event: str, words: str) -> None:
    (there,) = world.ask("sesv2", "get_configuration_set_event_destinations", ConfigurationSetName="newsletter")[
        "EventDestinations"
    ]
    described = {name: there[name] for name in ("Enabled", "SnsDestination")}
    described["MatchingEventTypes"] = [each for each in there["MatchingEventTypes"] if each != event]
    world.ask(
        "sesv2", "update_configuration_set_event_destination", ConfigurationSetName="newsletter",
        EventDestinationName=there["Name"], EventDestination=described,
    )  # fmt: skip
    for seconds in growing():
        found = _probed(world, seconds=seconds)
        if found.said == f"events that did not come in {seconds} seconds: {words}":
            break
    else:
        raise AssertionError(found.said)
    assert found.level is Level.FAIL


@pytest.fixture
def beaten(world: World) -> Iterator[list[str]]:
    """Let a consumer of the same queue be always faster than the doctor; yield the messages that it took."""
    taken: list[str] = []
    own = world.aws

    class Beaten(Aws):
        def ask(self, service: str, operation: str, **said: object) -> dict[str, Any]:
            if operation == "receive_message":
                for message in _received(own):
                    taken.append(message["Body"])
                    own.ask("sqs", "delete_message", QueueUrl=QUEUE, ReceiptHandle=message["ReceiptHandle"])
            return super().ask(service, operation, **said)

    world.aws = Beaten(timeout=PATIENCE)
    yield taken
    world.aws.close()


def test_what_the_consumer_took_in_first_counts(world: World, beaten: list[str], sqlite_database: Database) -> None:
    def taken_in(message_ids: Collection[str]) -> Mapping[str, Collection[Kind]]:
        Intake(sqlite_database, utc_now, QUEUE).take(beaten)
        with sqlite_database.read() as session:
            return told_of(session, message_ids)

    world.taken_in = taken_in
    found = _probed(world)
    assert found.level is Level.OK
    assert found.said.endswith("to the queue, in part to who consumes it")


def test_what_the_consumer_of_another_installation_took_first_cannot_be_known(world: World, beaten: list[str]) -> None:
    found = next(found for seconds in growing() if (found := _probed(world, seconds=seconds)) and len(beaten) >= 6)
    assert found.level is Level.FAIL
    assert "stop what consumes the queue" in found.do


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"senders": ()}, "no probe was sent"),
        ({"queue_url": ""}, "no probe was sent"),
        ({"configuration_set": ""}, "no probe was sent"),
        ({"configuration_set": "none"}, "none does not exist"),
    ],
)
def test_without_what_a_probe_needs_none_is_sent(world: World, changes: dict[str, Any], words: str) -> None:
    found = _probed(world, **changes)
    assert found.level is Level.FAIL
    assert words in found.said
    assert not world.simulator.counts()


def test_a_probe_that_ses_refuses_says_why(world: World) -> None:
    world.simulator.set_account(sending_enabled=False)
    assert "currently paused" in _probed(world).said


def test_a_domain_without_a_list_is_probed_by_an_address_of_it(world: World) -> None:
    assert _probed(world, senders=(Sender(domain=DOMAIN),)).level is Level.OK
    (mail, *_) = world.simulator.mails()
    assert world.simulator.mail(mail["id"])["from"] == f"newsletter@{DOMAIN}"


def test_without_an_order_no_mail_is_sent(world: World) -> None:
    world.examined()
    assert not world.simulator.counts()


def _probed(world: World, *, seconds: int = 120, **changes: Any) -> Finding:  # noqa: ANN401 - fields
    found = world.examined(ProbeOrder(label="abc123", seconds=seconds), **changes)
    assert found[-1].check == "event path"
    return found[-1]


def _waiting(world: World) -> int:
    status = world.simulator.status()["queues"][QUEUE]
    return int(status["visible"] + status["in_flight"])


def _received(aws: Aws) -> list[dict[str, Any]]:
    received: list[dict[str, Any]] = []
    while batch := aws.ask(
        "sqs", "receive_message", QueueUrl=QUEUE, MaxNumberOfMessages=10, WaitTimeSeconds=0, VisibilityTimeout=600,
        MessageSystemAttributeNames=["All"],
    ).get("Messages"):  # fmt: skip
        received += batch
    return received

"""One contract for a queue of events: SQS over the wire, from an unmodified boto3, and the fake the other tests use."""

from __future__ import annotations

import json
import socket
from typing import TYPE_CHECKING, Any

import pytest

from newsletter.errors import FixConfiguration, RetryLater
from newsletter.feedback.sqs import SqsStream
from newsletter.feedback.stream import Backlog
from tests.fakes.streams import FakeStream
from tests.fixtures.simulator import client

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from newsletter.feedback.stream import Stream
    from newsletter.simulator.client import SimulatorClient


class Handle:
    """A stream, and what happens around it."""

    def __init__(self, stream: Stream, put: Callable[[list[str]], None], pass_by: Callable[[float], None]) -> None:
        self.stream = stream
        self.put = put
        self.pass_by = pass_by

    def bodies(self, seconds: int = 0) -> list[str]:
        return [message.body for message in self.stream.receive(seconds)]


@pytest.fixture
def queue_url(aws_environment: SimulatorClient) -> str:
    url: str = client("sqs", aws_environment).create_queue(QueueName="events")["QueueUrl"]
    return url


@pytest.fixture
def sqs(queue_url: str) -> Iterator[SqsStream]:
    stream = SqsStream(queue_url)
    yield stream
    stream.close()


def _of_sqs(sqs: SqsStream, simulator: SimulatorClient) -> Handle:
    def put(bodies: list[str]) -> None:
        sender: Any = client("sqs", simulator)
        for start in range(0, len(bodies), 10):
            entries = [{"Id": str(n), "MessageBody": each} for n, each in enumerate(bodies[start : start + 10])]
            sender.send_message_batch(QueueUrl=sqs.name, Entries=entries)

    return Handle(sqs, put, simulator.advance)


def _of_memory() -> Handle:
    now = 0.0

    def pass_by(seconds: float) -> None:
        nonlocal now
        now += seconds

    fake = FakeStream(seconds=lambda: now)
    return Handle(fake, lambda bodies: fake.put(*bodies), pass_by)


@pytest.fixture(params=["sqs", "memory"])
def handle(request: pytest.FixtureRequest) -> Handle:
    if request.param == "memory":
        return _of_memory()
    return _of_sqs(request.getfixturevalue("sqs"), request.getfixturevalue("simulator"))


def test_a_full_queue_is_fetched_by_the_thousand(handle: Handle) -> None:
    handle.put([f"m{n}" for n in range(1_007)])
    first = handle.stream.receive(1)
    assert len(first) == 1_000
    handle.stream.delete(first)
    rest = handle.stream.receive(1)
    assert sorted(message.body for message in [*first, *rest]) == sorted(f"m{n}" for n in range(1_007))
    handle.stream.delete(rest)
    assert handle.stream.backlog() == Backlog(0)


def test_no_call_is_made_for_what_is_not_there(sqs: SqsStream, simulator: SimulatorClient) -> None:
    handle = _of_sqs(sqs, simulator)
    handle.put([f"m{n}" for n in range(13)])
    simulator.add_fault("error", operations=["ReceiveMessage"], calls=[1_000])  # which counts them
    assert len(sqs.receive(1)) == 13
    assert simulator.faults()[0]["calls_seen"] <= 1 + 8


def test_an_empty_queue_brings_nothing(handle: Handle) -> None:
    assert handle.bodies(1) == []
    assert handle.stream.backlog().is_empty


def test_what_is_not_deleted_is_hidden_and_comes_again(handle: Handle) -> None:
    handle.put(["a", "b"])
    a, b = handle.stream.receive(0)
    handle.stream.delete([a])
    assert handle.bodies() == []
    assert handle.stream.backlog() == Backlog(1)
    handle.pass_by(handle.stream.hidden_seconds + 1)
    assert handle.bodies() == [b.body]


def test_hiding_lasts_as_long_as_it_is_renewed(handle: Handle) -> None:
    handle.put([f"m{n}" for n in range(12)])
    messages = handle.stream.receive(0)
    for _ in range(3):
        handle.pass_by(50)
        handle.stream.hide(messages, 60)
        assert handle.bodies() == []
    handle.stream.hide(messages, 0)
    assert len(handle.bodies()) == 12


def test_a_late_deletion_does_not_take_what_somebody_else_has_received_since(handle: Handle) -> None:
    handle.put(["a"])
    late = handle.stream.receive(0)
    handle.pass_by(handle.stream.hidden_seconds + 1)
    now = handle.stream.receive(0)
    handle.stream.delete(late)
    assert handle.stream.backlog() == Backlog(1)
    handle.stream.delete(now)
    assert handle.stream.backlog() == Backlog(0)


def test_deleting_twice_is_no_error(handle: Handle) -> None:
    handle.put(["a"])
    messages = handle.stream.receive(0)
    handle.stream.delete(messages)
    handle.stream.delete(messages)
    handle.stream.delete([])


def test_a_deletion_that_fails_inside_a_success_is_tried_again(sqs: SqsStream, simulator: SimulatorClient) -> None:
    handle = _of_sqs(sqs, simulator)
    handle.put(["a", "b"])
    messages = sqs.receive(0)
    bad = type(messages[0])("x", "no receipt of this queue")
    sqs.delete([messages[0], bad, messages[1]])
    assert sqs.backlog() == Backlog(0)


def test_delayed_messages_are_not_there_yet_and_not_gone(sqs: SqsStream, simulator: SimulatorClient) -> None:
    client("sqs", simulator).send_message(QueueUrl=sqs.name, MessageBody="later", DelaySeconds=30)
    assert sqs.receive(0) == []
    assert sqs.backlog() == Backlog(1)


def test_dead_letters_are_seen(sqs: SqsStream, simulator: SimulatorClient) -> None:
    boto: Any = client("sqs", simulator)
    dead = boto.create_queue(QueueName="dead")["QueueUrl"]
    arn = boto.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    policy = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 1})
    boto.set_queue_attributes(QueueUrl=sqs.name, Attributes={"RedrivePolicy": policy})
    assert sqs.backlog() == Backlog(0)
    boto.send_message(QueueUrl=sqs.name, MessageBody="a")
    assert len(sqs.receive(0)) == 1
    simulator.advance(61)
    assert sqs.receive(0) == []
    assert sqs.backlog() == Backlog(0, "1 messages lie in the dead-letter queue dead")
    boto.delete_queue(QueueUrl=dead)
    assert "cannot be looked into" in SqsStream(sqs.name).backlog().lost


@pytest.mark.parametrize("fault", ["error", "unavailable", "drop"])
def test_troubles_that_pass_are_tried_again_and_then_told_as_such(
    sqs: SqsStream, simulator: SimulatorClient, fault: str
) -> None:
    simulator.add_fault(fault, operations=["ReceiveMessage"], next=2)
    assert sqs.receive(0) == [], "the SDK asks again"
    simulator.add_fault(fault, operations=["ReceiveMessage"])
    with pytest.raises(RetryLater):
        sqs.receive(0)


def test_what_was_received_counts_when_a_further_call_fails(sqs: SqsStream, simulator: SimulatorClient) -> None:
    handle = _of_sqs(sqs, simulator)
    handle.put([f"m{n}" for n in range(30)])
    simulator.add_fault("answer", operations=["ReceiveMessage"], http_status=403, code="AccessDenied", calls=[2, 3])
    assert len(sqs.receive(0)) >= 10
    simulator.clear_faults()
    simulator.advance(61)
    sqs.delete(sqs.receive(0))
    assert sqs.backlog().waiting == 0


def test_a_queue_that_is_not_there_is_a_setting_to_mend(queue_url: str) -> None:
    stream = SqsStream(f"{queue_url}x")
    with pytest.raises(FixConfiguration, match="NEWSLETTER_SES_EVENTS_QUEUE_URL"):
        stream.receive(0)
    stream.close()


def test_an_endpoint_that_cannot_be_reached_may_come_back(
    monkeypatch: pytest.MonkeyPatch, aws_environment: SimulatorClient
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        monkeypatch.setenv("AWS_ENDPOINT_URL", url)
        stream = SqsStream(f"{url}/1/events")
        with pytest.raises(RetryLater, match="cannot be reached"):
            stream.receive(0)
        stream.close()
    assert aws_environment.url


def test_a_queue_names_its_own_region(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    SqsStream("https://sqs.eu-west-1.amazonaws.com/123456789012/events").close()
    with pytest.raises(FixConfiguration, match="AWS_DEFAULT_REGION"):
        SqsStream("https://queue.example.org/123456789012/events")

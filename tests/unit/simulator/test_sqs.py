"""Queues with unmodified boto3."""

from __future__ import annotations

import json
import threading
import time
from typing import TYPE_CHECKING

import pytest

from tests.fixtures.simulator import client

if TYPE_CHECKING:
    from botocore.client import BaseClient

    from newsletter.simulator.client import SimulatorClient


@pytest.fixture
def sqs(simulator: SimulatorClient) -> BaseClient:
    return client("sqs", simulator)


@pytest.fixture
def queue(sqs: BaseClient) -> str:
    url: str = sqs.create_queue(QueueName="events", Attributes={"VisibilityTimeout": "60"})["QueueUrl"]
    return url


def bodies(sqs: BaseClient, queue: str, **how: object) -> list[str]:
    return [message["Body"] for message in sqs.receive_message(QueueUrl=queue, **how).get("Messages", [])]


def test_queues_are_made_found_and_removed(sqs: BaseClient, queue: str) -> None:
    assert sqs.create_queue(QueueName="events", Attributes={"VisibilityTimeout": "60"})["QueueUrl"] == queue
    assert sqs.get_queue_url(QueueName="events")["QueueUrl"] == queue
    assert sqs.list_queues(QueueNamePrefix="ev")["QueueUrls"] == [queue]
    with pytest.raises(sqs.exceptions.QueueNameExists):
        sqs.create_queue(QueueName="events", Attributes={"VisibilityTimeout": "61"})
    sqs.delete_queue(QueueUrl=queue)
    with pytest.raises(sqs.exceptions.QueueDoesNotExist, match="The specified queue does not exist"):
        sqs.get_queue_url(QueueName="events")
    assert "QueueUrls" not in sqs.list_queues()


def test_attributes(sqs: BaseClient, queue: str) -> None:
    sqs.send_message(QueueUrl=queue, MessageBody="a")
    sqs.send_message(QueueUrl=queue, MessageBody="b", DelaySeconds=5)
    bodies(sqs, queue)
    sqs.send_message(QueueUrl=queue, MessageBody="c")
    shown = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["All"])["Attributes"]
    assert shown["QueueArn"] == "arn:aws:sqs:us-east-1:123456789012:events"
    assert (shown["VisibilityTimeout"], shown["MessageRetentionPeriod"]) == ("60", "345600")
    names = ("", "NotVisible", "Delayed")
    assert [shown[f"ApproximateNumberOfMessages{name}"] for name in names] == ["1", "1", "1"]
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": "{}", "VisibilityTimeout": "5"})
    shown = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["Policy", "VisibilityTimeout"])["Attributes"]
    assert shown == {"Policy": "{}", "VisibilityTimeout": "5"}


def test_a_message_goes_in_and_out(sqs: BaseClient, queue: str) -> None:
    attributes = {
        "kind": {"DataType": "String", "StringValue": "x"},
        "other": {"DataType": "Number", "StringValue": "1"},
    }
    sent = sqs.send_message(QueueUrl=queue, MessageBody="é", MessageAttributes=attributes)
    (message,) = sqs.receive_message(
        QueueUrl=queue, MessageSystemAttributeNames=["All"], MessageAttributeNames=["kind"]
    )["Messages"]  # fmt: skip
    assert (message["Body"], message["MessageId"]) == ("é", sent["MessageId"])
    assert message["MD5OfBody"] == sent["MD5OfMessageBody"]
    assert message["Attributes"]["ApproximateReceiveCount"] == "1"
    assert set(message["MessageAttributes"]) == {"kind"}
    sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    assert bodies(sqs, queue, VisibilityTimeout=0) == []


def test_what_is_not_deleted_comes_again(sqs: BaseClient, queue: str, simulator: SimulatorClient) -> None:
    sqs.send_message(QueueUrl=queue, MessageBody="a")
    assert bodies(sqs, queue) == ["a"]
    assert bodies(sqs, queue) == []
    simulator.advance(61)
    assert bodies(sqs, queue) == ["a"]


def test_batches_say_what_became_of_each_entry(sqs: BaseClient, queue: str) -> None:
    entries = [{"Id": str(number), "MessageBody": f"m{number}"} for number in range(10)]
    assert len(sqs.send_message_batch(QueueUrl=queue, Entries=entries)["Successful"]) == 10
    messages = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10)["Messages"]
    assert [message["Body"] for message in messages] == [f"m{number}" for number in range(10)]
    handles = [{"Id": message["Body"], "ReceiptHandle": message["ReceiptHandle"]} for message in messages]
    prolonged = [
        {**handle, "VisibilityTimeout": seconds} for handle, seconds in zip(handles, [9, 43_201], strict=False)
    ]
    answer = sqs.change_message_visibility_batch(QueueUrl=queue, Entries=prolonged)
    assert [done["Id"] for done in answer["Successful"]] == ["m0"]
    assert [(failed["Id"], failed["Code"]) for failed in answer["Failed"]] == [("m1", "InvalidParameterValue")]
    handles[3]["ReceiptHandle"] = "nonsense"
    answer = sqs.delete_message_batch(QueueUrl=queue, Entries=handles)
    assert len(answer["Successful"]) == 9
    assert [(failed["Id"], failed["Code"]) for failed in answer["Failed"]] == [("m3", "ReceiptHandleIsInvalid")]


def test_batches_have_their_limits(sqs: BaseClient, queue: str) -> None:
    entries = [{"Id": str(number), "MessageBody": "x"} for number in range(11)]
    with pytest.raises(sqs.exceptions.TooManyEntriesInBatchRequest):
        sqs.send_message_batch(QueueUrl=queue, Entries=entries)
    with pytest.raises(sqs.exceptions.EmptyBatchRequest):
        sqs.delete_message_batch(QueueUrl=queue, Entries=[])
    with pytest.raises(sqs.exceptions.BatchEntryIdsNotDistinct):
        sqs.send_message_batch(QueueUrl=queue, Entries=[entries[0], entries[0]])
    with pytest.raises(sqs.exceptions.BatchRequestTooLong):
        sqs.send_message_batch(
            QueueUrl=queue, Entries=[{"Id": str(number), "MessageBody": "x" * 600_000} for number in range(2)]
        )
    with pytest.raises(sqs.exceptions.ClientError, match="Message is too long"):
        sqs.send_message(QueueUrl=queue, MessageBody="x" * 1_048_577)


def test_visibility_ends_at_once_when_set_to_nothing(sqs: BaseClient, queue: str) -> None:
    sqs.send_message(QueueUrl=queue, MessageBody="a")
    handle = sqs.receive_message(QueueUrl=queue)["Messages"][0]["ReceiptHandle"]
    sqs.change_message_visibility(QueueUrl=queue, ReceiptHandle=handle, VisibilityTimeout=0)
    assert bodies(sqs, queue) == ["a"]


def test_only_a_message_in_flight_changes_its_visibility(sqs: BaseClient, queue: str) -> None:
    sqs.send_message(QueueUrl=queue, MessageBody="a")
    handle = sqs.receive_message(QueueUrl=queue, VisibilityTimeout=0)["Messages"][0]["ReceiptHandle"]
    with pytest.raises(sqs.exceptions.MessageNotInflight):
        sqs.change_message_visibility(QueueUrl=queue, ReceiptHandle=handle, VisibilityTimeout=10)


def test_long_polling_ends_when_a_message_comes(sqs: BaseClient, queue: str, simulator: SimulatorClient) -> None:
    def send() -> None:
        time.sleep(0.1)
        client("sqs", simulator).send_message(QueueUrl=queue, MessageBody="at last")

    sender = threading.Thread(target=send)
    sender.start()
    assert bodies(sqs, queue, WaitTimeSeconds=20) == ["at last"]
    sender.join()


def test_long_polling_sees_a_message_show_again(sqs: BaseClient, queue: str) -> None:
    sqs.send_message(QueueUrl=queue, MessageBody="a")
    assert bodies(sqs, queue, VisibilityTimeout=1) == ["a"]
    assert bodies(sqs, queue, WaitTimeSeconds=20) == ["a"]


def test_long_polling_ends_without_messages_after_its_time(sqs: BaseClient, queue: str) -> None:
    started = time.monotonic()
    assert bodies(sqs, queue, WaitTimeSeconds=1) == []
    assert time.monotonic() - started >= 0.9


def test_time_that_is_let_pass_is_seen_by_those_who_poll(
    sqs: BaseClient, queue: str, simulator: SimulatorClient
) -> None:
    sqs.send_message(QueueUrl=queue, MessageBody="later", DelaySeconds=900)
    threading.Timer(0.1, simulator.advance, [901]).start()
    assert bodies(sqs, queue, WaitTimeSeconds=20) == ["later"]


def test_dead_letters(sqs: BaseClient, queue: str, simulator: SimulatorClient) -> None:
    dead = sqs.create_queue(QueueName="dead")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    policy = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": "2"})
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"RedrivePolicy": policy})
    sqs.send_message(QueueUrl=queue, MessageBody="poison")
    assert [bodies(sqs, queue, VisibilityTimeout=0) for _ in range(3)] == [["poison"], ["poison"], []]
    assert bodies(sqs, dead) == ["poison"]
    assert simulator.status()["queues"]["dead"]["in_flight"] == 1


def test_purging(sqs: BaseClient, queue: str) -> None:
    sqs.send_message(QueueUrl=queue, MessageBody="a")
    sqs.purge_queue(QueueUrl=queue)
    assert bodies(sqs, queue) == []


def test_refusals_have_the_classes_of_boto3(sqs: BaseClient, queue: str) -> None:
    with pytest.raises(sqs.exceptions.QueueDoesNotExist):
        sqs.receive_message(QueueUrl=queue + "x")
    with pytest.raises(sqs.exceptions.ReceiptHandleIsInvalid):
        sqs.delete_message(QueueUrl=queue, ReceiptHandle="nonsense")
    with pytest.raises(sqs.exceptions.ClientError, match="1 to 10"):
        sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=11)
    with pytest.raises(sqs.exceptions.ClientError, match="FIFO queues are not simulated"):
        sqs.create_queue(QueueName="events.fifo")
    with pytest.raises(sqs.exceptions.ClientError, match="TagQueue is not simulated"):
        sqs.tag_queue(QueueUrl=queue, Tags={"a": "b"})

"""A queue, with the time in our hands."""

from __future__ import annotations

import json
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.simulator.errors import ServiceError
from newsletter.simulator.queue import Queue
from newsletter.simulator.queues import Queues

NOW = 1_800_000_000.0


@pytest.fixture
def queues() -> Queues:
    return Queues("us-east-1", "123456789012", limit=1000)


@pytest.fixture
def queue(queues: Queues) -> Queue:
    return queues.create("events", {}, NOW)


def bodies(queue: Queue, now: float, visibility: int | None = None) -> list[object]:
    return [message.body for message in queue.receive(10, now, visibility)]


def test_a_received_message_is_hidden_and_comes_back(queue: Queue) -> None:
    queue.send("a", NOW)
    assert bodies(queue, NOW) == ["a"]
    assert bodies(queue, NOW + 29.9) == []
    assert queue.next_visible() == NOW + 30
    (message,) = queue.receive(10, NOW + 30)
    assert (message.body, message.received, message.first_received) == ("a", 2, NOW)


def test_an_old_receipt_handle_deletes_nothing(queue: Queue) -> None:
    queue.send("a", NOW)
    stale = queue.receive(1, NOW)[0].handle
    current = queue.receive(1, NOW + 30)[0].handle
    queue.delete(stale)
    assert len(queue) == 1
    queue.delete(current)
    queue.delete(current)
    assert len(queue) == 0


def test_visibility_can_be_prolonged_and_ended(queue: Queue) -> None:
    queue.send("a", NOW)
    handle = queue.receive(1, NOW)[0].handle
    queue.change_visibility(handle, 100, NOW + 20)
    assert bodies(queue, NOW + 60) == []
    queue.change_visibility(handle, 0, NOW + 61)
    assert bodies(queue, NOW + 61) == ["a"]


def test_only_what_is_in_flight_changes_its_visibility(queue: Queue) -> None:
    queue.send("a", NOW)
    handle = queue.receive(1, NOW)[0].handle
    with pytest.raises(ServiceError) as refusal:
        queue.change_visibility(handle, 10, NOW + 31)
    assert refusal.value.code == "MessageNotInflight"


def test_a_delayed_message_comes_when_its_time_has_come(queue: Queue) -> None:
    queue.send("a", NOW, delay=5)
    assert queue.counts(NOW) == (0, 0, 1)
    assert bodies(queue, NOW + 4) == []
    assert bodies(queue, NOW + 5) == ["a"]


def test_what_fails_too_often_goes_to_the_dead_letters_and_keeps_its_age(queues: Queues) -> None:
    grave = queues.create("dead", {}, NOW)
    policy = json.dumps({"deadLetterTargetArn": grave.arn, "maxReceiveCount": 2})
    queue = queues.create("alive", {"RedrivePolicy": policy}, NOW)
    queue.send("poison", NOW)
    assert [bodies(queue, NOW + 30 * turn) for turn in range(3)] == [["poison"], ["poison"], []]
    (buried,) = grave.receive(10, NOW + 61)
    assert (buried.body, buried.sent, buried.received) == ("poison", NOW, 1)
    assert len(queue) == 0


def test_messages_do_not_outlive_their_retention(queue: Queue) -> None:
    queue.attributes["MessageRetentionPeriod"] = "60"
    queue.send("old", NOW)
    queue.send("young", NOW + 30)
    assert bodies(queue, NOW + 61) == ["young"]


def test_a_full_queue_drops_and_counts() -> None:
    queue = Queues("us-east-1", "1", limit=2).create("small", {}, NOW)
    for number in range(5):
        queue.send(str(number), NOW, delay=1)
    assert (len(queue), queue.dropped) == (2, 3)


def test_what_cannot_be_a_handle_is_refused(queue: Queue) -> None:
    with pytest.raises(ServiceError) as refusal:
        queue.delete("nonsense")
    assert refusal.value.code == "ReceiptHandleIsInvalid"


@given(st.lists(st.tuples(st.sampled_from(["send", "receive", "delete", "later"]), st.integers(0, 40)), max_size=60))
def test_counts_agree_and_nothing_is_lost_or_doubled(steps: list[tuple[str, int]]) -> None:
    queue = Queues("us-east-1", "1", limit=1000).create("q", {}, NOW)
    now, sent, deleted, handles = NOW, 0, Counter[str](), dict[str, str]()
    for step, number in steps:
        if step == "send":
            sent += 1
            queue.send(str(sent), now, delay=number % 3)
        elif step == "receive":
            handles |= {str(message.body): message.handle for message in queue.receive(1 + number % 10, now)}
        elif step == "delete" and handles:
            body, handle = handles.popitem()
            before = len(queue)
            queue.delete(handle)
            deleted[body] += before - len(queue)
        else:
            now += number
        assert sum(queue.counts(now)) == len(queue) == sent - deleted.total()
    assert max(deleted.values(), default=0) <= 1

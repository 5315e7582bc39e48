"""The consumer's loop: nothing is deleted before it is committed, and nothing that passes stops it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from sqlalchemy.exc import OperationalError

from newsletter.errors import FixConfiguration, RetryLater
from newsletter.feedback.consuming import Consumer
from newsletter.feedback.intake import Tally
from newsletter.feedback.models import StreamState
from tests.fakes.flaky import FlakyDatabase
from tests.fakes.streams import FakeStream
from tests.unit.feedback.conftest import Sent


@dataclass
class World:
    """A consumer with a stream whose time goes by when somebody waits or polls."""

    sent: Sent
    stream: FakeStream = field(init=False)
    troubles: list[str] = field(default_factory=list)
    stop_at: float = float("inf")

    def __post_init__(self) -> None:
        self.stream = FakeStream(seconds=self.seconds, polled=self.pass_by)

    def seconds(self) -> float:
        return (self.sent.stage.time.now - START).total_seconds()

    def pass_by(self, seconds: float) -> None:
        self.sent.stage.time.wait(seconds)

    def wait(self, seconds: float) -> bool:
        self.pass_by(seconds)
        return self.seconds() >= self.stop_at

    def consumer(self, patience: float = 900.0) -> Consumer:
        return Consumer(
            database=FlakyDatabase(self.sent.database.engine, self.troubles),
            stream=self.stream,
            clock=self.sent.stage.time.clock,
            wait=self.wait,
            timer=self.seconds,
            patience=patience,
        )

    def state(self) -> StreamState:
        with self.sent.database.read() as session:
            return session.get_one(StreamState, self.stream.name)


from tests.factories.people import NOW as START  # noqa: E402 - the time on the stage


@pytest.fixture
def world(sent: Sent) -> World:
    return World(sent)


def test_everything_is_taken_in_and_then_off_the_queue(world: World) -> None:
    world.stream.put(*(world.sent.event("Send", person) for person in (1, 2, 3, 3)), "nonsense")
    heard: list[Tally] = []
    tally = world.consumer().consume(until_empty=True, heard=heard.append)
    assert tally == heard[-1] == Tally(applied=3, duplicates=1, quarantined=1)
    assert tally.as_json() == {"events": 5, "applied": 3, "duplicates": 1, "quarantined": 1}
    assert len(world.stream) == 0
    assert set(world.sent.receipts()) == {1, 2, 3}


@pytest.mark.parametrize("trouble", ["before", "within", "after"])
def test_an_outage_of_the_database_is_waited_out(world: World, trouble: str) -> None:
    world.stream.put(world.sent.event("Send", 1), world.sent.event("Send", 2))
    world.troubles += [trouble] * 3
    tally = world.consumer().consume(until_empty=True)
    assert tally.events == 2
    assert set(world.sent.receipts()) == {1, 2}
    assert len(world.stream) == 0


def test_messages_stay_hidden_as_long_as_it_takes(world: World) -> None:
    """Another consumer would only do the same work, and a dead-letter queue would fill."""
    world.stream.put(world.sent.event("Send", 1))
    world.troubles += ["before"] * 60  # five minutes
    other: list[int] = []
    wait = world.wait

    def look(seconds: float) -> bool:
        if world.seconds():  # somebody else polls meanwhile
            other.append(len(world.stream.receive(0)))
        return wait(seconds)

    world.wait = look  # type: ignore[method-assign]  # looks instead of waiting
    assert world.consumer().consume(until_empty=True).applied == 1
    assert world.seconds() > 3 * world.stream.hidden_seconds
    assert set(other) == {0}
    assert len(other) > 50


def test_an_outage_without_end_is_raised_and_the_messages_are_given_back(world: World) -> None:
    world.stream.put(world.sent.event("Send", 1))
    world.troubles += ["before"] * 10_000
    with pytest.raises(OperationalError):
        world.consumer(patience=60.0).consume()
    assert len(world.stream.receive(0)) == 1


def test_who_is_to_stop_in_an_outage_stops(world: World) -> None:
    world.stream.put(world.sent.event("Send", 1))
    world.troubles += ["before"] * 10_000
    world.stop_at = 20.0
    assert world.consumer().consume() == Tally()
    assert world.seconds() < 30
    assert len(world.stream.receive(0)) == 1


def test_a_stream_that_does_not_answer_is_asked_again(world: World) -> None:
    world.stream.put(world.sent.event("Send", 1))
    world.stream.failures += [RetryLater("SQS cannot be reached")] * 3
    assert world.consumer().consume(until_empty=True).applied == 1
    assert world.state().trouble == ""


def test_its_trouble_is_noted_and_raised_in_the_end(world: World) -> None:
    world.stream.failures += [RetryLater("SQS cannot be reached")] * 1000
    with pytest.raises(RetryLater):
        world.consumer(patience=120.0).consume()
    assert world.state().trouble == "SQS cannot be reached"
    assert world.state().troubled_at is not None


def test_a_setting_that_is_wrong_is_raised_at_once(world: World) -> None:
    world.stream.failures.append(FixConfiguration("The queue does not exist"))
    with pytest.raises(FixConfiguration):
        world.consumer().consume()
    assert world.state().trouble == "The queue does not exist"


def test_what_cannot_be_deleted_comes_again_and_changes_nothing(world: World) -> None:
    world.stream.put(world.sent.event("Send", 1), world.sent.event("Send", 2))
    world.stream.undeletable = 1
    assert world.consumer().consume(until_empty=True) == Tally(applied=2, duplicates=1)


def test_drained_is_the_moment_before_a_poll_that_brought_nothing(world: World) -> None:
    world.stream.put(world.sent.event("Send", 1))
    consumer = world.consumer()
    assert not consumer.round(5).emptied
    assert world.state().drained_at is None
    assert world.state().polled_at is not None
    before = world.sent.stage.time.now
    assert consumer.round(5).emptied
    assert world.state().drained_at == before
    assert world.sent.stage.time.now > before


def test_what_the_queue_says_of_itself_counts_when_it_says_so_again_a_minute_later(world: World) -> None:
    """It may be a minute old, and what another consumer has in hand shows again by then."""
    consumer, start = world.consumer(), world.sent.stage.time.now
    seen: list[object] = []
    for _ in range(16):
        consumer.round(5)
        seen.append(world.state().certain_at)
    assert seen[:12] == [None] * 12
    assert seen[12:] == [start + timedelta(seconds=5 * n) for n in range(4)]
    world.stream.put(world.sent.event("Send", 1))
    consumer.round(5)
    assert world.state().certain_at == seen[-1]


def test_what_somebody_else_has_in_hand_is_not_read_to_its_end(world: World) -> None:
    world.stream.put(world.sent.event("Send", 1))
    world.stream.receive(0)
    assert not world.consumer().round(1).emptied
    assert world.state().drained_at is None
    assert world.consumer().consume(until_empty=True).applied == 1, "it came back, and was taken in"


def test_an_empty_queue_that_may_have_lost_something_proves_nothing(world: World) -> None:
    world.stream.lost = "3 messages lie in the dead-letter queue events-dead"
    assert world.consumer().consume(until_empty=True) == Tally()
    assert world.state().drained_at is None
    assert "dead-letter" in world.state().trouble


def test_it_ends_when_it_is_to(world: World) -> None:
    world.stop_at = 23.0
    assert world.consumer().consume() == Tally()
    assert world.seconds() < 30

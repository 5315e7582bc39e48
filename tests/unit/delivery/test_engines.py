"""What every engine does, with real threads and real databases."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import pytest

from newsletter.delivery import campaigns
from newsletter.delivery.engine import Clerk, Engine
from newsletter.delivery.engine_procrastinate import Procrastinate
from newsletter.delivery.engine_threads import Threads
from newsletter.delivery.lifecycle import State
from newsletter.delivery.sole_sender import AnotherSender, sole_sender
from newsletter.delivery.transport import Call, Outcome
from subscribers.clock import utc_now
from subscribers.database import Database
from tests.factories.campaigns import Stage, make_stage
from tests.fakes.transports import CountingTransport
from tests.fixtures.patience import PATIENCE

PEOPLE = 120


def threads(clerk: Clerk, looked: Callable[[], None]) -> Engine:
    return Threads(clerk, 3, looked)


def queue(clerk: Clerk, looked: Callable[[], None]) -> Engine:
    return Procrastinate(clerk, 3, looked)


def queue_that_is_asked(clerk: Clerk, looked: Callable[[], None]) -> Engine:
    return Procrastinate(clerk, 3, looked, listen=False)


ENGINES = [
    pytest.param((threads, "sqlite_database"), id="threads-sqlite"),
    pytest.param((threads, "postgresql_database"), id="threads-postgresql"),
    pytest.param((queue, "postgresql_database"), id="procrastinate"),
    pytest.param((queue_that_is_asked, "postgresql_database"), id="procrastinate-without-listen"),
]


@dataclass
class Slow(CountingTransport):
    """Says that a call is under way, and ends it when it is let."""

    under_way: threading.Event = field(default_factory=threading.Event)
    go_on: threading.Event = field(default_factory=threading.Event)

    def send(self, call: Call) -> Sequence[Outcome]:
        self.under_way.set()
        assert self.go_on.wait(PATIENCE)
        return super().send(call)


@dataclass
class World:
    """An engine at work beside the test."""

    stage: Stage
    make: Callable[[Clerk, Callable[[], None]], Engine]
    stop: threading.Event = field(default_factory=threading.Event)
    looks: int = 0

    @contextlib.contextmanager
    def running(self, transport: CountingTransport) -> Iterator[threading.Thread]:
        sender = self.stage.sender(transport, clock=utc_now, wait=self.stop.wait, concurrency=3)
        engine = self.make(Clerk(sender), self._looked)
        thread = threading.Thread(target=engine.run, args=(self.stop,))
        thread.start()
        try:
            yield thread
        finally:
            self.stop.set()
            thread.join(PATIENCE)
            assert not thread.is_alive()

    def wait_for(self, campaign: int, state: State, *, pending: int = 0) -> None:
        for _ in range(int(PATIENCE / 0.02)):
            books = self.stage.sender(CountingTransport()).books(campaign)
            if books.state is state and books.pending <= pending:
                return
            time.sleep(0.02)
        raise AssertionError(books)

    def _looked(self) -> None:
        self.looks += 1


@pytest.fixture(params=ENGINES)
def world(request: pytest.FixtureRequest) -> World:
    make, database = request.param
    return World(make_stage(request.getfixturevalue(database), PEOPLE), make)


def test_it_works_off_what_comes(world: World) -> None:
    transport = CountingTransport()
    with world.running(transport):
        campaign = world.stage.begin()
        world.wait_for(campaign, State.SENT)
    sent = [each for each in world.stage.deliveries(campaign) if each.state == "sent"]
    assert len(transport.world.accepted) == len(sent) > 0
    assert set(transport.world.accepted.values()) == {1}
    assert world.looks


def test_a_pause_is_kept_and_ended(world: World) -> None:
    transport = Slow()
    campaign = world.stage.begin()
    with world.running(transport):
        assert transport.under_way.wait(PATIENCE)
        with world.stage.database.write() as session:
            campaigns.pause(session, campaign)
        transport.go_on.set()
        time.sleep(2)
        assert len(transport.calls) <= 3  # those that were under way
        with world.stage.database.write() as session:
            campaigns.resume(session, campaign)
        world.wait_for(campaign, State.SENT)
    assert set(transport.world.accepted.values()) == {1}


def test_the_books_of_a_cancelled_campaign_are_closed(world: World) -> None:
    transport = Slow()
    campaign = world.stage.begin()
    with world.running(transport):
        assert transport.under_way.wait(PATIENCE)
        with world.stage.database.write() as session:
            campaigns.cancel(session, campaign, "", now=utc_now())
        transport.go_on.set()
        world.wait_for(campaign, State.CANCELLED)
    books = world.stage.sender(transport).books(campaign)
    assert books.sent == len(transport.world.accepted)
    assert (books.uncertain, books.pending, books.skipped["cancelled"] > 0) == (0, 0, True)


def test_told_to_stop_it_ends_the_calls_under_way_and_begins_none(world: World) -> None:
    transport = Slow()
    campaign = world.stage.begin()
    with world.running(transport) as thread:
        assert transport.under_way.wait(PATIENCE)
        world.stop.set()
        transport.go_on.set()
        thread.join(PATIENCE)
        assert not thread.is_alive()
    assert len(transport.calls) <= 3
    books = world.stage.sender(transport).books(campaign)
    assert (books.state, books.uncertain, books.sent) == (State.SENDING, 0, len(transport.world.accepted))
    assert all(chunk.lease_token is None for chunk in world.stage.chunks(campaign))


def test_beside_sqlite_there_is_one(sqlite_database: Database) -> None:
    stage = make_stage(sqlite_database, 1)
    engine = Threads(Clerk(stage.sender(CountingTransport())), 1, lambda: None)
    with sole_sender(sqlite_database), pytest.raises(AnotherSender):
        engine.run(threading.Event())

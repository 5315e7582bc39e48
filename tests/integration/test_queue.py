"""What stands in the queue: each errand that is due once, whoever looks, whatever was lost or left behind."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

import pytest
from sqlalchemy import text

from newsletter.delivery.engine import Clerk
from newsletter.delivery.engine_procrastinate import Procrastinate, Queue
from newsletter.delivery.lifecycle import State
from subscribers.clock import utc_now
from subscribers.database import Database
from tests.factories.campaigns import Stage, make_stage
from tests.fakes.transports import CountingTransport
from tests.fixtures.patience import PATIENCE

PEOPLE = 35


@dataclass
class Office:
    """A campaign that is planned, and queues that are filled for it."""

    stage: Stage
    campaign: int
    now: float = 0.0
    chunks: set[str] = field(default_factory=set)

    def queue(self) -> Queue:
        """Return the queue as another process sees it."""
        return Queue(Clerk(self.stage.sender(CountingTransport())), lambda: self.now)

    def jobs(self) -> list[tuple[str, str]]:
        query = text("SELECT queueing_lock, status::text FROM procrastinate_jobs ORDER BY priority DESC, id")
        with self.stage.database.read() as session:
            return [(row[0], row[1]) for row in session.execute(query)]

    def run(self, statement: str) -> None:
        with self.stage.database.write() as session:
            session.execute(text(statement))


@pytest.fixture
def office(postgresql_database: Database) -> Office:
    stage = make_stage(postgresql_database, PEOPLE)
    campaign = stage.begin()
    stage.sender(CountingTransport()).plan(campaign)
    chunks = {f"chunk:{campaign}:{chunk.chunk_no}" for chunk in stage.chunks(campaign)}
    return Office(stage, campaign, chunks=chunks)


def test_what_is_due_is_offered_once_whoever_looks(office: Office) -> None:
    first, second = office.queue(), office.queue()
    assert first.offer() == len(office.chunks) > 1
    office.now += 60
    assert (first.offer(), second.offer()) == (0, 0)
    assert {name for name, status in office.jobs() if status == "todo"} == office.chunks
    assert len(office.jobs()) == len(office.chunks)


def test_a_job_that_was_lost_is_replaced(office: Office) -> None:
    queue = office.queue()
    queue.offer()
    office.run("DELETE FROM procrastinate_jobs WHERE queueing_lock = 'chunk:1:1'")
    assert queue.offer() == 0  # it may just have been done
    office.now += 6
    assert queue.offer() == 1
    assert {name for name, _ in office.jobs()} == office.chunks


def test_a_job_left_behind_by_a_killed_worker_is_in_nobodys_way(office: Office) -> None:
    office.queue().offer()
    office.run("UPDATE procrastinate_jobs SET status = 'doing' WHERE queueing_lock = 'chunk:1:1'")
    assert office.queue().offer() == 1
    assert len(office.jobs()) == len(office.chunks) + 1


def test_one_at_a_time_fills_the_queue(office: Office) -> None:
    queue = office.queue()
    with office.stage.database.write() as session:
        session.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": 0x6A6F6273})
        assert queue.offer() == 0
    assert queue.offer() == len(office.chunks)


def test_many_who_look_at_once_offer_everything_once(office: Office) -> None:
    queues = [office.queue() for _ in range(6)]
    looking = [threading.Thread(target=lambda queue=queue: [queue.offer() for _ in range(5)]) for queue in queues]
    for thread in looking:
        thread.start()
    for thread in looking:
        thread.join(PATIENCE)
    assert sorted(name for name, _ in office.jobs()) == sorted(office.chunks)


def test_plans_go_before_chunks(office: Office) -> None:
    office.queue().offer()
    other = make_stage(office.stage.database, 5, slug="surgery", first=1000).begin()
    office.queue().offer()
    assert office.jobs()[0] == (f"plan:{other}", "todo")


def test_what_killed_workers_left_is_cleared_away(office: Office) -> None:
    office.queue().offer()
    office.run("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 hour')")
    office.run("UPDATE procrastinate_jobs SET status = 'doing', worker_id = (SELECT id FROM procrastinate_workers)")
    stop = threading.Event()
    sender = office.stage.sender(CountingTransport(), clock=utc_now, wait=stop.wait)
    engine = Procrastinate(Clerk(sender), 2, lambda: None, stalled_after=5)
    thread = threading.Thread(target=engine.run, args=(stop,))
    thread.start()
    for _ in range(int(PATIENCE / 0.05)):
        if sender.books(office.campaign).state is State.SENT and not office.jobs():
            break
        stop.wait(0.05)
    stop.set()
    thread.join(PATIENCE)
    assert not thread.is_alive()
    assert office.jobs() == []
    with office.stage.database.read() as session:
        assert session.scalar(text("SELECT count(*) FROM procrastinate_workers")) == 0

"""PostgreSQL goes away under workers that are processes, and comes back: they wait, and nobody is lost or doubled."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pytest

from newsletter.delivery.books import Books
from newsletter.delivery.lifecycle import State
from newsletter.simulator.client import SimulatorClient
from tests.fixtures.patience import wait_until
from tests.fixtures.postgresql import Server
from tests.fixtures.simulator import simulator_process
from tests.fixtures.workers import Stage, staged, worker

PEOPLE = 1200


@pytest.fixture
def ses() -> Iterator[SimulatorClient]:
    with simulator_process() as client:
        yield client


@pytest.fixture
def stage(tmp_path: Path, own_server: Server, ses: SimulatorClient) -> Stage:
    return staged(
        tmp_path,
        own_server.url("newsletter"),
        PEOPLE,
        NEWSLETTER_TRANSPORT="ses",
        NEWSLETTER_CALL_TIMEOUT="60",
        NEWSLETTER_CLAIM_SECONDS="90",  # longer than the outages: nobody's claim runs out meanwhile
        **ses.environment,
    )


def _reached(ses: SimulatorClient, mails: float) -> bool:
    return ses.counts().total() >= mails


def _over(books: Books) -> bool:
    return books.state is State.SENT


@pytest.mark.parametrize("engine", ["procrastinate", "threads"])
def test_postgresql_is_restarted_under_workers(
    stage: Stage, own_server: Server, ses: SimulatorClient, engine: str
) -> None:
    stage.newsletter.settings["NEWSLETTER_ENGINE"] = engine
    campaign = stage.begin()
    with ExitStack() as stack:
        workers = [stack.enter_context(worker(stage)) for _ in range(2)]
        for share, mode, seconds in ((0.1, "fast", 0), (0.4, "immediate", 5)):
            wait_until(partial(_reached, ses, PEOPLE * share))
            own_server.stop(mode)
            time.sleep(seconds)
            own_server.start()
        books = stage.wait_until(campaign, _over)
        assert [each.stop() for each in workers] == [0, 0]
    assert ses.twice() == {}
    assert (books.sent, books.uncertain) == (PEOPLE, 0)
    assert ses.counts().total() == PEOPLE


def test_told_to_stop_while_the_database_is_away_it_stops(
    stage: Stage, own_server: Server, ses: SimulatorClient
) -> None:
    stage.newsletter.settings.update(NEWSLETTER_CALL_TIMEOUT="2", NEWSLETTER_CLAIM_SECONDS="3")
    campaign = stage.begin()
    with worker(stage) as one:
        wait_until(partial(_reached, ses, PEOPLE * 0.1))
        own_server.stop("fast")
        one.wait_for("does not answer")
        assert one.stop() == 0
    own_server.start()
    assert ses.twice() == {}
    with worker(stage):
        books = stage.wait_until(campaign, _over)
    assert ses.twice() == {}
    assert books.sent + books.uncertain == PEOPLE


def test_an_idle_worker_outlives_an_outage(stage: Stage, own_server: Server) -> None:
    with worker(stage) as one:
        time.sleep(3)
        own_server.stop("immediate")
        one.wait_for("does not answer|cannot be filled")
        own_server.start()
        campaign = stage.begin()
        stage.wait_until(campaign, _over)
        assert one.stop() == 0

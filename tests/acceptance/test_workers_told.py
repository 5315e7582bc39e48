"""What workers do when somebody stops them, pauses or cancels what they send, or has a decision to make."""

from __future__ import annotations

import random
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pytest

from newsletter.delivery.books import Books
from newsletter.delivery.lifecycle import State
from newsletter.delivery.ses_bulk import MOST_ENTRIES
from newsletter.errors import Refused
from newsletter.simulator.client import SimulatorClient
from tests.fixtures.simulator import simulator_process
from tests.fixtures.workers import Stage, printed, staged, worker

PEOPLE = 600
PATIENT = {"NEWSLETTER_CALL_TIMEOUT": "60", "NEWSLETTER_CLAIM_SECONDS": "90"}
"""A machine that stands still for seconds is no reason for doubt: nobody dies here."""
A_CALL_TAKES = 2.0
"""Seconds: time enough to interfere before a campaign is over."""


@pytest.fixture
def ses() -> Iterator[SimulatorClient]:
    with simulator_process() as client:
        yield client


@pytest.fixture
def stage(tmp_path: Path, database_url: str, ses: SimulatorClient) -> Stage:
    return staged(tmp_path, database_url, PEOPLE, NEWSLETTER_TRANSPORT="ses", **PATIENT, **ses.environment)


def _over(books: Books) -> bool:
    return books.state is State.SENT


def _went_on(before: Books, now: Books) -> bool:
    return now.settled > before.settled or _over(now)


def _some(share: float) -> Callable[[Books], bool]:
    return lambda books: books.sent >= PEOPLE * share


@pytest.mark.parametrize("word", [signal.SIGTERM, signal.SIGINT])
def test_told_to_stop_it_writes_down_what_is_under_way(
    stage: Stage, ses: SimulatorClient, word: signal.Signals
) -> None:
    ses.add_fault("slow", seconds=A_CALL_TAKES)
    campaign = stage.begin()
    with worker(stage) as first:
        stage.wait_until(campaign, _some(0.05))
        first.popen.send_signal(word)
        assert first.ended() == 0
    accepted = ses.counts().total()
    books = stage.books(campaign)
    assert (books.state, books.uncertain, books.sent) == (State.SENDING, 0, accepted)
    assert 0 < accepted < PEOPLE
    ses.clear_faults()
    assert stage.newsletter("worker", "--until-idle", "--json").json["campaigns"][0]["sent"] == PEOPLE
    assert set(ses.counts().values()) == {1}


def test_stopped_before_it_was_idle_it_says_so(stage: Stage, ses: SimulatorClient) -> None:
    ses.add_fault("slow", seconds=A_CALL_TAKES)
    campaign = stage.begin()
    with worker(stage, "--until-idle", "--json") as first:
        stage.wait_until(campaign, _some(0.05))
        assert first.stop() == 143
    assert printed(first)["campaigns"][0]["state"] == "sending"


def test_after_a_pause_nothing_goes_out_and_after_it_everything(stage: Stage, ses: SimulatorClient) -> None:
    ses.add_fault("slow", seconds=A_CALL_TAKES)
    campaign = stage.begin()
    with worker(stage) as one:
        stage.wait_until(campaign, _some(0.05))
        stage.pause(campaign)
        under_way = 2 * MOST_ENTRIES  # a call of each of two threads
        at_most = ses.counts().total() + under_way
        time.sleep(2 * A_CALL_TAKES)
        assert ses.counts().total() <= at_most < PEOPLE
        ses.clear_faults()
        stage.resume(campaign)
        stage.wait_until(campaign, _over)
        assert one.stop() == 0
    assert set(ses.counts().values()) == {1}
    assert ses.counts().total() == PEOPLE


def test_twenty_pauses_lose_and_double_nobody(stage: Stage, ses: SimulatorClient) -> None:
    dice = random.Random(4)
    campaign = stage.begin()
    with ExitStack() as stack:
        for _ in range(1 if stage.newsletter.settings["NEWSLETTER_DATABASE_URL"].startswith("sqlite") else 2):
            stack.enter_context(worker(stage))
        stage.wait_until(campaign, lambda books: books.state is State.SENDING)
        for _ in range(20):
            try:
                stage.pause(campaign)
            except Refused:  # it has just ended
                assert _over(stage.books(campaign))
                break
            time.sleep(dice.random() / 10)
            stage.resume(campaign)
            stage.wait_until(campaign, partial(_went_on, stage.books(campaign)))
            if _over(stage.books(campaign)):
                break
        books = stage.wait_until(campaign, _over)
    assert (books.sent, books.uncertain, books.failed) == (PEOPLE, 0, 0)
    assert set(ses.counts().values()) == {1}


def test_the_books_of_what_was_cancelled_are_closed(stage: Stage, ses: SimulatorClient) -> None:
    ses.add_fault("slow", seconds=A_CALL_TAKES)
    campaign = stage.begin()
    with worker(stage):
        stage.wait_until(campaign, _some(0.05))
        stage.cancel(campaign)
        books = stage.wait_until(campaign, lambda books: not books.pending)
    assert books.sent == ses.counts().total() < PEOPLE
    assert books.skipped["cancelled"] == PEOPLE - books.sent


def test_what_is_left_for_a_person_is_the_exit_code(stage: Stage, ses: SimulatorClient) -> None:
    ses.add_fault("drop", calls=[2, 3])
    stage.begin()
    ran = stage.newsletter("worker", "--until-idle", "--json", code=3)
    (books,) = ran.json["campaigns"]
    assert books["state"] == "sent"
    assert 2 <= books["uncertain"] <= 2 * MOST_ENTRIES, "those of two calls"
    assert books["sent"] + books["uncertain"] == PEOPLE
    assert set(ses.counts().values()) == {1}


def test_what_stops_a_campaign_is_left_for_a_person(stage: Stage, ses: SimulatorClient) -> None:
    ses.set_account(sending_enabled=False)
    stage.begin()
    ran = stage.newsletter("worker", "--until-idle", code=3)
    assert "is paused (" in ran.out
    assert ses.counts() == {}

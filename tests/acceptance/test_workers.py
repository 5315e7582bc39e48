"""Workers as processes, on either database: whoever comes and goes, everybody gets one mail."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pytest

from newsletter.delivery.books import Books
from newsletter.delivery.lifecycle import State
from newsletter.simulator.client import SimulatorClient
from tests.fixtures.patience import wait_until
from tests.fixtures.simulator import simulator_process
from tests.fixtures.workers import ISSUE, Stage, staged, worker

PEOPLE = 1200


@pytest.fixture
def stage(tmp_path: Path, database_url: str) -> Stage:
    return staged(tmp_path, database_url, PEOPLE)


@pytest.fixture
def grown(tmp_path: Path, postgresql_url: str) -> Stage:
    return staged(tmp_path, postgresql_url, PEOPLE)


@pytest.fixture
def ses() -> Iterator[SimulatorClient]:
    with simulator_process() as client:
        yield client


@pytest.fixture
def through_ses(grown: Stage, ses: SimulatorClient) -> Stage:
    grown.newsletter.settings.update(NEWSLETTER_TRANSPORT="ses", **ses.environment)
    return grown


def _written(stage: Stage, mails: int) -> bool:
    return len(stage.outbox) >= mails


def _accepted(ses: SimulatorClient, mails: int) -> bool:
    return ses.counts().total() >= mails


def _over(books: Books) -> bool:
    return books.state is State.SENT


def test_a_worker_that_has_nothing_to_do_ends(stage: Stage) -> None:
    ran = stage.newsletter("worker", "--until-idle", "--json")
    assert ran.json == {"campaigns": []}


def test_a_worker_plans_sends_and_ends_a_campaign(stage: Stage) -> None:
    campaign = stage.begin()
    ran = stage.newsletter("worker", "--until-idle", "--json", "--concurrency", "3")
    (books,) = ran.json["campaigns"]
    assert (books["campaign"], books["state"], books["sent"]) == (campaign, "sent", PEOPLE)
    stage.everybody_has_one_mail_in_the_outbox()


def test_beside_sqlite_a_second_worker_is_refused(tmp_path: Path, sqlite_url: str) -> None:
    stage = staged(tmp_path, sqlite_url, 10)
    campaign = stage.begin()
    with worker(stage) as first:
        stage.wait_until(campaign, _over)
        refused = stage.newsletter("worker", code=1)
        assert f"process {first.popen.pid}" in refused.err
        assert first.stop() == 0


def test_a_test_mail_does_not_wait_behind_a_campaign(stage: Stage) -> None:
    """At 14 mails a second the campaign takes two minutes, and test mails have a tenth of that for themselves."""
    with simulator_process("--rate", "14") as slow:
        stage.newsletter.settings.update(NEWSLETTER_TRANSPORT="ses", **slow.environment)
        campaign = stage.begin()
        with worker(stage):
            wait_until(partial(_accepted, slow, 1))
            sent = stage.newsletter("test-send", ISSUE, "--to", "me@reader.example", "--json")
            books = stage.books(campaign)
        assert [mail["outcome"] for mail in sent.json["mails"]] == ["accepted"]
        assert slow.counts()["me@reader.example"] == 1
    assert books.state is State.SENDING
    assert books.pending > 0


def test_four_workers_share_a_campaign(grown: Stage) -> None:
    with ExitStack() as stack:
        workers = [stack.enter_context(worker(grown, "--until-idle", "--json")) for _ in range(4)]
        campaign = grown.begin()
        codes = [each.ended() for each in workers]
    assert codes == [0, 0, 0, 0], workers[0].said
    assert grown.books(campaign).sent == PEOPLE
    grown.everybody_has_one_mail_in_the_outbox()


@pytest.mark.parametrize("seed", [1, 2])
def test_whoever_is_killed_the_others_bring_everybody_their_mail(grown: Stage, seed: int) -> None:
    dice = random.Random(seed)
    campaign = grown.begin()
    with ExitStack() as stack:
        workers = [stack.enter_context(worker(grown)) for _ in range(3)]
        for threshold in sorted(dice.sample(range(PEOPLE * 4 // 5), 5)):
            wait_until(partial(_written, grown, threshold))
            workers.pop(dice.randrange(len(workers))).kill()
            workers.append(stack.enter_context(worker(grown)))
        books = grown.wait_until(campaign, _over)
        assert [each.stop() for each in workers] == [0, 0, 0]
    assert (books.sent, books.uncertain) == (PEOPLE, 0)
    grown.everybody_has_one_mail_in_the_outbox()


def test_through_ses_what_killed_workers_left_in_doubt_is_for_a_person(
    through_ses: Stage, ses: SimulatorClient
) -> None:
    dice, kills = random.Random(3), 4
    campaign = through_ses.begin()
    with ExitStack() as stack:
        workers = [stack.enter_context(worker(through_ses)) for _ in range(2)]
        for threshold in sorted(dice.sample(range(PEOPLE * 4 // 5), kills)):
            wait_until(partial(_accepted, ses, threshold))
            workers.pop(dice.randrange(2)).kill()
            workers.append(stack.enter_context(worker(through_ses)))
        books = through_ses.wait_until(campaign, _over)
    accepted = ses.counts()
    assert ses.twice() == {}
    assert books.sent + books.uncertain == PEOPLE
    assert PEOPLE - len(accepted) <= books.uncertain  # whoever got nothing is among them
    assert books.uncertain <= kills * 2 * 50  # one call of each thread
    # nobody goes on with it, so a worker that comes now has nothing to do
    assert through_ses.newsletter("worker", "--until-idle", "--json").json == {"campaigns": []}

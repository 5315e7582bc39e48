"""Real `newsletter scheduler` processes, several at a time: what is due begins once, and they end when told to."""

from __future__ import annotations

import re
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from newsletter.delivery import campaigns
from newsletter.delivery.lifecycle import State
from newsletter.scheduling.models import Occurrence, Schedule
from subscribers.clock import utc_now
from subscribers.database import Database
from tests.acceptance.conftest import Newsletter
from tests.factories.campaigns import Stage, make_revision, make_stage
from tests.factories.people import Choice
from tests.factories.slots import give_slots
from tests.fixtures.forked import Forked
from tests.fixtures.patience import PATIENCE, wait_until

SCHEDULERS = 3
LISTS = 12


@contextmanager
def schedulers(database_url: str, count: int) -> Iterator[list[Forked]]:
    newsletter = Newsletter(Path.cwd(), {"NEWSLETTER_DATABASE_URL": database_url})
    with ExitStack() as stack:
        processes = [stack.enter_context(newsletter.beside("-m", "newsletter", "scheduler")) for _ in range(count)]
        try:
            yield processes
        finally:
            for process in processes:
                process.kill()


def ends(process: Forked, number: signal.Signals) -> str:
    """Tell a scheduler to end; return what it said."""
    process.send_signal(number)
    _, said = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, said
    assert "Traceback" not in said
    return said


def half_by_slots(database: Database) -> list[Stage]:
    """Lists whose issue goes by a slot, and lists whose issue has a time of its own, all of them in a few seconds."""
    stages = [make_stage(database, 0, slug=f"list-{number}") for number in range(LISTS)]
    now = utc_now()
    soon = now + timedelta(seconds=5)
    for number, stage in enumerate(stages):
        give_people(stage, number)
        if number % 2:
            stage.schedule(soon, now=now)
        else:
            give_slots(database, stage.publication, "daily 08:00", now=utc_now() - timedelta(days=1))
    with database.write() as session:
        session.execute(update(Schedule).values(next_fire_at=soon))
    return stages


def give_people(stage: Stage, number: int) -> None:
    from tests.factories.people import make_people

    make_people(stage.database, stage.publication, 2, (Choice(),), first=1 + 10 * number)


def test_what_several_schedulers_notice_begins_once(database: Database, database_url: str) -> None:
    stages = half_by_slots(database)
    with schedulers(database_url, SCHEDULERS) as processes:
        deadline = time.monotonic() + PATIENCE
        while any(state is not State.PLANNING for state in states(database)) or len(states(database)) < LISTS:
            assert time.monotonic() < deadline, states(database)
            assert all(process.poll() is None for process in processes)
            time.sleep(0.1)
        said = [ends(process, signal.SIGTERM) for process in processes]
    assert len(states(database)) == len(stages)
    with database.read() as session:
        outcomes = session.execute(select(Occurrence.outcome, Occurrence.campaign_id)).all()
    assert [outcome for outcome, _ in outcomes] == ["begun"] * (LISTS // 2)
    text = "".join(said)
    assert len(re.findall(r"Campaign \d+ has begun", text)) == LISTS // 2, "each was begun by one of them"
    assert text.count("begun, campaign") == LISTS // 2


def states(database: Database) -> list[State]:
    with database.read() as session:
        return [info.state for info in campaigns.all_campaigns(session)]


def test_one_is_killed_and_another_begins_what_was_due(database: Database, database_url: str) -> None:
    stage = make_stage(database, 2, (Choice(),))
    with schedulers(database_url, 1) as (first,):
        first.send_signal(signal.SIGKILL)
        first.wait(PATIENCE)
    now = utc_now()
    campaign = stage.schedule(now + timedelta(seconds=0.5), now=now)
    edited = make_stage(database, 0, slug="edited")
    edited.schedule(now + timedelta(seconds=0.5), now=now)
    make_revision(database, edited.publication, 2)
    with schedulers(database_url, 1) as (second,):
        deadline = time.monotonic() + PATIENCE
        while stage.info(campaign).state is not State.PLANNING:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        said = ends(second, signal.SIGINT)
    assert "was due and has not begun: issue 2026-03-06 was edited (revision 2)" in said


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_at_once_when_nothing_is_under_way(sqlite_url: str, number: signal.Signals) -> None:
    with schedulers(sqlite_url, 1) as (process,):
        wait_until(lambda: "Looking every few seconds" in process.err)
        ends(process, number)

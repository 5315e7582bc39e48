"""The ticker in the background: woken by APScheduler, whatever the database or the clock does."""

from __future__ import annotations

import threading
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from apscheduler.schedulers.background import BackgroundScheduler

from newsletter.delivery.lifecycle import State
from newsletter.scheduling.ticker import SteadyStore, running_ticker
from subscribers.database import Database, open_database
from tests.factories.campaigns import make_stage
from tests.factories.people import NOW, Choice
from tests.factories.slots import make_ticker
from tests.fixtures.patience import PATIENCE, wait_until

EVERY = 0.05


def test_what_is_due_begins_by_itself_and_nothing_is_left_running(database: Database) -> None:
    stage = make_stage(database, 3, (Choice(),))
    campaign = stage.schedule(NOW + timedelta(hours=1))
    before = set(threading.enumerate())
    with running_ticker(make_ticker(database, stage.time.clock), EVERY):
        time.sleep(5 * EVERY)
        assert stage.info(campaign).state is State.SCHEDULED
        stage.time.now += timedelta(hours=1)
        wait_until(lambda: stage.info(campaign).state is State.PLANNING)
    assert set(threading.enumerate()) <= before


def test_a_look_under_way_is_waited_for(database: Database) -> None:
    stage = make_stage(database, 3, (Choice(),))
    campaign = stage.schedule(NOW + timedelta(hours=1))
    began = threading.Event()

    def slow_clock() -> datetime:
        began.set()
        time.sleep(0.5)
        return NOW + timedelta(hours=1)

    with running_ticker(make_ticker(database, slow_clock), EVERY):
        assert began.wait(PATIENCE)
    assert stage.info(campaign).state is State.PLANNING


def test_a_database_that_is_away_is_asked_again(
    sqlite_url: str, sqlite_database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    stage = make_stage(sqlite_database, 3, (Choice(),))
    campaign = stage.schedule(NOW)
    path = sqlite_url.removeprefix("sqlite:///")
    elsewhere = open_database(f"sqlite:///{path}.d/newsletter.sqlite")
    with closing(elsewhere), running_ticker(make_ticker(elsewhere, stage.time.clock), EVERY):
        wait_until(lambda: "The database does not answer" in caplog.text)
        from pathlib import Path

        Path(f"{path}.d").mkdir()
        for suffix in ("", "-wal", "-shm"):
            Path(f"{path}.d/newsletter.sqlite{suffix}").symlink_to(f"{path}{suffix}")
        wait_until(lambda: stage.info(campaign).state is State.PLANNING)


def test_a_clock_that_is_set_back_keeps_it_from_nothing() -> None:
    """APScheduler alone would wait until the old time has come again."""
    store = SteadyStore(timedelta(seconds=2))
    scheduler = BackgroundScheduler(jobstores={"default": store}, timezone=UTC)
    scheduler.add_job(print, "interval", seconds=2)
    scheduler.start(paused=True)
    try:
        (job,) = scheduler.get_jobs()
        due = job.next_run_time
        assert store.get_due_jobs(due - timedelta(seconds=1)) == [], "its time has not come"
        assert store.get_due_jobs(due) == [job]
        an_hour_ago = due - timedelta(hours=1)
        assert store.get_due_jobs(an_hour_ago) == [job]
        assert store.get_next_run_time() == an_hour_ago
    finally:
        scheduler.shutdown()

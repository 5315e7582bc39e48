"""Once a day, by one of however many there are; killed, failed or stopped, somebody does it later."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from threading import Barrier, Thread

import pytest

from newsletter.scheduling.chores import Chore, do_due
from subscribers.database import Database
from tests.factories.campaigns import Time
from tests.factories.people import NOW


def _never(_seconds: float) -> bool:
    return False


def _counting(done: list[str]) -> Chore:
    def do(_wait: Callable[[float], bool]) -> str:
        done.append("done")
        return "3 rows"

    return Chore(name="retention", do=do)


def test_it_is_done_once_a_day(database: Database) -> None:
    time, done = Time(), list[str]()
    for hours, times in ((0, 1), (7, 1), (16.9, 1), (0.2, 2), (23.8, 2)):
        time.now += timedelta(hours=hours)
        do_due(database, time.clock, [_counting(done)], _never)
        assert len(done) == times


def test_of_many_one_does_it(database: Database) -> None:
    done, start = list[str](), Barrier(4)

    def begin() -> None:
        start.wait()
        do_due(database, lambda: NOW, [_counting(done)], _never)

    threads = [Thread(target=begin) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert done == ["done"]


def test_what_fails_keeps_nothing_else_from_being_done_and_is_tried_again(
    sqlite_database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    time, done = Time(), list[str]()

    def fall_over(_wait: Callable[[float], bool]) -> str:
        raise ValueError("ada@reader.example")

    chores = [Chore(name="broken", do=fall_over), _counting(done)]
    assert do_due(sqlite_database, time.clock, chores, _never) == ["retention"]
    assert "broken" in caplog.text
    assert "@" not in caplog.text, "what went wrong may be about somebody"
    time.now += timedelta(hours=6)
    again = Chore(name="broken", do=lambda _: "mended")
    assert do_due(sqlite_database, time.clock, [again], _never) == ["broken"]


def test_stopped_it_goes_on_later(sqlite_database: Database) -> None:
    time, done, stops = Time(), list[str](), iter([False, True])
    assert do_due(sqlite_database, time.clock, [_counting(done)], lambda _: next(stops)) == []
    time.now += timedelta(hours=6)
    assert do_due(sqlite_database, time.clock, [_counting(done)], _never) == ["retention"]

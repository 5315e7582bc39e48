"""The database may be away at any step: workers wait for it, and what they had done is neither lost nor done again."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import psycopg
import pytest
from sqlalchemy.exc import IntegrityError, OperationalError, ProgrammingError

from newsletter.delivery.dispatch import dispatch
from newsletter.delivery.lifecycle import State
from newsletter.delivery.outages import Outages, passes
from tests.factories.campaigns import Stage, make_stage
from tests.factories.people import Choice
from tests.fakes.distant import DistantDatabase, Line
from tests.fakes.transports import CountingTransport, World

if TYPE_CHECKING:
    from subscribers.database import Database

LOCKED = OperationalError("", None, sqlite3.OperationalError("database is locked"))


def test_what_is_done_in_an_outage_is_tried_until_the_database_answers() -> None:
    waited: list[float] = []
    errors = [LOCKED, LOCKED]

    def action() -> str:
        if errors:
            raise errors.pop()
        return "done"

    def wait(seconds: float) -> bool:
        waited.append(seconds)
        return False

    assert Outages(wait).over(action) == "done"
    assert waited == [0.5, 1.0]


def test_what_was_done_before_the_answer_got_lost_is_not_done_again() -> None:
    calls: list[int] = []

    def action() -> str:
        calls.append(1)
        raise LOCKED

    assert Outages(wait=lambda _seconds: False).over(action, done=lambda: "it was committed") == "it was committed"
    assert len(calls) == 1


def test_whoever_is_told_to_stop_does_not_wait_and_nobody_waits_for_ever() -> None:
    def action() -> None:
        raise LOCKED

    with pytest.raises(OperationalError):
        Outages(wait=lambda _seconds: True).over(action)
    with pytest.raises(OperationalError):
        Outages(wait=lambda _seconds: False, patience=10).over(action)


@pytest.mark.parametrize(
    ("error", "does"),
    [
        (LOCKED, True),
        (OperationalError("", None, sqlite3.OperationalError("database or disk is full")), True),
        (OperationalError("", None, sqlite3.OperationalError("no such table: chunks")), False),
        (OperationalError("", None, psycopg.OperationalError("connection refused")), True),
        (OperationalError("", None, psycopg.errors.AdminShutdown()), True),
        (OperationalError("", None, psycopg.errors.DeadlockDetected()), True),
        (ProgrammingError("", None, psycopg.errors.UndefinedTable()), False),
        (IntegrityError("", None, psycopg.errors.UniqueViolation()), False),
    ],
)
def test_only_what_passes_is_waited_for(error: OperationalError, does: bool) -> None:  # noqa: FBT001 - a table's column
    assert passes(error) is does


def test_a_campaign_comes_to_its_end_whenever_the_database_is_away(database: Database) -> None:
    step, steps = 0, 1
    while step < steps:
        step += 1
        stage = make_stage(database, 6, (Choice(topics="mri"), Choice(topics="ct")), slug=f"l-{step}", first=6 * step)
        line, world = Line(frozenset({step, step + 1})), World()
        _send(stage, line, world)
        assert line.broken
        assert set(world.accepted.values()) == {1}
        assert len(world.accepted) == 6
        rows = stage.deliveries(stage.begin())
        assert {row.state for row in rows} == {"sent"}
        assert len(rows) == 6
        steps = line.taken - 3  # a longer way has more steps; the last ones are behind the last chunk
    assert step > 30


def _send(stage: Stage, line: Line, world: World) -> None:
    """Work off all chunks over that line, as a worker does."""
    campaign = stage.begin()
    transport = CountingTransport(world, max_recipients=2)
    stage.sender(transport, chunk_size=4).plan(campaign)
    sender = stage.sender(transport, chunk_size=4, database=DistantDatabase(stage.database.engine, line))
    job = sender._job(stage.info(campaign), lambda _more: None)  # noqa: SLF001 - what `run` hands to its workers
    dispatch(sender._means(campaign), job)  # noqa: SLF001 - likewise
    assert stage.sender(transport).wind_up(campaign).state is State.SENT


def test_outcomes_survive_an_outage_that_outlasts_several_tries(database: Database) -> None:
    stage, world, line = make_stage(database, 4, (Choice(),)), World(), Line(frozenset(range(9, 16)))
    campaign = stage.begin()
    transport = CountingTransport(world, max_recipients=4)
    stage.sender(transport).plan(campaign)
    sender = stage.sender(transport, database=DistantDatabase(database.engine, line))
    dispatch(sender._means(campaign), sender._job(stage.info(campaign), lambda _more: None))  # noqa: SLF001 - as above
    assert len(line.broken) == 7
    assert stage.sender(transport).wind_up(campaign).sent == 4
    assert set(world.accepted.values()) == {1}

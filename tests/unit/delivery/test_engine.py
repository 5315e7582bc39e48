"""How errands are carried out, whichever engine brings them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from newsletter.delivery.engine import Clerk, Rest
from newsletter.delivery.jobs import Errand, Kind
from newsletter.delivery.lifecycle import State
from newsletter.delivery.pace import Unpaced
from newsletter.delivery.transport import Call, Outcome
from newsletter.errors import Hold
from newsletter.issues.models import IssueRevision
from subscribers.database import Database, open_database
from tests.factories.campaigns import Stage, Time, make_stage
from tests.fakes.transports import CountingTransport


@dataclass
class UsedUp(Unpaced):
    """A quota that has room again at a certain time."""

    time: Time
    until: timedelta
    asked: int = 0

    def __post_init__(self) -> None:
        self._end = self.time.now + self.until

    def reserve(self, recipients: int) -> float:
        self.asked += 1
        if self.time.now < self._end:
            raise Hold("the quota is used up", self._end)
        return super().reserve(recipients)


class Defective(CountingTransport):
    """Falls over."""

    def send(self, call: Call) -> Sequence[Outcome]:
        raise ZeroDivisionError(f"with {type(call).__name__}")


def _planned(database: Database, people: int = 35) -> tuple[Stage, int]:
    stage = make_stage(database, people)
    return stage, stage.begin()


def _carry_out(stage: Stage, clerk: Clerk) -> list[Errand]:
    with stage.database.read() as session:
        errands = clerk.due(session)
    for errand in errands:
        clerk.carry_out(errand)
    return list(errands)


def test_errand_by_errand_everybody_gets_one_mail(database: Database) -> None:
    stage, campaign = _planned(database)
    transport = CountingTransport()
    clerk = Clerk(stage.sender(transport))
    while _carry_out(stage, clerk):
        pass
    assert stage.info(campaign).state is State.SENT
    assert set(transport.world.accepted.values()) == {1}


def test_what_is_done_twice_or_too_late_changes_nothing(database: Database) -> None:
    stage, campaign = _planned(database)
    transport = CountingTransport()
    clerk = Clerk(stage.sender(transport))
    done: list[Errand] = []
    while errands := _carry_out(stage, clerk):
        done += errands
    for errand in [*done, *reversed(done), Errand(Kind.SEND, campaign, 999)]:
        clerk.carry_out(errand)
    assert stage.info(campaign).state is State.SENT
    assert set(transport.world.accepted.values()) == {1}


def test_a_quota_that_is_used_up_is_asked_after_now_and_then(database: Database) -> None:
    stage, campaign = _planned(database)
    pace = UsedUp(stage.time, timedelta(seconds=40))
    clerk = Clerk(stage.sender(CountingTransport(), pace=pace))
    _carry_out(stage, clerk)
    for _ in range(3):
        _carry_out(stage, clerk)
    assert pace.asked == 1
    assert stage.info(campaign).state is State.SENDING
    for asked in (2, 3):
        stage.time.now += timedelta(seconds=16)
        _carry_out(stage, clerk)
        assert pace.asked == asked
    stage.time.now += timedelta(seconds=16)
    while _carry_out(stage, clerk):
        pass
    assert stage.info(campaign).state is State.SENT


def test_what_fails_time_and_again_pauses_the_campaign(database: Database, caplog: pytest.LogCaptureFixture) -> None:
    stage, campaign = _planned(database)
    clerk = Clerk(stage.sender(Defective()))
    clerk.carry_out(Errand(Kind.PLAN, campaign))
    first = Errand(Kind.SEND, campaign, 0)
    for _ in range(2):
        clerk.carry_out(first)
        assert stage.info(campaign).state is State.SENDING
    clerk.carry_out(first)
    assert (stage.info(campaign).state, stage.info(campaign).state_reason) == (
        State.PAUSED,
        "ZeroDivisionError: see the worker's log",
    )
    assert "with Call" in caplog.text
    assert all(chunk.lease_token is None for chunk in stage.chunks(campaign))


def test_a_refusal_is_the_reason_of_the_pause(database: Database, caplog: pytest.LogCaptureFixture) -> None:
    stage, campaign = _planned(database)
    with database.write() as session:
        session.get_one(IssueRevision, stage.info(campaign).revision_id).content = "{}"
    clerk = Clerk(stage.sender(CountingTransport()))
    for _ in range(3):
        clerk.carry_out(Errand(Kind.PLAN, campaign))
    info = stage.info(campaign)
    assert info.state is State.PAUSED
    assert "is not what was approved" in info.state_reason
    assert "Traceback" not in caplog.text


def test_a_failure_that_passes_is_forgotten(database: Database) -> None:
    stage, campaign = _planned(database)
    good, bad = CountingTransport(), Defective()
    clerk = Clerk(stage.sender(good))
    clerk.carry_out(Errand(Kind.PLAN, campaign))
    errand = Errand(Kind.SEND, campaign, 0)
    for transport in (bad, bad, good, bad, bad):
        object.__setattr__(clerk.sender, "transport", transport)
        clerk.carry_out(errand)
    assert stage.info(campaign).state is State.SENDING


def test_a_database_that_is_away_is_no_failure(
    sqlite_database: Database, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    stage, campaign = _planned(sqlite_database)
    away = open_database(f"sqlite:///{tmp_path}/no/such/folder/newsletter.sqlite")
    clerk = Clerk(stage.sender(CountingTransport(), database=away))
    for _ in range(5):
        clerk.carry_out(Errand(Kind.PLAN, campaign))
    assert caplog.text.count("the database does not answer (OperationalError)") == 5
    away.close()
    assert stage.info(campaign).state is State.PLANNING


def test_rest_keeps_an_errand_back_for_a_while() -> None:
    now = 0.0
    rest = Rest(lambda: now, seconds=5)
    one, two = Errand(Kind.SEND, 1, 1), Errand(Kind.SEND, 1, 2)
    assert rest.rested([one, two]) == [one, two]
    rest.begin(one)
    assert rest.rested([one, two]) == [two]
    now = 4.9
    assert rest.rested([one, two]) == [two]
    now = 5.1
    assert rest.rested([one, two]) == [one, two]

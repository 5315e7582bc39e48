"""Paced calls against the simulated SES, over the wire: it never has to refuse, and where it does we slow down."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from newsletter.delivery.account import UNLIMITED, AccountState, AccountUnavailable
from newsletter.delivery.pacing.gauge import Rules
from newsletter.delivery.pacing.models import PaceRow
from newsletter.delivery.pacing.rows import Rows
from newsletter.delivery.pacing.shared import SharedPace
from newsletter.delivery.ses_account import SesAccount
from newsletter.errors import Hold, StopCampaign
from newsletter.simulator.client import SimulatorClient
from subscribers.clock import utc_now
from subscribers.database import Database
from tests.factories.ses import bulk
from tests.fakes.pacing import Stopped, let_pass
from tests.fixtures.simulator import client

Start = Callable[..., SimulatorClient]


@pytest.fixture
def start(start_simulator: Start, monkeypatch: pytest.MonkeyPatch) -> Start:
    """Start a simulator that every AWS client speaks to from then on."""

    def started(**options: object) -> SimulatorClient:
        simulator = start_simulator(**options)
        for name, value in simulator.environment.items():
            monkeypatch.setenv(name, value)
        return simulator

    return started


@dataclass
class Worker:
    """Sends to made-up people as the pace lets it, and notes what SES refused."""

    database: Database
    simulator: SimulatorClient
    refused: list[str] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=count)

    def __post_init__(self) -> None:
        self.pace = SharedPace(Rows(self.database, utc_now), Rules(), account=SesAccount())
        self.ses: Any = client("sesv2", self.simulator)

    def send(self, recipients: int) -> None:
        """Send to so many, in as many calls as it takes."""
        while recipients > 0:
            recipients -= self.call(recipients)

    def call(self, most: int) -> int:
        """Make one call; return how many it was for."""
        size = min(most, 50, self.pace.largest_call())
        time.sleep(self.pace.reserve(size))
        people = [f"reader{next(self.numbers)}@list.example" for _ in range(size)]
        try:
            answer = self.ses.send_bulk_email(**bulk(*people))
        except self.ses.exceptions.TooManyRequestsException as error:
            self.refused.append(str(error))
            self.pace.throttled()
            return 0
        refused = [each["Status"] for each in answer["BulkEmailEntryResults"] if each["Status"] != "SUCCESS"]
        self.refused += refused
        return size - len(refused)

    def close(self) -> None:
        self.ses.close()


@pytest.fixture
def worker(database: Database) -> Iterator[Callable[..., Worker]]:
    """Make workers on one database."""
    workers: list[Worker] = []

    def make(simulator: SimulatorClient) -> Worker:
        workers.append(Worker(database, simulator))
        return workers[-1]

    yield make
    for each in workers:
        each.close()


def test_workers_that_keep_the_pace_are_never_refused(start: Start, worker: Callable[..., Worker]) -> None:
    simulator = start(max_send_rate=20.0)
    workers = [worker(simulator) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda each: each.send(16), workers))
    assert [each.refused for each in workers] == [[], [], [], []]
    assert simulator.status()["mails"] == 64


def test_a_rate_that_is_lowered_under_way_slows_us_down_until_we_know_and_then_nobody_is_refused(
    start: Start, worker: Callable[..., Worker], database: Database
) -> None:
    simulator = start(max_send_rate=200.0)
    sender = worker(simulator)
    sender.send(60)
    assert not sender.refused
    simulator.set_options(max_send_rate=20.0)
    let_pass(database, timedelta(seconds=5))  # what was said so lately is not asked again
    sender.send(40)
    assert sender.refused, "it went on at the old rate for a moment"
    assert _slowed_to(database) < 1
    refused = len(sender.refused)
    _let_pass_for_both(database, simulator, timedelta(minutes=2))
    sender.send(30)
    assert len(sender.refused) == refused
    assert sender.pace.largest_call() == 3
    simulator.set_options(max_send_rate=500.0)
    _let_pass_for_both(database, simulator, timedelta(minutes=2))
    sender.send(100)
    assert len(sender.refused) == refused
    assert sender.pace.largest_call() > 50


def test_the_quota_is_never_refused_for_we_wait_before_it_is(
    start: Start, worker: Callable[..., Worker], database: Database
) -> None:
    simulator = start(max_send_rate=1000.0, max_24_hour_send=130.0)
    workers = [worker(simulator) for _ in range(2)]
    held = [_until_held(each, 200) for each in workers]
    assert simulator.status()["mails"] == 130
    assert all(hold.until - utc_now() <= timedelta(minutes=2) for hold in held), "SES may have counted some of it"
    _let_pass_for_both(database, simulator, timedelta(minutes=2, seconds=1))
    hold = _until_held(workers[0], 1)
    assert timedelta(hours=23, minutes=55) < hold.until - utc_now() <= timedelta(hours=24)
    _let_pass_for_both(database, simulator, hold.until - utc_now())
    workers[1].send(100)
    assert [each.refused for each in workers] == [[], []]
    assert simulator.status()["mails"] == 230


def test_in_the_sandbox_a_second_has_one_recipient_and_a_day_two_hundred(start: Start, database: Database) -> None:
    start(max_send_rate=1.0, max_24_hour_send=200.0, sandbox=True)
    now, waits = utc_now(), list[float]()
    pace = SharedPace(Stopped(database, lambda: now), Rules(), account=SesAccount())
    for _ in range(200):
        assert pace.largest_call() == 1
        waits.append(pace.reserve(1))
    assert sorted(waits) == waits
    assert waits[-1] == pytest.approx(199 / 0.85, abs=1)
    with pytest.raises(Hold, match="of 200 recipients"):
        pace.reserve(1)
    assert SesAccount().look().production is False


def test_what_the_account_says_is_read(start: Start) -> None:
    simulator = start(max_send_rate=14.0, max_24_hour_send=50_000.0)
    simulator.set_account(enforcement="PROBATION", sent=17)
    assert SesAccount().look() == AccountState(
        max_rate=14.0, quota=50_000, sent=17, production=True, sending_enabled=True, enforcement="PROBATION"
    )
    simulator.set_options(max_24_hour_send=-1.0)
    assert SesAccount().look().quota == UNLIMITED


@pytest.mark.parametrize(
    ("switched", "words"), [({"sending_enabled": False}, "switched off"), ({"enforcement": "SHUTDOWN"}, "suspended")]
)
def test_an_account_that_may_not_send_stops_the_campaign_until_it_may(
    start: Start, worker: Callable[..., Worker], database: Database, switched: dict[str, object], words: str
) -> None:
    simulator = start()
    simulator.set_account(**switched)
    sender = worker(simulator)
    with pytest.raises(StopCampaign, match=words):
        sender.send(1)
    simulator.set_account(sending_enabled=True, enforcement="HEALTHY")
    let_pass(database, timedelta(seconds=5))
    sender.send(1)


def test_the_question_is_asked_again_where_it_fails_once(start: Start) -> None:
    simulator = start()
    simulator.add_fault("error", next=1, operations=["GetAccount"])
    assert SesAccount().look().production
    assert [seen["calls_seen"] for seen in simulator.faults()] == [2]


def test_who_may_not_ask_is_told_what_to_allow(start: Start) -> None:
    start().add_fault(
        "answer", operations=["GetAccount"], http_status=403, code="AccessDeniedException", message="not authorized"
    )
    with pytest.raises(AccountUnavailable, match=r"not authorized.*Allow the action ses:GetAccount"):
        SesAccount().look()


def test_an_endpoint_that_cannot_be_reached_says_so(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    start()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{taken.getsockname()[1]}")
        with pytest.raises(AccountUnavailable, match="cannot be asked for the account"):
            SesAccount().look()


@pytest.mark.parametrize("variable", ["AWS_ACCESS_KEY_ID", "AWS_DEFAULT_REGION"])
def test_what_the_sdk_lacks_is_said(
    start: Start, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, variable: str
) -> None:
    start()
    for name in (variable, "AWS_REGION"):
        monkeypatch.delenv(name)
    for name in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    with pytest.raises(AccountUnavailable, match="cannot be asked for the account"):
        SesAccount().look()


def _slowed_to(database: Database) -> float:
    with database.read() as session:
        return session.scalars(select(PaceRow.slowed_to)).one()


def _until_held(sender: Worker, most: int) -> Hold:
    """Send until nothing may go out any more."""
    with pytest.raises(Hold) as hold:
        sender.send(most)
    return hold.value


def _let_pass_for_both(database: Database, simulator: SimulatorClient, passed: timedelta) -> None:
    let_pass(database, passed)
    simulator.advance(passed.total_seconds())

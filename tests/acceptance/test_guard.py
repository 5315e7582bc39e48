"""Watched campaigns, as processes: harmful ones stop and the admins know, harmless ones go through."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from newsletter.delivery.lifecycle import State
from newsletter.simulator.client import SimulatorClient
from tests.acceptance.conftest import Newsletter
from tests.acceptance.joined import ISSUE, KINDS, ready
from tests.fixtures.forked import Forked
from tests.fixtures.patience import PATIENCE
from tests.fixtures.simulator import feedback_queue
from tests.fixtures.workers import Stage

Start = Callable[..., SimulatorClient]

PEOPLE = 1600
WAVE = 500
ADMIN = "admin@desk.example"
WAIT = 10
"""Seconds in which what comes back of a wave has to be taken in, also by a machine that stands still for some."""
QUICK = {"NEWSLETTER_FIRST_WAVE_WAIT": str(WAIT), "NEWSLETTER_ADMINS": ADMIN}
IN_FLIGHT = 4 * 50
"""As many calls are under way side by side, of as many people."""


def _ready(folder: Path, database_url: str, simulator: SimulatorClient, **settings: str) -> Newsletter:
    queue = feedback_queue(simulator, kinds=KINDS, raw=True)
    newsletter = ready(folder, database_url, simulator, queue, people=PEOPLE)
    newsletter.settings.update({**QUICK, **settings})
    return newsletter


def _readers_mails(simulator: SimulatorClient) -> list[dict[str, Any]]:
    return [mail for mail in simulator.mails() if mail["recipients"] != [ADMIN]]


def _alarm_mail(simulator: SimulatorClient) -> dict[str, Any]:
    simulator.wait_for(lambda _: any(simulator.mails(recipient=ADMIN)))
    (mail,) = simulator.mails(recipient=ADMIN)
    return simulator.mail(mail["id"])


def test_a_list_of_which_8_percent_bounce_stops_before_the_rest_goes(
    tmp_path: Path, database_url: str, start_simulator: Start
) -> None:
    simulator = start_simulator(seed=3, hard_bounces=0.08)
    newsletter = _ready(tmp_path, database_url, simulator)

    sent = newsletter("campaign", "send", ISSUE, "--json", code=1)

    assert len(_readers_mails(simulator)) == WAVE
    assert simulator.twice() == {}
    status = newsletter("campaign", "status", "--json").json
    assert (status["state"], status["sent"], status["pending"]) == ("paused", WAVE, PEOPLE - WAVE)
    alarm = status["alarm"]
    assert alarm["cause"] == "bounces"
    assert alarm["acknowledged_at"] is None
    assert 0.04 < alarm["bounces"] / alarm["mails"] < 0.2
    assert alarm["reason"] == status["state_reason"] == sent.json["state_reason"]
    assert f"{alarm['bounces']} of {alarm['mails']} mails bounced for good" in newsletter("campaign", "status").out
    mail = _alarm_mail(simulator)
    assert mail["subject"] == f"Alarm: campaign 1 (weekly/{ISSUE}) is paused"
    assert alarm["reason"] in mail["text"]
    assert "@" not in mail["text"], "no reader's address"

    assert "--despite-alarm" in newsletter("campaign", "resume", code=1).err
    assert len(_readers_mails(simulator)) == WAVE
    again = newsletter("campaign", "resume", "--despite-alarm", "--json", NEWSLETTER_BOUNCE_LIMIT="20").json
    assert (again["state"], again["sent"]) == ("sent", PEOPLE)
    assert again["alarm"]["acknowledged_at"] is not None
    assert simulator.twice() == {}


def test_a_list_of_which_2_percent_bounce_gets_all_of_it(
    tmp_path: Path, database_url: str, start_simulator: Start
) -> None:
    simulator = start_simulator(seed=5, hard_bounces=0.02, soft_bounces=0.02)
    newsletter = _ready(tmp_path, database_url, simulator)
    sent = newsletter("campaign", "send", ISSUE, "--json").json
    assert (sent["state"], sent["sent"]) == ("sent", PEOPLE)
    assert "alarm" not in sent
    assert "first_wave" not in sent
    mails = sorted(_readers_mails(simulator), key=_time)
    assert (_time(mails[WAVE]) - _time(mails[WAVE - 1])).total_seconds() >= WAIT, "nobody waited for what came back"
    assert set(simulator.counts().values()) == {1}
    assert not list(simulator.mails(recipient=ADMIN))


def test_without_a_wave_what_leaves_after_the_alarm_was_under_way(
    tmp_path: Path, database_url: str, start_simulator: Start
) -> None:
    simulator = start_simulator(seed=3, hard_bounces=0.12)
    newsletter = _ready(tmp_path, database_url, simulator, NEWSLETTER_FIRST_WAVE="0", NEWSLETTER_RATE="20")
    newsletter("campaign", "send", ISSUE, code=1)
    mails = _readers_mails(simulator)
    assert len(mails) < PEOPLE
    raised = datetime.fromisoformat(newsletter("campaign", "status", "--json").json["alarm"]["raised_at"])
    assert sum(_time(mail) > raised for mail in mails) <= IN_FLIGHT


def test_without_a_queue_nothing_is_held_and_it_says_so(
    tmp_path: Path, sqlite_url: str, start_simulator: Start
) -> None:
    simulator = start_simulator(seed=3, hard_bounces=0.08)
    newsletter = _ready(tmp_path, sqlite_url, simulator, NEWSLETTER_SES_EVENTS_QUEUE_URL="")
    sent = newsletter("campaign", "send", ISSUE, "--json")
    assert sent.json["sent"] == PEOPLE
    assert "nobody watches over the reputation" in sent.err
    assert ["NEWSLETTER_SES_EVENTS_QUEUE_URL" in warning for warning in sent.json["warnings"]] == [True]
    silenced = newsletter("campaign", "status", "--json", NEWSLETTER_REPUTATION_GUARD="off").json
    assert "warnings" not in silenced


@pytest.mark.parametrize(("bounces", "reached"), [(0.08, WAVE), (0.02, PEOPLE)], ids=["harmful", "harmless"])
def test_several_workers_of_which_some_are_killed(
    tmp_path: Path, postgresql_url: str, start_simulator: Start, bounces: float, reached: int
) -> None:
    simulator = start_simulator(seed=3, hard_bounces=bounces)
    newsletter = _ready(
        tmp_path,
        postgresql_url,
        simulator,
        NEWSLETTER_CLAIM_SECONDS="3",
        NEWSLETTER_CALL_TIMEOUT="2",
        NEWSLETTER_UNCERTAIN_WAIT="10",
        NEWSLETTER_FIRST_WAVE_WAIT="15",
    )
    campaign = Stage(newsletter, PEOPLE)
    newsletter("campaign", "start", ISSUE)
    with _process(newsletter, "feedback", "consume"), _process(newsletter, "worker"):
        with _process(newsletter, "worker") as victim:
            simulator.wait_for(lambda _: any(simulator.mails()))
            victim.send_signal(signal.SIGKILL)
        ended = State.SENT if reached == PEOPLE else State.PAUSED
        campaign.wait_until(1, lambda books: books.state is ended)
        if ended is State.PAUSED:
            _alarm_mail(simulator)
    assert simulator.twice() == {}
    assert len(_readers_mails(simulator)) == reached


def test_a_worker_alone_hears_what_comes_back(tmp_path: Path, sqlite_url: str, start_simulator: Start) -> None:
    simulator = start_simulator(seed=3, hard_bounces=0.08)
    newsletter = _ready(tmp_path, sqlite_url, simulator)
    newsletter("campaign", "start", ISSUE)
    newsletter("worker", "--until-idle", code=3)
    status = newsletter("campaign", "status", "--json").json
    assert (status["state"], status["alarm"]["cause"]) == ("paused", "bounces")
    assert len(_readers_mails(simulator)) == WAVE
    assert status["alarm"]["reason"] in _alarm_mail(simulator)["text"]


def _time(mail: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(mail["time"])


@contextlib.contextmanager
def _process(newsletter: Newsletter, *arguments: str) -> Iterator[Forked]:
    with newsletter.beside("-m", "newsletter", *arguments) as process:
        try:
            yield process
        finally:
            process.terminate()
            process.wait(PATIENCE)

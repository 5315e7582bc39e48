"""`newsletter serve` and `newsletter web`: everything, or the web alone, in a process."""

from __future__ import annotations

import json
import signal
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

from newsletter.delivery.lifecycle import State
from tests.fixtures.patience import wait_until
from tests.fixtures.postgresql import Server
from tests.fixtures.workers import Process, Stage, running, staged

PEOPLE = 800


def _healthz(process: Process) -> dict[str, Any]:
    url = process.wait_for(r'"url": "([^"]+)"')[1]
    try:
        with urlopen(f"{url}/healthz", timeout=30) as answer:  # noqa: S310 - of this machine
            found: dict[str, Any] = json.load(answer)
    except HTTPError as error:
        found = json.load(error)
    return found


def _serving(stage: Stage) -> Any:  # noqa: ANN401 - a context of a process
    return running(stage.newsletter, "-m", "newsletter", "serve", "--port", "0", "--json")


def test_on_one_machine_one_process_does_it_all(tmp_path: Path, database_url: str) -> None:
    stage = staged(tmp_path, database_url, PEOPLE)
    with _serving(stage) as one:
        wait_until(lambda: _healthz(one)["last_tick"].keys() == {"worker"})
        assert _healthz(one)["ok"]
        campaign = stage.begin()
        stage.wait_until(campaign, lambda books: books.state is State.SENT)
        assert one.stop() == 0
    stage.everybody_has_one_mail_in_the_outbox()


def test_two_of_them_share_the_work_and_one_may_die(tmp_path: Path, postgresql_url: str) -> None:
    stage = staged(tmp_path, postgresql_url, PEOPLE)
    with ExitStack() as stack:
        one, other = (stack.enter_context(_serving(stage)) for _ in range(2))
        wait_until(lambda: bool(_healthz(one)["last_tick"] and _healthz(other)["last_tick"]))
        campaign = stage.begin()
        stage.wait_until(campaign, lambda books: books.sent >= PEOPLE // 4)
        one.kill()
        books = stage.wait_until(campaign, lambda books: books.state is State.SENT)
        assert other.stop() == 0
    assert (books.sent, books.uncertain) == (PEOPLE, 0)
    stage.everybody_has_one_mail_in_the_outbox()


def test_beside_sqlite_a_second_one_is_refused(tmp_path: Path, sqlite_url: str) -> None:
    stage = staged(tmp_path, sqlite_url, 1)
    with _serving(stage) as one, _serving(stage) as other:
        wait_until(lambda: one.popen.poll() is not None or other.popen.poll() is not None)
        refused = one if one.popen.poll() is not None else other
        assert refused.ended() == 1
        assert "Already sending from this database: process" in refused.said


def test_the_web_alone_says_when_the_database_is_away(tmp_path: Path, own_server: Server) -> None:
    stage = staged(tmp_path, own_server.url("newsletter"), 1)
    with running(stage.newsletter, "-m", "newsletter", "web", "--port", "0", "--json") as web:
        assert _healthz(web)["ok"]
        own_server.stop("fast")
        assert _healthz(web) == {"ok": False, "revision": None, "last_tick": {}}
        own_server.start()
        assert _healthz(web)["ok"]
        web.popen.send_signal(signal.SIGINT)
        assert web.ended() == 0

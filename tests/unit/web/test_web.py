"""The web part over real HTTP: what it says, and what it tells browsers not to do."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from http.client import HTTPResponse
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from newsletter import schema
from newsletter.bootstrap.installation import Newsletter
from newsletter.bootstrap.parts import Pulse
from newsletter.errors import FixConfiguration
from newsletter.settings import read_settings
from newsletter.web.server import web_part
from subscribers.database import Database
from tests.factories.people import NOW

PATIENCE = 30.0


@dataclass
class Site:
    """A web part that serves beside the test."""

    url: str
    pulse: Pulse
    now: datetime = NOW

    def get(self, path: str, method: str = "GET") -> tuple[int, dict[str, str], bytes]:
        try:
            answer: HTTPResponse | HTTPError = urlopen(Request(self.url + path, method=method), timeout=PATIENCE)  # noqa: S310
        except HTTPError as error:
            answer = error
        with answer:
            return int(answer.status or 0), dict(answer.headers), answer.read()


@contextlib.contextmanager
def _served(database: Database, public_url: str = "https://news.example.org") -> Iterator[Site]:
    settings = replace(read_settings({}, dotenv=None), public_url=public_url)
    site = Site("", Pulse(lambda: site.now))
    newsletter = Newsletter(settings=settings, database=database, clock=lambda: site.now)
    urls: list[str] = []
    part = web_part(newsletter, site.pulse, host="127.0.0.1", port=0, ready=urls.append)
    (site.url,) = urls
    stop = threading.Event()
    thread = threading.Thread(target=part.run, args=(stop,))
    thread.start()
    try:
        yield site
    finally:
        stop.set()
        thread.join(PATIENCE)
        assert not thread.is_alive()


def test_the_page_says_what_this_is(sqlite_database: Database) -> None:
    with _served(sqlite_database) as site:
        status, headers, body = site.get("/")
    assert (status, headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert b"<title>Newsletter</title>" in body


@pytest.mark.parametrize("path", ["/", "/healthz", "/not-there"])
def test_every_answer_ties_browsers_hands(sqlite_database: Database, path: str) -> None:
    with _served(sqlite_database) as site:
        _, headers, _ = site.get(path)
    assert headers["content-security-policy"].startswith("default-src 'none'")
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["strict-transport-security"] == "max-age=31536000"
    assert "server" not in headers


def test_browsers_are_held_to_https_only_where_there_is_https(sqlite_database: Database) -> None:
    with _served(sqlite_database, "http://127.0.0.1:8025") as site:
        assert "strict-transport-security" not in site.get("/")[1]


def test_what_is_not_there_and_what_may_not_be_done(sqlite_database: Database) -> None:
    with _served(sqlite_database) as site:
        assert site.get("/not-there")[0] == 404
        assert site.get("/", "POST")[0] == 405
        assert site.get("/healthz", "HEAD")[0] == 200


def test_a_watcher_learns_that_all_is_well(database: Database) -> None:
    with _served(database) as site:
        site.pulse.beat("worker")
        status, headers, body = site.get("/healthz")
    assert (status, headers["cache-control"]) == (200, "no-store")
    assert json.loads(body) == {
        "ok": True,
        "revision": schema.newest(),
        "last_tick": {"worker": NOW.isoformat(timespec="seconds")},
    }


def test_a_watcher_learns_of_a_part_that_fell_silent(sqlite_database: Database) -> None:
    with _served(sqlite_database) as site:
        site.pulse.beat("worker")
        site.now += timedelta(seconds=61)
        status, _, body = site.get("/healthz")
    assert (status, json.loads(body)["ok"]) == (503, False)


def test_a_watcher_learns_of_a_database_of_another_version(database: Database) -> None:
    schema.downgrade(database)
    with _served(database) as site:
        status, _, body = site.get("/healthz")
    assert (status, json.loads(body)) == (503, {"ok": False, "revision": None, "last_tick": {}})


def test_a_port_that_is_taken_is_said(sqlite_database: Database) -> None:
    newsletter = Newsletter(settings=read_settings({}, dotenv=None), database=sqlite_database)
    with _served(sqlite_database) as site:
        port = int(site.url.rpartition(":")[2])
        with pytest.raises(FixConfiguration, match="--port"):
            web_part(newsletter, site.pulse, host="127.0.0.1", port=port, ready=lambda _url: None)

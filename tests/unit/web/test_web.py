"""The web part over real HTTP: what it says, and what it tells browsers not to do."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from newsletter import schema
from newsletter.bootstrap.installation import Newsletter
from newsletter.errors import FixConfiguration
from newsletter.settings import read_settings
from newsletter.web.server import web_part
from subscribers.database import Database
from tests.factories.people import NOW
from tests.fixtures.site import served


def test_the_page_says_what_this_is(sqlite_database: Database) -> None:
    with served(sqlite_database) as site:
        status, headers, body = site.get("/")
    assert (status, headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert b"<title>Newsletters</title>" in body


@pytest.mark.parametrize("path", ["/", "/healthz", "/not-there"])
def test_every_answer_ties_browsers_hands(sqlite_database: Database, path: str) -> None:
    with served(sqlite_database) as site:
        _, headers, _ = site.get(path)
    assert headers["content-security-policy"].startswith("default-src 'none'")
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["strict-transport-security"] == "max-age=31536000"
    assert "server" not in headers


def test_browsers_are_held_to_https_only_where_there_is_https(sqlite_database: Database) -> None:
    with served(sqlite_database, "http://127.0.0.1:8025") as site:
        assert "strict-transport-security" not in site.get("/")[1]


def test_what_is_not_there_and_what_may_not_be_done(sqlite_database: Database) -> None:
    with served(sqlite_database) as site:
        assert site.get("/not-there")[0] == 404
        assert site.get("/", "POST")[0] == 405
        assert site.get("/healthz", "HEAD")[0] == 200


def test_a_watcher_learns_that_all_is_well(database: Database) -> None:
    with served(database) as site:
        site.pulse.beat("worker")
        status, headers, body = site.get("/healthz")
    assert (status, headers["cache-control"]) == (200, "no-store")
    assert json.loads(body) == {
        "ok": True,
        "revision": schema.newest(),
        "last_tick": {"worker": NOW.isoformat(timespec="seconds")},
    }


def test_a_watcher_learns_of_a_part_that_fell_silent(sqlite_database: Database) -> None:
    with served(sqlite_database) as site:
        site.pulse.beat("worker")
        site.now += timedelta(seconds=61)
        status, _, body = site.get("/healthz")
    assert (status, json.loads(body)["ok"]) == (503, False)


def test_a_watcher_learns_of_a_database_of_another_version(database: Database) -> None:
    schema.downgrade(database)
    with served(database) as site:
        status, _, body = site.get("/healthz")
    assert (status, json.loads(body)) == (503, {"ok": False, "revision": None, "last_tick": {}})


def test_a_port_that_is_taken_is_said(sqlite_database: Database) -> None:
    newsletter = Newsletter(settings=read_settings({}, dotenv=None), database=sqlite_database)
    with served(sqlite_database) as site:
        port = int(site.url.rpartition(":")[2])
        with pytest.raises(FixConfiguration, match="--port"):
            web_part(newsletter, site.pulse, host="127.0.0.1", port=port, ready=lambda _url: None)

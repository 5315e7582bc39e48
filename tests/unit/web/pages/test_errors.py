"""What is in the way is said in the reader's language, by a page, and to nobody's log."""

from __future__ import annotations

import logging
from urllib.robotparser import RobotFileParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.rendering.catalogs import catalog_languages, page_catalog
from newsletter.web.pages import home
from newsletter.web.pages.asked import _AFTER_LINKS
from subscribers.database import Database
from subscribers.tokens import Signer
from tests.factories.people import make_list
from tests.fixtures.site import served
from tests.fixtures.visitor import Visitor


@pytest.mark.parametrize("language", catalog_languages())
def test_every_error_is_a_page_in_the_readers_language(sqlite_database: Database, language: str) -> None:
    publication = make_list(sqlite_database)
    said = page_catalog(language).gettext
    with served(sqlite_database) as site:
        visitor = Visitor(site, language=language)
        expected = {
            "/nothing": (404, "Page not found"),
            "/subscribe/nothing": (404, "Page not found"),
            "/preferences/altered": (404, "This link does not work"),
            f"/preferences/{visitor.token('preferences', publication.id, 9)}": (410, "This is no longer here"),
        }
        for path, (status, title) in expected.items():
            page = visitor.get(path)
            assert (page.status, page.title, page.language) == (status, said(title), language)
            assert page.headers["cache-control"] == "no-store"
            assert "default-src 'none'" in page.headers["content-security-policy"]
        visitor.subscribe("imaging", "ann@example.org")
        link = visitor.newest_confirmation()
        site.now = site.now.replace(year=site.now.year + 1)
        late = visitor.get(f"{link}?lang={language}")
        assert (late.status, late.title) == (410, said("This link has expired"))
        assert visitor.post(f"{link}?lang={language}").status == 410


@pytest.mark.parametrize("language", catalog_languages())
def test_what_a_page_does_not_take_is_said_by_a_page(sqlite_database: Database, language: str) -> None:
    with served(sqlite_database) as site:
        page = Visitor(site, language=language).post("/")
    said = page_catalog(language).gettext("Not possible at this address")
    assert (page.status, page.title, page.language) == (405, said, language)
    assert set(page.headers["allow"].split(", ")) == {"GET", "HEAD"}


@pytest.mark.parametrize("after", [".", ")", ">", "%3E", "%22", ").", "%E2%80%9D", ",", "%C2%BB"])
def test_what_a_mail_program_took_into_a_link_does_no_harm(sqlite_database: Database, after: str) -> None:
    publication = make_list(sqlite_database)
    with served(sqlite_database) as site:
        ann = Visitor(site)
        ann.subscribe(publication.slug, "ann@example.org")
        link = ann.newest_confirmation()
        assert ann.get(f"{link}{after}?lang=en").title == "One more step"
        assert ann.post(f"{link}{after}?lang=en").title == "You are subscribed"
        assert ann.get(f"/subscribe/{publication.slug}{after}").status == 200
        assert ann.get(link[:-1] + after).status == 404  # cut short is another matter


@given(st.lists(st.integers(0, 2**64 - 1), min_size=1, max_size=4))
def test_no_token_ends_in_what_is_taken_off(ids: list[int]) -> None:
    token = Signer("s" * 32).sign("preferences", *ids)
    assert token.rstrip(_AFTER_LINKS) == token


def test_a_program_that_posts_json_is_told_what_is_taken(sqlite_database: Database) -> None:
    make_list(sqlite_database)
    with served(sqlite_database) as site:
        for body in (b'{"email":5}', b"no JSON either"):
            status, _, said = site.asked("/subscribe/imaging", body, {"Content-Type": "application/json"})
            assert (status, b"application/x-www-form-urlencoded" in said) == (415, True)


def test_search_engines_are_kept_off_what_is_for_one_person(sqlite_database: Database) -> None:
    with served(sqlite_database, "https://example.org/news") as site:
        found = Visitor(site).get("/robots.txt")
    assert (found.status, found.headers["content-type"]) == (200, "text/plain; charset=utf-8")
    rules = RobotFileParser()
    rules.parse(found.text.splitlines())
    for path, allowed in {
        "/news/": True,
        "/news/subscribe/imaging": True,
        "/news/preferences/x": False,
        "/news/unsubscribe/x": False,
        "/news/confirm/x": False,
        "/news/view/x": False,
    }.items():
        assert rules.can_fetch("*", f"https://example.org{path}") is allowed, path


def test_there_is_an_icon(sqlite_database: Database) -> None:
    with served(sqlite_database) as site:
        status, headers, body = site.asked("/favicon.ico", None, {})
    assert (status, headers["content-type"], body[:4]) == (200, "image/x-icon", b"\0\0\1\0")


def test_our_own_mistake_is_owned_up_to_and_the_log_holds_nobodys_data(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> str:
        raise RuntimeError("ann@example.org")

    monkeypatch.setattr(home, "language_list", broken)
    make_list(sqlite_database)
    with served(sqlite_database) as site, caplog.at_level(logging.DEBUG):
        page = Visitor(site).get("/?secret=token")
    assert (page.status, page.title) == (500, "Something went wrong on our side")
    assert "RuntimeError" in caplog.text
    assert "ann@example.org" not in caplog.text
    assert "secret=token" not in caplog.text


def test_an_installation_under_a_path_links_to_itself(sqlite_database: Database) -> None:
    make_list(sqlite_database)
    with served(sqlite_database, "https://example.org/news") as site:
        page = Visitor(site).get("/")  # the proxy takes the path off
        assert "/news/subscribe/imaging?lang=en" in page.links
        assert 'href="/news/style/pages/' in page.text


def test_style_sheets_are_kept_for_good_under_their_own_address(sqlite_database: Database) -> None:
    make_list(sqlite_database)
    with served(sqlite_database) as site:
        visitor = Visitor(site)
        text = visitor.get("/subscribe/imaging").text
        sheets = [part.partition('"')[0] for part in text.split('rel="stylesheet" href="')[1:]]
        assert len(sheets) == 2
        for sheet in sheets:
            found = visitor.get(sheet)
            assert found.headers["content-type"].startswith("text/css")
            assert "immutable" in found.headers["cache-control"]
        assert visitor.get("/style/pages/other.css").headers["cache-control"] == "no-cache"


def test_every_page_is_described(sqlite_database: Database) -> None:
    from pathlib import Path

    from newsletter.web.pages.routes import page_routes
    from newsletter.web.server import site_of

    described = (Path(__file__).resolve().parents[4] / "docs" / "pages.md").read_text("utf-8")
    with served(sqlite_database) as site:
        paths = {route.path for route in page_routes(site_of(site.newsletter))}
    assert [path for path in paths if not path.startswith("/style/") and f"| `{path}` |" not in described] == []

"""What is in the way is said in the reader's language, by a page, and to nobody's log."""

from __future__ import annotations

import logging

import pytest

from newsletter.rendering.catalogs import catalog_languages, page_catalog
from newsletter.web.pages import home
from subscribers.database import Database
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

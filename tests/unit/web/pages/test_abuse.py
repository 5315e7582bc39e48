"""What strangers may do, and how often: machines, floods, other sites' pages, and whoever only looks."""

from __future__ import annotations

import re
import sqlite3
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from newsletter.bootstrap.embedding import embedded_form
from newsletter.bootstrap.page_limits import FROM_A_HOST
from newsletter.web.pages.asked import LARGEST
from subscribers.attempts import Attempt
from subscribers.database import Database
from subscribers.models import Confirmation
from tests.factories.people import Choice, make_list, make_people
from tests.fixtures.site import served
from tests.fixtures.thoroughness import examples
from tests.fixtures.visitor import FORM, Visitor


def asked_for(database: Database) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(Confirmation)) or 0


def test_a_machine_that_fills_in_everything_is_told_what_everybody_is_told(sqlite_database: Database) -> None:
    make_list(sqlite_database)
    with served(sqlite_database) as site:
        visitor = Visitor(site)
        machine = visitor.subscribe("imaging", "ann@example.org", homepage="https://spam.example")
        assert asked_for(sqlite_database) == 0
        person = visitor.subscribe("imaging", "ann@example.org")
        assert (machine.status, machine.text) == (person.status, person.text)
    assert asked_for(sqlite_database) == 1


@pytest.mark.parametrize("seconds", [0, 1, 24 * 3600 + 1])
def test_a_form_too_soon_or_too_late_is_shown_again_with_what_was_typed(
    sqlite_database: Database, seconds: float
) -> None:
    make_list(sqlite_database)
    with served(sqlite_database) as site:
        page = Visitor(site).subscribe("imaging", "ann@example.org", waits=seconds, topic="ct")
    assert page.status == 400
    assert "press the button once more" in page.text
    assert 'value="ann@example.org"' in page.text
    assert re.search(r'value="ct" checked', page.text)
    assert asked_for(sqlite_database) == 0


def test_a_form_of_another_list_or_of_nobody_is_none(sqlite_database: Database) -> None:
    make_list(sqlite_database)
    make_list(sqlite_database, "other")
    with served(sqlite_database) as site:
        visitor = Visitor(site)
        shown = visitor.get("/subscribe/other")
        site.now += timedelta(seconds=5)
        for hidden in (shown.hidden, {"seen": "AAAA"}, {}):
            assert visitor.post("/subscribe/imaging", {**hidden, "email": "ann@example.org"}).status == 400
    assert asked_for(sqlite_database) == 0


def test_a_form_on_another_page_is_taken_from_a_browser_that_says_so(sqlite_database: Database) -> None:
    publication = make_list(sqlite_database)
    with served(sqlite_database) as site:
        html = embedded_form(site.newsletter, publication, "fr")
        action = re.search(r'action="https://news.example.org([^"]*)"', html)
        token = re.search(r'name="seen" value="([^"]*)"', html)
        assert action
        assert token
        assert "<script" not in html
        assert "style" not in html
        fields = {"seen": token[1], "email": "ann@example.org", "homepage": ""}
        visitor = Visitor(site)
        assert visitor.post(action[1], fields).status == 400  # says nothing of another site
        elsewhere = {"Origin": "https://clinic.example", "Sec-Fetch-Site": "cross-site"}
        page = visitor.post(action[1], fields, **elsewhere)
    assert (page.status, page.title) == (200, "Consultez votre messagerie")
    assert asked_for(sqlite_database) == 1


@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://evil.example"}]
)
def test_another_sites_page_changes_nothing_in_somebodys_name(
    sqlite_database: Database, headers: dict[str, str]
) -> None:
    publication = make_list(sqlite_database)
    make_people(sqlite_database, publication, 1, [Choice()])
    with served(sqlite_database) as site:
        visitor = Visitor(site)
        path = f"/preferences/{visitor.token('preferences', publication.id, 1)}"
        before = visitor.get(path).text
        assert visitor.post(path, {"form": "wishes", "topic.ct": "not"}, **headers).status == 403
        assert visitor.get(path).text == before
        assert visitor.post(path, {"form": "wishes", "topic.ct": "not"}, Origin="null").status == 200
        assert visitor.get(path).text != before


def test_a_flood_from_one_place_is_stopped_and_others_are_not(sqlite_database: Database) -> None:
    make_list(sqlite_database)
    hourly = FROM_A_HOST[0]
    with served(sqlite_database) as site:
        flood = Visitor(site)
        statuses = [flood.subscribe("imaging", f"n{number}@example.org").status for number in range(hourly.most + 2)]
        assert statuses == [200] * hourly.most + [429] * 2
        again = flood.subscribe("imaging", "more@example.org")
        assert 0 < int(again.headers["retry-after"]) <= 3600
        assert again.title == "Too many requests"
        assert Visitor(site, "198.51.100.7").subscribe("imaging", "ann@example.org").status == 200
        site.now += timedelta(hours=1)
        assert flood.subscribe("imaging", "later@example.org").status == 200
    with sqlite_database.read() as session:
        keys = session.scalars(select(Attempt.key)).all()
    assert keys
    assert all(re.fullmatch(r"[0-9a-f]{32}", key) for key in keys)


def test_nobody_is_bombed_from_many_places_and_by_many_lists(sqlite_database: Database) -> None:
    slugs = [make_list(sqlite_database, f"list-{number}").slug for number in range(8)]
    with served(sqlite_database) as site:
        for number, slug in enumerate(slugs):
            page = Visitor(site, f"203.0.{number}.1").subscribe(slug, "ann@example.org")
            assert page.status == 200
            site.now += timedelta(minutes=10)
    assert asked_for(sqlite_database) <= 3


def test_pages_are_loaded_so_often_and_then_later(sqlite_database: Database) -> None:
    make_list(sqlite_database)
    with served(sqlite_database) as site:
        visitor = Visitor(site, language="de")
        pages = [visitor.get("/") for _ in range(130)]
        assert {page.status for page in pages[:120]} == {200}
        assert pages[-1].status == 429
        assert pages[-1].title == "Zu viel auf einmal"
        assert Visitor(site, "198.51.100.7").get("/").status == 200


def test_a_body_without_end_is_not_read(sqlite_database: Database) -> None:
    make_list(sqlite_database)
    with served(sqlite_database) as site:
        assert site.post("/subscribe/imaging", b"a" * (LARGEST + 1), FORM)[0] == 400
        assert site.post("/subscribe/imaging", b"email=%00%ff&seen=%FF", FORM)[0] == 400


VISITS = st.lists(
    st.tuples(st.sampled_from(["GET", "HEAD"]), st.integers(0, 8), st.sampled_from(["", "?lang=ar", "?form=leave"])),
    max_size=8,
)


def test_whoever_only_looks_changes_nothing(sqlite_database: Database) -> None:
    publication = make_list(sqlite_database)
    with served(sqlite_database) as site:
        visitor = Visitor(site)
        visitor.joins(publication, "ann@example.org")
        visitor.subscribe("imaging", "ben@example.org")
        paths = [
            "/",
            "/subscribe/imaging",
            visitor.newest_confirmation(),
            f"/confirm/{visitor.token('confirm', 1)}",
            f"/preferences/{visitor.token('preferences', 1, 1)}",
            f"/unsubscribe/{visitor.token('unsubscribe', 1, 0, 1)}",
            f"/unsubscribe/{visitor.token('unsubscribe', 1, 0, 2)}",
            f"/view/{visitor.token('view', 1, 1)}",
            "/nothing",
        ]
        before = dump(sqlite_database)

        @settings(max_examples=examples(10))
        @given(VISITS)
        def look(visits: list[tuple[str, int, str]]) -> None:
            for method, number, query in visits:
                status, headers, _ = site.get(paths[number] + query, method)
                assert status < 500
                assert "set-cookie" not in headers
            assert dump(sqlite_database) == before

        look()


def dump(database: Database) -> list[str]:
    """Return everything that a database holds."""
    connection = sqlite3.connect(str(database.engine.url.database))
    try:
        return list(connection.iterdump())
    finally:
        connection.close()

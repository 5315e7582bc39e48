"""The page on which columns are mapped: what it shows, what it takes, whom it lets in."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from newsletter.bootstrap.mapping import Answers
from newsletter.web.mapping import rows
from subscribers.database import Database
from subscribers.importing import Instructions
from subscribers.importing.fields import Field
from subscribers.importing.mapping import Choices
from subscribers.models import Subscriber
from subscribers.publication import Publication, Topic
from tests.factories.people import make_list
from tests.fixtures.mapping import Sitting, sitting
from tests.fixtures.patience import PATIENCE

PEOPLE = "Kontakt;Vorname;Gruppe;\nann@example.org;Ann;IRM;x\nben@example.org;Ben;Dances,ct;\nnobody;Cy;;\n"
TOPICS = (Topic("ct", labels={"en": "CT"}), Topic("mri", labels={"en": "MRI"}))
RIGHT = {"column-1": "email", "column-2": "first_name", "column-3": "tags"}


@pytest.fixture
def publication(sqlite_database: Database) -> Publication:
    return make_list(sqlite_database, topics=TOPICS)


@pytest.fixture
def here(sqlite_database: Database, publication: Publication, tmp_path: Path) -> Iterator[Sitting]:
    file = tmp_path / "people.csv"
    file.write_text(PEOPLE, encoding="utf-8")
    with sitting(sqlite_database, publication, file) as there:
        yield there


def selected(text: str) -> list[str]:
    return re.findall(r'<option value="([^"]*)" selected>', text)


def test_every_column_is_shown_with_what_stands_in_it_and_what_it_seems_to_be(here: Sitting) -> None:
    page = here.enter()
    assert (page.status, page.language) == (200, "en")
    assert selected(page.text) == ["email", "first_name", "", ""]  # by the cells, by the heading
    for shown in ("people.csv", "semicolons", "UTF-8", "Kontakt", "Dances,ct", "Column 4", "ben@example.org"):
        assert shown in page.text


def test_it_is_looked_through_and_then_begins_with_what_was_said(here: Sitting, sqlite_database: Database) -> None:
    here.enter()
    shown = here.say(RIGHT)
    assert [re.findall(r"<td>(\d+)</td>", shown.text)] == [["2", "0", "0", "1", "3"]]
    assert "nobody" in shown.text
    assert here.started == []
    again = here.press(shown, "tags", **{"tag-1": "mri"})  # IRM, in the order of the file
    assert selected(again.text) == ["mri", ""]
    assert "has begun" in here.press(again, "start").text
    (answers,) = here.started
    assert answers == Answers({0: Field.EMAIL, 1: Field.FIRST_NAME, 2: Field.TAGS}, {"IRM": "mri"})
    said = here.desk.instructions(answers)
    assert said.choices.fields == {"Kontakt": Field.EMAIL, "Gruppe": Field.TAGS}
    with sqlite_database.read() as session:
        assert session.query(Subscriber).count() == 0  # the page itself changes nothing


@pytest.mark.parametrize(
    ("said", "field", "words"),
    [
        ({}, "column-1", "which column holds the e-mail addresses"),
        ({"column-1": "name"}, "column-2", "which column holds the e-mail addresses"),
        ({**RIGHT, "column-4": "email"}, "column-4", "what the column <bdi>Kontakt</bdi> is already"),
        ({**RIGHT, "column-3": "first_name"}, "column-3", "what the column <bdi>Vorname</bdi> is already"),
        ({"column-1": "shoe size"}, "column-1", "which column holds the e-mail addresses"),
    ],
)
def test_what_is_wrong_is_said_at_the_column(here: Sitting, said: dict[str, str], field: str, words: str) -> None:
    here.enter()
    page = here.say(said)
    assert page.status == 400
    assert re.findall(r'<select id="([^"]+)"[^>]* aria-invalid="true"', page.text) == [field]
    assert words in page.text
    assert [about for about in selected(page.text) if about] == [about for about in said.values() if " " not in about]
    assert here.desk.newest() is None  # nothing was looked at


def test_proof_of_consent_may_be_several_columns(here: Sitting) -> None:
    here.enter()
    assert here.say({"column-1": "email", "column-3": "proof", "column-4": "proof"}).status == 200


def test_a_file_without_headings_has_numbered_columns(
    sqlite_database: Database, publication: Publication, tmp_path: Path
) -> None:
    file = tmp_path / "people.csv"
    file.write_text("ann@example.org,Ann\nben@example.org,Ben\n", encoding="utf-8")
    with sitting(sqlite_database, publication, file, dry_run=True) as here:
        assert "Column 2" in here.enter().text
        shown = here.say({"column-1": "email", "column-2": "name"})
        assert re.findall(r"<td>(\d+)</td>", shown.text) == ["2", "0", "0", "0", "2"]
        assert "The trial is over" in here.press(shown, "start").text
    said = here.desk.instructions(here.started[0])
    assert said.headings == ("column 1", "column 2")
    assert said.choices.fields == {"column 1": Field.EMAIL, "column 2": Field.NAME}


def test_what_was_said_in_options_stands_there_already(
    sqlite_database: Database, publication: Publication, tmp_path: Path
) -> None:
    file = tmp_path / "people.csv"
    file.write_text(PEOPLE, encoding="utf-8")
    said = Instructions(choices=Choices(fields={"Kontakt": Field.EMAIL, "#4": Field.PROOF}), tags={"IRM": "mri"})
    with sitting(sqlite_database, publication, file, said) as here:
        assert selected(here.enter().text) == ["email", "first_name", "", "proof"]
        assert here.desk.instructions(here.desk.before()).tags == {"IRM": "mri"}


def test_the_address_that_is_printed_works_once(here: Sitting) -> None:
    assert here.visitor.post(here.ticket).status == 405
    assert here.visitor.site.asked(here.ticket, None, {"Sec-Purpose": "prefetch;prerender"})[0] == 503  # not spent
    here.enter()
    second = here.visitor.get(here.ticket)
    assert second.status == 410
    assert here.path.strip("/") not in second.text  # nor does it tell where the first one led
    assert here.visitor.get(here.path).status == 200


@pytest.mark.parametrize("path", ["/", "/x", "/x/", "/x/rows", "/subscribe/imaging", "/healthz"])
def test_nothing_else_is_there(here: Sitting, path: str) -> None:
    assert here.visitor.get(path).status == 404


@pytest.mark.parametrize("host", ["news.example.org", "127.0.0.1", "127.0.0.1:1", "evil.example:{port}", ""])
def test_only_loopback_is_a_host_of_it(here: Sitting, host: str) -> None:
    here.enter()
    port = here.url.rpartition(":")[2]
    for path in (here.ticket, here.path, here.path + "rows", "/style/pages/x.css"):
        status, _, body = here.visitor.site.asked(path, None, {"Host": host.format(port=port)})
        assert (status, body) == (421, b"Misdirected Request\n"), path
    assert here.visitor.site.asked(here.path, None, {"Host": f"localhost:{port}"})[0] == 200


@pytest.mark.parametrize(
    ("token", "headers"),
    [("", {}), ("x", {}), (None, {"Sec_Fetch_Site": "cross-site"}), (None, {"Origin": "https://evil.example"})],
)
def test_a_form_of_somebody_elses_does_nothing(here: Sitting, token: str | None, headers: dict[str, str]) -> None:
    here.enter()
    given = here.desk.token if token is None else token
    page = here.send("", {"token": given, **RIGHT}, **headers)
    assert page.status == 403
    assert here.desk.newest() is None


def test_the_button_pressed_twice_begins_once(here: Sitting) -> None:
    here.enter()
    shown = here.say(RIGHT)
    titles = [here.press(shown, "start").title for _ in range(2)]
    assert titles == ["The import has begun"] * 2
    assert len(here.started) == 1
    assert here.say({"column-1": "email"}).title == "The import has begun"  # too late for another mapping
    assert here.desk.before().fields[2] is Field.TAGS


def test_a_look_that_was_overtaken_does_not_begin(here: Sitting) -> None:
    here.enter()
    old = here.say(RIGHT)
    here.say({"column-1": "email"})
    page = here.press(old, "start")
    assert (page.title, here.started) == ("What would become of the rows", [])
    assert page.hidden["look"] == "2"


def test_the_rows_before_there_is_a_look_lead_to_the_columns(here: Sitting) -> None:
    here.enter()
    answer = here.visitor.get(here.path + "rows")
    assert answer.headers["location"] == f"{here.path}?lang=en"


def test_headers_are_those_of_the_public_pages(here: Sitting) -> None:
    page = here.enter()
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "unsafe" not in page.headers["content-security-policy"]
    assert (page.headers["cache-control"], page.headers["referrer-policy"]) == ("no-store", "no-referrer")
    assert "<script" not in page.text
    sheets = re.findall(r'<link rel="stylesheet" href="([^"]+)"', page.text)
    assert [here.visitor.get(sheet).status for sheet in sheets] == [200, 200]


def test_a_file_that_turns_out_to_be_damaged_is_said_and_can_be_gone_back_from(
    sqlite_database: Database, publication: Publication, tmp_path: Path
) -> None:
    file = tmp_path / "people.csv"
    file.write_text(PEOPLE, encoding="utf-8")
    with sitting(sqlite_database, publication, file) as here:
        here.enter()
        file.write_bytes(b"")
        page = here.say(RIGHT)
        assert "people.csv is empty" in page.text
        assert "start" not in page.hidden.values()
        assert here.press(page, "start", look="1", token=here.desk.token).title == "What would become of the rows"
        assert here.started == []


def test_a_long_look_is_waited_for_with_how_far_it_is(here: Sitting, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "_PATIENCE", 0.0)
    here.enter()
    going, on = threading.Event(), threading.Event()

    def delay(moved: Callable[[int, int], None]) -> None:
        moved(12_000, 40_000)
        going.set()
        on.wait(PATIENCE)

    here.delay = delay
    posted = here.visitor.post(here.path, {"token": here.desk.token, **RIGHT})
    assert going.wait(PATIENCE)
    waiting = here.visitor.get(posted.headers["location"])
    assert (waiting.title, waiting.headers["refresh"]) == ("Looking at the rows", "3")
    assert "12,000 of 40,000 lines so far" in waiting.text
    assert here.send("rows", {"token": here.desk.token, "look": "1", "form": "start"}).title == "Looking at the rows"
    on.set()
    assert here.desk.newest(PATIENCE)
    assert here.visitor.get(posted.headers["location"]).title == "What would become of the rows"
    assert here.started == []

"""The page of an import in a real browser: open to everybody, whichever way one reads, usable without scripts."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser

from subscribers.database import Database
from subscribers.publication import Topic
from tests.browser.test_pages import faults
from tests.factories.people import make_list
from tests.fixtures.mapping import sitting

TOPICS = (Topic("ct", labels={"en": "CT"}), Topic("mri", labels={"en": "MRI", "ar": "الرنين المغناطيسي"}))
PEOPLE = (
    "Kontakt;Vorname;Gruppe;Notiz\n"
    "ann@example.org;Ann;IRM;\n"
    "a.very.long.address.of.a.person@radiology.university-hospital.example.org;Ben;Dances,ct;seen in May\n"
    "info@example.org;ليلى;;\nnobody;Cy;;\n"
)


def test_both_pages_are_open_to_everybody(chromium: Browser, sqlite_database: Database, tmp_path: Path) -> None:
    publication = make_list(sqlite_database, name="IA & Imagerie", topics=TOPICS)
    file = tmp_path / "people.csv"
    file.write_text(PEOPLE, encoding="utf-8")
    with sitting(sqlite_database, publication, file) as here:
        page = chromium.new_page(viewport={"width": 320, "height": 800})
        refused: list[str] = []
        page.on("console", lambda message: refused.append(message.text) if "Security Policy" in message.text else None)
        page.goto(here.url + here.ticket)
        columns = page.url

        def is_open(language: str) -> None:
            assert page.get_attribute("html", "lang") == language
            assert page.locator("script").count() == 0
            assert page.evaluate("document.documentElement.scrollWidth") == 320
            assert faults(page) == []

        for language in ("de", "ar"):  # by day and by night; the others are as wide and as dark
            page.emulate_media(color_scheme="dark" if language == "ar" else "light")
            page.goto(f"{columns}?lang={language}")
            is_open(language)
            page.select_option("#column-1", "")
            page.click("#look")
            assert page.locator("[aria-invalid]").count() == 1
            page.click(".errors a")
            assert page.evaluate("document.activeElement.id") == "column-1"
            page.select_option("#column-1", "email")
            page.select_option("#column-3", "tags")
            page.click("#look")
            page.wait_for_selector("#start")
            is_open(language)
            page.select_option("#tag-1", "mri")
            page.click("#tags")
            page.wait_for_selector("#start")
            assert page.input_value("#tag-1") == "mri"
            page.click("a.button.second")  # back
            assert page.input_value("#column-1") == "email"
        assert refused == []
        page.close()


def test_a_file_is_mapped_by_clicking_without_scripts(
    chromium: Browser, sqlite_database: Database, tmp_path: Path
) -> None:
    file = tmp_path / "people.csv"
    file.write_text(PEOPLE, encoding="utf-8")
    with sitting(sqlite_database, make_list(sqlite_database, topics=TOPICS), file) as here:
        page = chromium.new_page(java_script_enabled=False)
        page.goto(here.url + here.ticket)
        page.select_option("#column-1", "email")
        page.click("#look")
        page.click("#start")
        assert page.inner_text("h1") == "The import has begun"
        assert len(here.started) == 1
        page.close()

"""Pages in a real browser: open to everybody in four languages, usable without scripts, a whole life by clicking."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from newsletter.bootstrap.embedding import embedded_form
from newsletter.rendering.catalogs import catalog_languages
from subscribers.database import Database
from subscribers.models import Subscription
from subscribers.publication import Branding, Policies, Publication, Topic
from tests.factories.people import make_list
from tests.fixtures.site import Site, served
from tests.fixtures.visitor import Visitor

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RULES = {"runOnly": {"type": "tag", "values": TAGS}, "resultTypes": ["violations"]}
TOPICS = (
    Topic(
        "ct",
        labels={"fr": "Scanner", "en": "CT", "de": "CT", "ar": "التصوير المقطعي"},
        descriptions={"fr": "Dose et reconstruction.", "en": "Dose and reconstruction."},
    ),
    Topic("mri", labels={"fr": "IRM", "en": "MRI", "de": "MRT", "ar": "الرنين المغناطيسي"}),
)


@dataclass
class Stage:
    """A site on which somebody has subscribed, somebody waits, and somebody left."""

    site: Site
    publication: Publication
    paths: dict[str, str]
    """Every page, by what it shows."""


@contextmanager
def stage(database: Database) -> Iterator[Stage]:
    publication = make_list(
        database,
        name="IA & Imagerie",
        topics=TOPICS,
        branding=Branding(accent="#f2c200", tagline={"fr": "Chaque semaine", "ar": "كل أسبوع"}),  # hard to read
        policies=Policies(digest_offered=True),
    )
    other = make_list(database, "other", name="Other")
    with served(database, "http://127.0.0.1") as site:
        visitor = Visitor(site)
        ann, ben = (visitor.joins(publication, f"{name}@example.org") for name in ("ann", "ben"))
        visitor.joins(other, "ann@example.org")
        assert visitor.subscribe("imaging", "cat@example.org").status == 200
        token = visitor.token
        left = f"/unsubscribe/{token('unsubscribe', publication.id, 0, ben)}"
        visitor.post(left, {"form": "leave"})
        paths = {
            "home": "/",
            "subscribe": "/subscribe/imaging",
            "confirm": visitor.newest_confirmation(),
            "confirmed": f"/confirm/{token('confirm', 1)}",
            "preferences": f"/preferences/{token('preferences', publication.id, ann)}",
            "unsubscribe": f"/unsubscribe/{token('unsubscribe', publication.id, 0, ann)}",
            "left": left,
            "gone": f"/preferences/{token('preferences', publication.id, 99)}",
        }
        yield Stage(site, publication, paths)


def faults(page: Page) -> list[str]:
    """Return what axe-core finds, each with where it is."""
    found = Axe().run(page, options=RULES).response["violations"]
    return [
        f"{each['id']}: {node['html'][:120]} ({node['failureSummary']})" for each in found for node in each["nodes"]
    ]


def test_every_page_is_open_to_everybody(chromium: Browser, sqlite_database: Database) -> None:
    with stage(sqlite_database) as there:
        page = chromium.new_page(viewport={"width": 320, "height": 800})
        refused: list[str] = []
        page.on("console", lambda message: refused.append(message.text) if "Security Policy" in message.text else None)
        for name, path in there.paths.items():
            for language in catalog_languages():
                page.emulate_media(color_scheme="dark" if language in {"ar", "fr"} else "light")
                page.goto(f"{there.site.url}{path}?lang={language}")
                assert page.get_attribute("html", "lang") == language
                assert page.get_attribute("html", "dir") == ("rtl" if language == "ar" else "ltr")
                assert page.locator("script").count() == 0
                assert page.evaluate("document.documentElement.scrollWidth") == 320, (name, language)
                assert faults(page) == [], (name, language)
        page.close()
        assert refused == []


def test_what_shuts_people_out_would_be_found(chromium: Browser) -> None:
    page = chromium.new_page()
    page.set_content("<html lang=en><title>x</title><main><h1>x</h1><input><p style='color:#aaa'>pale</p></main>")
    assert {each.partition(":")[0] for each in faults(page)} == {"label", "color-contrast"}
    page.close()


def test_a_form_to_be_mended_is_open_to_everybody(chromium: Browser, sqlite_database: Database) -> None:
    with stage(sqlite_database) as there:
        page = chromium.new_page(java_script_enabled=True)
        page.goto(f"{there.site.url}/subscribe/imaging?lang=de")
        page.fill("#email", "nobody")
        there.site.now += timedelta(seconds=3)
        page.click("#send")
        assert page.get_attribute("#email", "aria-invalid") == "true"
        assert page.input_value("#email") == "nobody"
        assert faults(page) == []
        page.click(".errors a")
        assert page.evaluate("document.activeElement.id") == "email"
        page.close()


def test_a_whole_life_by_clicking_without_scripts(chromium: Browser, sqlite_database: Database) -> None:
    language = "ar"
    with stage(sqlite_database) as there:
        site, visitor = there.site, Visitor(there.site)
        page = chromium.new_page(java_script_enabled=False, viewport={"width": 375, "height": 800})
        page.goto(f"{site.url}/?lang={language}")
        page.click("a[href*='/subscribe/imaging']")
        page.fill("#email", "dora@example.org")
        page.select_option("#language", "fr")
        page.check("#topic-ct")
        site.now += timedelta(seconds=3)
        page.click("#send")
        page.goto(f"{site.url}{visitor.newest_confirmation()}?lang={language}")
        page.click("button")
        page.click("a.button")  # to the preferences
        assert page.is_checked("#want-ct")
        page.check("#not-ct")
        page.select_option("#language", "en")
        page.fill("#pause", "2026-04-01")
        page.click("form.card button >> nth=0")
        assert page.locator(".done").count() == 1
        page.click("form:has(input[value=resume]) button")
        page.fill("#email", "dora@new.example.org")
        page.click("form:has(input[value=address]) button")
        page.goto(f"{site.url}{visitor.newest_confirmation()}?lang={language}")
        page.click("button")
        page.click("a.button")
        assert "d…@new.example.org" in page.inner_text(".mailbox")
        page.click("a[href*='/unsubscribe/']")
        page.click("button >> nth=0")
        page.check("#reason-no-time")
        page.click("form:has(input[value=reason]) button")
        page.click("#undo")
        page.click("a.button")
        assert page.is_checked("#not-ct")  # as before
        page.close()
    with sqlite_database.read() as session:
        newest = session.query(Subscription).order_by(Subscription.subscriber_id.desc()).first()
        assert newest is not None
        assert (newest.status, newest.languages, newest.topics_excluded) == ("active", "en", "ct")


def test_a_form_on_another_site_leads_here(chromium: Browser, sqlite_database: Database) -> None:
    with stage(sqlite_database) as there:
        settings = replace(there.site.newsletter.settings, public_url=there.site.url)
        html = embedded_form(replace(there.site.newsletter, settings=settings), there.publication, "de")
        page = chromium.new_page(java_script_enabled=False)
        page.route("https://clinic.example/", lambda route: route.fulfill(body=html, content_type="text/html"))
        page.goto("https://clinic.example/")
        page.fill("input[type=email]", "dora@example.org")
        page.click("button")
        assert page.inner_text("h1") == "Sehen Sie in Ihr Postfach"
        page.close()


def test_the_keyboard_is_enough_and_shows_where_it_is(chromium: Browser, sqlite_database: Database) -> None:
    with stage(sqlite_database) as there:
        page = chromium.new_page()
        page.goto(f"{there.site.url}{there.paths['unsubscribe']}")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        box = page.locator(".skip").bounding_box()
        assert box is not None
        assert box["y"] >= 0  # it comes into sight
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.tagName") == "BUTTON"
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineWidth")
        assert re.fullmatch(r"[2-9](\.\d+)?px", outline)
        page.keyboard.press("Enter")
        page.wait_for_selector("#undo")
        page.close()

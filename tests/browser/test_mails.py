"""Mails as a browser shows them: nothing sticks out, everything can be read, Arabic begins on the right."""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from newsletter.issues.model import Article, Issue
from newsletter.rendering.edition import compile_edition
from subscribers.ports import NoticeKind
from tests.factories import notices
from tests.factories.issues import sample_document
from tests.unit.rendering.samples import PAIRS, PUBLICATION, edition, html

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

WIDTHS = (320, 375, 600, 1200)
EVERY_PAIR = pytest.mark.parametrize(("content_language", "language"), PAIRS)

CONTRASTS = """() => {
  const channels = colour => colour.match(/[\\d.]+/g).map(Number);
  const luminance = ([r, g, b]) => [r, g, b].map(v => v / 255)
    .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = element => {
    for (; element; element = element.parentElement) {
      const colour = channels(getComputedStyle(element).backgroundColor);
      if (colour.length === 3 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement, style = getComputedStyle(element);
    if (!node.data.trim() || !element.getClientRects().length || style.opacity === '0') continue;
    const [a, b] = [luminance(channels(style.color)), luminance(ground(element))].sort((x, y) => y - x);
    found.push([(a + 0.05) / (b + 0.05), node.data.trim().slice(0, 40), style.color]);
  }
  return found;
}"""


@contextmanager
def shown(chromium: Browser, mail: str, *, width: int = 600, scheme: str = "light") -> Iterator[Page]:
    """A page that shows `mail` and fetches nothing."""
    page = chromium.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme, offline=True)  # type: ignore[arg-type]  # one of the two that there are
    try:
        page.set_content(mail)
        yield page
    finally:
        page.close()


@EVERY_PAIR
def test_nothing_sticks_out_at_any_width(chromium: Browser, content_language: str, language: str) -> None:
    with shown(chromium, html(edition(content_language, language))) as page:
        assert page.evaluate("document.compatMode") == "CSS1Compat"
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate("document.documentElement.scrollWidth") == width


def test_a_word_without_an_end_is_broken(chromium: Browser) -> None:
    document = sample_document()
    article = document.sections[1].items[0]
    assert isinstance(article, Article)
    endless = replace(article, title="mot" * 700, body="x" * 2000, journal="y" * 300)
    sections = (replace(document.sections[1], heading="Z" * 200, items=(endless,)), *document.sections[2:])
    issue = Issue(date=document.period.end, documents={"fr": replace(document, sections=sections)})
    mail = html(compile_edition(issue, PUBLICATION, content_language="fr", language="fr"))
    with shown(chromium, mail, width=320) as page:
        assert page.evaluate("document.documentElement.scrollWidth") == 320


@pytest.mark.parametrize("scheme", ["light", "dark"])
@EVERY_PAIR
def test_all_text_can_be_read(chromium: Browser, content_language: str, language: str, scheme: str) -> None:
    with shown(chromium, html(edition(content_language, language)), scheme=scheme) as page:
        contrasts = page.evaluate(CONTRASTS)
    assert len(contrasts) > 60
    assert [row for row in contrasts if row[0] < 4.5] == []


def test_the_dark_is_dark(chromium: Browser) -> None:
    with shown(chromium, html(edition()), scheme="dark") as page:
        grounds = page.evaluate(
            """() => [...document.querySelectorAll('body, body *')].map(e => getComputedStyle(e).backgroundColor)
                .filter(c => !c.includes('rgba')).map(c => Math.max(...c.match(/\\d+/g).map(Number)))"""
        )
    assert len(grounds) > 10
    assert max(grounds) < 80


def test_arabic_begins_on_the_right_and_french_in_it_on_the_left(chromium: Browser) -> None:
    arabic, french = (".name", ".greeting", ".contents", ".foot"), (".title", ".body", ".heading", ".lead")
    with shown(chromium, html(edition("fr", "ar"))) as page:
        aligned = page.evaluate(
            """classes => classes.map(name => getComputedStyle(document.querySelector(name)))
                .map(style => [style.textAlign, style.direction])""",
            [*arabic, *french],
        )
    assert aligned == [["right", "rtl"]] * len(arabic) + [["left", "ltr"]] * len(french)


def test_identifiers_stay_in_order_among_arabic(chromium: Browser) -> None:
    with shown(chromium, html(edition("ar", "ar"))) as page:
        shown_left_to_right = page.evaluate(
            """() => { const p = document.querySelector('.links span[dir=ltr]');
                const range = document.createRange(), text = p.firstChild;
                range.selectNode(text); const label = range.getBoundingClientRect();
                return label.right <= p.querySelector('a').getBoundingClientRect().left + 1; }"""
        )
    assert shown_left_to_right


def test_contents_lead_to_their_sections(chromium: Browser) -> None:
    with shown(chromium, html(edition())) as page:
        names = page.evaluate(
            "[...document.querySelectorAll('.contents-line')].map(a => a.getAttribute('href').slice(1))"
        )
        assert names == ["articles", "announcements", "media", "societies", "leaders"]
        assert all(page.locator(f'a[name="{name}"]').count() == 1 for name in names)


def test_the_preheader_is_read_by_inboxes_only(chromium: Browser) -> None:
    with shown(chromium, html(edition())) as page:
        first = page.locator("body > div").first
        assert not first.is_visible()
        assert (first.text_content() or "").strip()


def test_outlook_sees_a_mail_of_600_pixels(chromium: Browser) -> None:
    mail = re.sub(r"<!--\[if !mso\]><!-->.*?<!--<!\[endif\]-->", "", html(edition()), flags=re.DOTALL)
    outlook = re.sub(r"<!--\[if [^\]]*\]>(.*?)<!\[endif\]-->", r"\1", mail, flags=re.DOTALL)
    with shown(chromium, outlook, width=1200) as page:
        widths = page.evaluate("[...document.querySelectorAll('table')].map(t => t.getBoundingClientRect().width)")
        grounds = page.evaluate("document.querySelectorAll('table[bgcolor]').length")
    assert max(widths) == 600
    assert grounds == 9


def test_only_the_logo_is_fetched(chromium: Browser) -> None:
    page = chromium.new_page(offline=True)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.set_content(html(edition()))
    page.close()
    assert asked == [PUBLICATION.branding.logo_url]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    ("kind", "language"), [(NoticeKind.CONFIRM, "ar"), (NoticeKind.WELCOME, "fr"), (NoticeKind.ALREADY, "de")]
)
def test_notices_can_be_read_and_pressed(chromium: Browser, kind: NoticeKind, language: str, scheme: str) -> None:
    with shown(chromium, notices.filled(notices.form(kind, language).html), width=320, scheme=scheme) as page:
        assert page.evaluate("document.documentElement.scrollWidth") == 320
        contrasts = page.evaluate(CONTRASTS)
        button = page.locator("td.button a")
        box = button.bounding_box()
    assert len(contrasts) > 7
    assert [row for row in contrasts if row[0] < 4.5] == []
    assert box is not None
    assert box["height"] >= 44, "a thumb needs as much"

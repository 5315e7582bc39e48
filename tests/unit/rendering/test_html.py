"""The HTML mail: what it says, how it is built, and that no content breaks it."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from newsletter.issues.model import Article, Issue, Kind, Link, OpinionLeader
from newsletter.rendering.colours import palettes
from newsletter.rendering.edition import compile_edition, compile_selection
from tests.factories.issues import DATE, PERIOD, sample_document, small_issue
from tests.fixtures.thoroughness import examples
from tests.strategies import issues, texts
from tests.unit.rendering.samples import ISSUE, PAIRS, PUBLICATION, edition, everything, html

if TYPE_CHECKING:
    from newsletter.issues.model import Item

EVERY_PAIR = pytest.mark.parametrize(("content_language", "language"), PAIRS)


def with_item(item: Item, *, at: int = 1, language: str = "fr") -> Issue:
    """The sample issue in one language with another item at a position."""
    document = sample_document(language)
    sections, position = [], 0
    for section in document.sections:
        items = [item if position + index == at else old for index, old in enumerate(section.items)]
        position += len(items)
        sections.append(replace(section, items=tuple(items)))
    return Issue(date=DATE, documents={language: replace(document, sections=tuple(sections))})


def compiled(item: Item, *, at: int = 1, language: str = "fr") -> str:
    return html(compile_edition(with_item(item, at=at), PUBLICATION, content_language="fr", language=language))


def words(of: str) -> str:
    """What a reader reads, white space folded."""
    body = re.sub(r"<!--.*?-->", "", of[of.index("<body") :], flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split(" "))


@EVERY_PAIR
def test_traps_of_the_compilers(content_language: str, language: str) -> None:
    mail = html(edition(content_language, language))
    assert mail.startswith("<!DOCTYPE html>")
    assert r"\u{" not in mail
    assert "fonts.googleapis" not in mail
    assert all(" alt=" in image for image in re.findall(r"<img[^>]*>", mail))
    assert f'<html lang="{language}" dir="{"rtl" if language == "ar" else "ltr"}"' in mail
    assert "slot-" not in mail
    assert "cut-" not in mail


@EVERY_PAIR
def test_direction_is_right_everywhere(content_language: str, language: str) -> None:
    mail = html(edition(content_language, language))
    wrong = "direction:ltr" if language == "ar" else "direction:rtl"
    body = mail[mail.index("<body") :]
    assert wrong not in body
    foreign = f' lang="{content_language}" dir="{"rtl" if content_language == "ar" else "ltr"}"'
    assert (f'<div class="content"{foreign}' in body) is (content_language != language)


def test_every_ground_has_its_rule_for_the_dark() -> None:
    mail = html(edition())
    dark = mail[mail.index("@media (prefers-color-scheme: dark)") :].partition("[data-ogs")[0]
    body = mail[mail.index("<body") :]
    grounds = re.findall(r"<(\w+)((?:(?!>)[\s\S])*?background(?:-color)?:[^>]*)>", re.sub(r"<!--.*?-->", "", body))
    assert grounds
    ruled = {
        selector.strip()
        for selectors in re.findall(r"^([^{@}]+)\{ background-color", dark, re.MULTILINE)
        for selector in selectors.split(",")
    }
    for tag, attributes in grounds:
        classes = re.search(r'class="([^"]*)"', attributes)
        names = {f".{name}" for name in (classes[1].split() if classes else [])}
        # a section's table repeats the ground of the section around it
        assert tag in {"body", "table"} or any(name in selector for selector in ruled for name in names), attributes
    assert {".card > table", ".outside > table", "body"} <= ruled
    assert mail.count("[data-ogsb]") > 0 < mail.count("[data-ogsc]")


def test_colours_are_those_of_the_list() -> None:
    colours = palettes(PUBLICATION.branding)
    mail = html(edition())
    assert all(colour in mail for colour in (colours.light.accent, colours.dark.accent, colours.dark.card))


def test_a_mail_says_what_an_issue_says() -> None:
    mail = words(html(edition()))
    for _, _, item in sample_document().items():
        for expected in (item.title, *item.body.split()):
            plain = re.sub(r"[*_\[\]()\\]|\(https.*\)", "", expected)
            assert all(word in mail for word in re.findall(r"\w{4,}", plain) if "http" not in expected)


def test_identifiers_lead_to_their_pages() -> None:
    article = Article(title="T", journal="J", doi="10.5555/a<b>(c)&d", pmid="123", body="B")
    mail = compiled(article)
    assert 'href="https://doi.org/10.5555/a%3Cb%3E(c)%26d"' in mail.replace("&#40;", "(").replace("&#41;", ")")
    assert 'href="https://pubmed.ncbi.nlm.nih.gov/123/"' in mail


def test_a_missing_address_is_said_in_words_and_never_a_dead_link() -> None:
    article = Article(title="T", indexing_pending=True, links=(Link("Communiqué", None), Link("Autre", "javascript:x")))
    mail = compiled(article)
    assert "Source\u00a0: Communiqué (lien à venir)" in words(mail).replace("  ", " ")
    assert "Source\u00a0: Autre (lien à venir)" in words(mail).replace("  ", " ")
    assert "PMID\u00a0: indexation en attente" in words(mail)
    assert "javascript" not in mail
    assert not re.search(r'href="(#"|"|#\s)', mail)
    assert "Source: Communiqué (link to come)" in words(compiled(article, language="en")).replace("  ", " ")


def test_a_quotation_is_set_as_one_in_its_own_language() -> None:
    mail = html(edition())
    quotes = re.findall(r"<blockquote[^>]*>(.*?)</blockquote>", mail, re.DOTALL)
    leaders = [item for _, kind, item in sample_document().items() if kind is Kind.LEADERS]
    assert len(quotes) == sum(isinstance(item, OpinionLeader) and item.quotation is not None for item in leaders)
    assert re.search(r'<blockquote class="quote ltr" lang="en" dir="ltr"[^>]*><p[^>]*>“', mail)


@pytest.mark.parametrize(
    ("content_language", "language", "line"),
    [
        ("fr", "ar", "وتقرؤونه باللغة الفرنسية"),
        ("fr", "de", "Sie lesen sie auf Französisch"),
        ("en", "fr", "vous le lisez en anglais"),
        ("ar", "en", "you are reading it in Arabic"),
    ],
)
def test_another_language_than_the_reader_s_is_said(content_language: str, language: str, line: str) -> None:
    assert line in html(edition(content_language, language))


def test_the_reader_s_own_language_needs_no_saying() -> None:
    assert "not available in" not in html(edition("en", "en"))


def test_the_foot_says_who_writes_why_and_how_to_leave() -> None:
    mail = html(edition())
    foot = words(mail)[-400:]
    assert "zoe@example.net" in foot
    assert "au titre de votre abonnement" in foot
    assert "1 rue de l\u2019Exemple" in foot
    for page in ("view", "preferences", "unsubscribe"):
        assert f'href="https://news.example.org/{page}/TOKEN"' in mail


def test_contents_name_what_is_there() -> None:
    assert "2 articles" in html(edition())
    few = html(edition(), [0, 1, 7])
    assert "1 article" in words(few)
    assert 'href="#societies"' in few
    assert 'href="#media"' not in few
    assert "Dans ce numéro" not in html(edition(), [0])


def test_a_section_without_items_is_gone() -> None:
    only_media = words(html(edition(), [5]))
    headings = {section.kind: section.heading for section in sample_document().sections}
    assert headings[Kind.MEDIA] in only_media
    assert not any(headings[kind] in only_media for kind in Kind if kind is not Kind.MEDIA)


def test_template_braces_and_marks_in_the_content_are_text() -> None:
    wild = '{{ 7*7 }} {% raw %} {name} slot-0-email- <!--cut-0:1--> <b>&amp; "x" \\u{a0} %(a)s'
    mail = compiled(
        Article(title=wild, journal=wild, authors=wild, body="B", links=(Link(wild, "https://example.org"),))
    )
    assert "{{ 7*7 }}" in mail
    assert "slot-0-email-" in mail
    assert "&lt;!--cut-0:1--&gt;" in mail
    assert "&lt;b&gt;" in mail


@pytest.mark.parametrize(
    "wild",
    [
        "x" * 2000,
        "p <0.05 -- ]]>",
        "\u0645\u064f\u062d\u064e\u0645\u0651\u064e\u062f",
        "e\u0301👩\u200d🔬\ufeff\u00ad",
        "\x07\x00\x1b[0m",
    ],
)
def test_wild_words_compile(wild: str) -> None:
    item = Article(
        title=wild, journal=wild, date=wild, authors=wild, body=wild, doi="10.5555/1", links=(Link(wild, None),)
    )
    mail = compiled(item)
    assert r"\u{" not in mail
    assert all(character in mail for character in wild if character.isalpha())


class Nesting(HTMLParser):
    """A second opinion on what is well-formed."""

    void = frozenset({"meta", "br", "img", "link"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len({name for name, _ in attrs}) == len(attrs)
        if tag not in self.void:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def assert_well_formed(mail: str) -> None:
    outlook = re.sub(r"<!--\[if !mso\]><!-->.*?<!--<!\[endif\]-->", "", mail, flags=re.DOTALL)
    outlook = re.sub(r"<!--\[if [^\]]*\]>(.*?)<!\[endif\]-->", r"\1", outlook, flags=re.DOTALL)
    for reading in (mail, outlook):
        nesting = Nesting()
        nesting.feed(reading)
        nesting.close()
        assert not nesting.open


@given(chosen=st.frozensets(st.integers(0, 9)))
@example(chosen=frozenset())
@settings(max_examples=examples(13))
@EVERY_PAIR
def test_every_choice_is_well_formed_in_both_readings(
    content_language: str, language: str, chosen: frozenset[int]
) -> None:
    assert_well_formed(html(edition(content_language, language), chosen))


@given(issue=issues() | issues(("ar", "pt-br")), data=st.data())
@settings(max_examples=examples(20), suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_whatever_an_issue_holds_it_compiles_and_any_choice_equals_its_own_compile(
    issue: Issue, data: st.DataObject
) -> None:
    content_language = data.draw(st.sampled_from(sorted(issue.documents)))
    language = data.draw(st.sampled_from(["fr", "en", "de", "ar"]))
    whole = compile_edition(issue, PUBLICATION, content_language=content_language, language=language)
    chosen = data.draw(st.frozensets(st.sampled_from(everything(whole))))
    alone = compile_selection(issue, PUBLICATION, chosen, content_language=content_language, language=language)
    mail = html(whole, chosen)
    assert mail == html(alone, chosen)
    assert r"\u{" not in mail
    assert_well_formed(mail)


@given(wild=texts(min_size=1), url=st.sampled_from(["javascript:alert(1)", 'https://example.org/"é {{x}}.png', "x"]))
@settings(max_examples=examples(13))
def test_a_list_may_be_called_anything(wild: str, url: str) -> None:
    branding = replace(PUBLICATION.branding, logo_url=url, logo_alt=wild, tagline={"fr": wild}, logo_width=2000)
    wildly = replace(PUBLICATION, name=wild, postal_address=f"{wild}\n{wild}", branding=branding)
    mail = html(compile_edition(small_issue("fr"), wildly, content_language="fr", language="fr"), [0, 1])
    assert_well_formed(mail)
    assert r"\u{" not in mail
    assert 'src="javascript' not in mail


def test_a_small_issue_and_a_list_without_a_face() -> None:
    plain = replace(PUBLICATION, branding=type(PUBLICATION.branding)(), postal_address="")
    mail = html(compile_edition(small_issue("fr"), plain, content_language="fr", language="fr"))
    assert "<img" not in mail
    assert PERIOD.start.strftime("%Y") in mail
    assert ISSUE.documents["fr"].title in mail

"""Mails outside campaigns: each kind in each language, from the list's own words alone."""

from __future__ import annotations

from dataclasses import replace
from html import unescape
from typing import TYPE_CHECKING

import pytest

from newsletter.errors import Refused
from newsletter.rendering.catalogs import catalog_languages
from newsletter.rendering.edition import Slot
from newsletter.rendering.notice_form import NoticeForm, compile_notice
from newsletter.rendering.plaintext import WIDTH
from subscribers.ports import NoticeKind
from subscribers.publication import Branding, Topic
from tests.factories.notices import filled, form
from tests.unit.rendering.samples import PUBLICATION

if TYPE_CHECKING:
    from collections.abc import Iterable

    from newsletter.rendering.edition import Part

EVERY_KIND = pytest.mark.parametrize("kind", NoticeKind)
EVERY_LANGUAGE = pytest.mark.parametrize("language", catalog_languages())
_CONFIRMS = {NoticeKind.CONFIRM, NoticeKind.NEW_ADDRESS, NoticeKind.REPERMISSION}
_OF_SUBSCRIBERS = {NoticeKind.WELCOME, NoticeKind.REPERMISSION, NoticeKind.ALREADY}


def slots(parts: Iterable[Part]) -> list[str]:
    return [part.name for part in parts if isinstance(part, Slot)]


@EVERY_KIND
@EVERY_LANGUAGE
def test_both_forms_lead_to_the_same_pages(kind: NoticeKind, language: str) -> None:
    mail = form(kind, language)
    led_to = {name for name in slots(mail.html) if name.endswith("_url")}
    assert led_to == {name for name in slots(mail.text) if name.endswith("_url")}
    assert ("confirm_url" in led_to) == (kind in _CONFIRMS)
    assert ("unsubscribe_url" in led_to) == (kind in _OF_SUBSCRIBERS) == mail.is_subscribed
    assert ("email" in slots(mail.html)) == (kind in _OF_SUBSCRIBERS), "an address nobody confirmed is not repeated"


@EVERY_KIND
@EVERY_LANGUAGE
def test_every_word_is_translated_and_names_the_list(kind: NoticeKind, language: str) -> None:
    mail = form(kind, language)
    assert "Imagerie & IA" in mail.subject
    assert "{" not in mail.subject + filled(mail.text)
    if language != "en":
        english = set(filled(form(kind, "en").text).splitlines())
        shared = {line for line in filled(mail.text).splitlines() if line in english and line.strip("-")}
        assert all("https://" in line or line in _OF_THE_LIST for line in shared), shared


@EVERY_LANGUAGE
def test_the_text_says_what_the_page_says(language: str) -> None:
    mail = form(NoticeKind.CONFIRM, language)
    html, text = unescape(filled(mail.html)), " ".join(filled(mail.text).split())
    for paragraph in html.split("<p ")[2:]:
        words = paragraph.partition(">")[2].partition("</p>")[0]
        if "<" not in words:
            assert " ".join(words.split()) in text


@EVERY_KIND
@EVERY_LANGUAGE
def test_lines_of_the_text_are_short(kind: NoticeKind, language: str) -> None:
    lines = filled(form(kind, language).text).splitlines()
    assert [line for line in lines if len(line) > WIDTH and "https://" not in line] == []


def test_it_runs_from_right_to_left_in_arabic() -> None:
    assert '<html lang="ar" dir="rtl"' in filled(form(NoticeKind.CONFIRM, "ar").html)


def test_it_has_the_colours_of_the_list() -> None:
    branding = Branding(accent="#8a1c1c", accent_dark="#f0a0a0")
    html = filled(compile_notice(NoticeKind.CONFIRM, replace(PUBLICATION, branding=branding), "fr").html)
    assert html.count("#8a1c1c") > 3
    assert "#f0a0a0" in html
    assert "<img" not in html


def test_nothing_but_the_lists_own_words_is_in_it() -> None:
    """Topics are the only words of others that a list holds; a name or an address is no argument at all."""
    topics = (Topic("buy", labels={"fr": "ACHETEZ"}),)
    assert _words(compile_notice(NoticeKind.CONFIRM, replace(PUBLICATION, topics=topics), "fr")) == _words(
        form(NoticeKind.CONFIRM, "fr")
    )


def test_a_name_with_mark_up_stays_text() -> None:
    mail = compile_notice(NoticeKind.WELCOME, replace(PUBLICATION, name="A <b>&amp; {until} B"), "de")
    assert "<b>" not in filled(mail.html)
    assert "A &lt;b&gt;&amp;amp; {until} B" in filled(mail.html)
    assert "A <b>&amp; {until} B" in mail.subject


def test_a_language_without_labels_is_refused() -> None:
    with pytest.raises(Refused, match="no labels in 'xx'"):
        compile_notice(NoticeKind.WELCOME, PUBLICATION, "xx")


def _words(mail: NoticeForm) -> tuple[str, str, str]:
    return mail.subject, filled(mail.html), filled(mail.text)


_OF_THE_LIST = {"Imagerie & IA", *PUBLICATION.postal_address.splitlines(), "zoe@example.net"}

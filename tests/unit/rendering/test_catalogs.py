"""Labels, dates and numbers in every language a reader may have."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from newsletter.errors import Refused
from newsletter.issues.model import Kind, Period
from newsletter.rendering.catalogs import catalog, catalog_languages, direction
from newsletter.rendering.typography import typeset
from newsletter.resources import folder

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog, Message

TRANSLATED = ("ar", "de", "fr")
REPOSITORY = Path(__file__).resolve().parents[3]
PLACEHOLDER = re.compile(r"\{\w*\}")


def entries(language: str) -> Catalog:
    with (folder("templates") / "locale" / language / "LC_MESSAGES" / "newsletter.po").open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


def _texts(message: Message) -> list[str]:
    """Return the translation in each of its plural forms."""
    return [message.string] if isinstance(message.string, str) else list(message.string or ())


def labels_in_the_source() -> set[str]:
    """Every label that templates and code ask for, by its singular."""
    keywords = {"_": None, "gettext": None, "labels": None, "plural": (1, 2)}
    found = [
        *extract_from_dir(REPOSITORY / "templates", [("**.j2", "jinja2.ext:babel_extract")], keywords=keywords),
        *extract_from_dir(REPOSITORY / "newsletter" / "rendering", [("**.py", "python")], keywords=keywords),
        *extract_from_dir(REPOSITORY / "newsletter" / "delivery", [("**.py", "python")], keywords=keywords),
    ]
    return {message[0] if isinstance(message, tuple) else message for _, _, message, _, _ in found}


def test_the_languages_of_readers() -> None:
    assert catalog_languages() == ("ar", "de", "en", "fr")


def test_a_language_without_labels_is_refused_in_words() -> None:
    with pytest.raises(Refused, match=r"no labels in 'xx': choose one of ar, de, en, fr"):
        catalog("xx")


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_label_is_translated_and_none_is_left_over(language: str) -> None:
    po = entries(language)
    known = {message.id[0] if isinstance(message.id, tuple) else message.id for message in po if message.id}
    assert known == labels_in_the_source()
    for message in po:
        if message.id:
            texts = message.string if isinstance(message.string, tuple) else (message.string,)
            assert all(texts), message.id
            assert not message.fuzzy
            assert not isinstance(message.id, tuple) or len(texts) == po.num_plurals


@pytest.mark.parametrize("language", TRANSLATED)
def test_placeholders_are_those_of_the_original(language: str) -> None:
    for message in entries(language):
        original = message.id if isinstance(message.id, str) else message.id[0]
        if not original:
            continue
        texts = _texts(message)
        for text in texts:
            # the Arabic dual and singular say the number in the noun
            named = PLACEHOLDER.findall(original)
            without = [name for name in named if name != "{n}"]
            allowed = [named, without] if language == "ar" and len(texts) > 1 else [named]
            assert PLACEHOLDER.findall(text) in allowed, text


@pytest.mark.parametrize("language", TRANSLATED)
def test_labels_are_typeset(language: str) -> None:
    for message in entries(language):
        for text in _texts(message):
            assert not message.id or typeset(text, language) == text


@pytest.mark.parametrize(
    ("language", "numbers", "labels"),
    [
        ("en", (0, 1, 2, 1200), ("0 articles", "1 article", "2 articles", "1,200 articles")),
        ("fr", (0, 1, 2, 1200), ("0 article", "1 article", "2 articles", "1\u202f200 articles")),
        ("de", (0, 1, 2), ("0 Artikel", "1 Artikel", "2 Artikel")),
        ("ar", (0, 1, 2, 3, 11, 100), ("لا مقالات", "مقال واحد", "مقالان", "3 مقالات", "11 مقالًا", "100 مقال")),
    ],
)
def test_counts_in_words(language: str, numbers: tuple[int, ...], labels: tuple[str, ...]) -> None:
    assert tuple(catalog(language).count(Kind.ARTICLES, number) for number in numbers) == labels


@pytest.mark.parametrize("language", catalog_languages())
@pytest.mark.parametrize("kind", Kind)
def test_every_kind_can_be_counted(language: str, kind: Kind) -> None:
    assert all(catalog(language).count(kind, number) for number in range(120))


def period(start: tuple[int, int, int], end: tuple[int, int, int]) -> Period:
    return Period(dt.date(*start), dt.date(*end))


@pytest.mark.parametrize(
    ("language", "days", "words"),
    [
        ("fr", period((2026, 1, 10), (2026, 1, 16)), "10–16 janvier 2026"),
        ("fr", period((2026, 2, 28), (2026, 3, 6)), "28 février\u2009–\u20096 mars 2026"),
        ("fr", period((2026, 5, 1), (2026, 5, 7)), "1er–7 mai 2026"),
        ("fr", period((2026, 5, 11), (2026, 5, 11)), "11 mai 2026"),
        ("en", period((2026, 3, 7), (2026, 3, 13)), "March 7\u2009–\u200913, 2026"),
        ("en", period((2025, 12, 29), (2026, 1, 4)), "December 29, 2025\u2009–\u2009January 4, 2026"),
        ("de", period((2026, 3, 7), (2026, 3, 13)), "7.–13. März 2026"),
        ("ar", period((2026, 3, 7), (2026, 3, 13)), "7–13 مارس 2026"),
    ],
)
def test_periods(language: str, days: Period, words: str) -> None:
    assert catalog(language).period(days) == words


def test_dates() -> None:
    assert catalog("fr").date(dt.date(2026, 3, 1)) == "1er mars 2026"
    assert catalog("en").date(dt.date(2026, 3, 1)) == "March 1, 2026"


def test_names_of_languages() -> None:
    assert catalog("fr").language_name("en") == "anglais"
    assert catalog("ar").language_name("fr") == "الفرنسية"
    assert catalog("en").language_name("xx-unknown") == "xx-unknown"


def test_directions() -> None:
    assert [direction(language) for language in ("ar", "he", "fr", "fr-CA", "xx", "")] == [
        *("rtl", "rtl"),
        *("ltr", "ltr", "ltr", "ltr"),
    ]

"""What stands around the content, in the reader's language: labels by gettext, dates and numbers by Babel.

The labels are the `.po` files under `templates/locale`, read as they are. English is what the labels are written in.
Mails have theirs in `newsletter.po`, pages in `pages.po`.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from functools import cache
from gettext import GNUTranslations, NullTranslations
from typing import TYPE_CHECKING

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_skeleton
from babel.localedata import locale_identifiers
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

from newsletter.errors import Refused
from newsletter.issues.model import Kind
from newsletter.resources import folder

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from pathlib import Path

    from newsletter.issues.model import Period

SOURCE_LANGUAGE = "en"
MAILS, PAGES = "newsletter", "pages"
_CATALOG = f"LC_MESSAGES/{MAILS}.po"


def plural(singular: str, plural: str) -> tuple[str, str]:
    """Mark a pair of labels for translation; both hold `{n}`."""
    return singular, plural


COUNTS: Mapping[Kind, tuple[str, str]] = {
    Kind.SUMMARY: plural("{n} summary", "{n} summaries"),
    Kind.ARTICLES: plural("{n} article", "{n} articles"),
    Kind.ANNOUNCEMENTS: plural("{n} announcement", "{n} announcements"),
    Kind.MEDIA: plural("{n} media highlight", "{n} media highlights"),
    Kind.SOCIETIES: plural("{n} society update", "{n} society updates"),
    Kind.LEADERS: plural("{n} voice", "{n} voices"),
}


@dataclass(frozen=True, slots=True)
class Catalog:
    """The labels, dates and numbers of one language."""

    language: str
    locale: Locale
    translations: NullTranslations

    def gettext(self, message: str) -> str:
        """Return the label in this language."""
        return self.translations.gettext(message)

    @cache  # noqa: B019 - catalogs live as long as the program, and issues are short
    def count(self, kind: Kind, number: int) -> str:
        """Return how many items of a kind there are, in words: "3 articles"."""
        label = self.translations.ngettext(*COUNTS[kind], number)
        return label.format(n=self.number(number))

    def number(self, number: int) -> str:
        """Return a whole number: "1,200"."""
        return format_decimal(number, locale=self.locale)

    def period(self, period: Period) -> str:
        """Return the days of a period: "March 7 – 13, 2026"; one day alone when both are the same."""
        if period.start == period.end:
            return _first_of_month(format_date(period.start, "long", self.locale), self.language)
        patterns = self.locale.interval_formats["yMMMd"][_greatest_difference(period)]
        days = zip((period.start, period.end), patterns, strict=True)
        # CLDR has intervals with short names of months only: widen them
        shown = (format_date(day, re.sub("([ML])+", r"\1\1\1\1", pattern), self.locale) for day, pattern in days)
        return _first_of_month("".join(shown), self.language)

    def month(self, day: date) -> str:
        """Return the month that a day is in: "March 2026"."""
        return format_skeleton("yMMMM", day, locale=self.locale)

    def number_of(self, singular: str, plural: str, number: int) -> str:
        """Return the label for so many, as this language counts."""
        return self.translations.ngettext(singular, plural, number)

    def date(self, day: date) -> str:
        """Return a day: "March 7, 2026"."""
        return _first_of_month(format_date(day, "long", self.locale), self.language)

    def language_name(self, code: str) -> str:
        """Return what a language is called in this one; its code when Babel knows no name."""
        try:
            return Locale.parse(code, sep="-").get_display_name(self.locale) or code
        except (UnknownLocaleError, ValueError):
            return code


@cache
def catalog(language: str) -> Catalog:
    """Return the catalog of `language`, one of `catalog_languages()`; raises Refused otherwise."""
    if language not in catalog_languages():
        raise Refused(
            f"There are no labels in {language!r}: choose one of {', '.join(catalog_languages())}, "
            f"or add templates/locale/{language}/{_CATALOG}."
        )
    return Catalog(language, Locale.parse(language, sep="-"), _translations(language))


@cache
def page_catalog(language: str) -> Catalog:
    """Return the labels of pages in `language`, one of `catalog_languages()`."""
    return Catalog(language, Locale.parse(language, sep="-"), _translations(language, PAGES))


@cache
def catalog_languages() -> tuple[str, ...]:
    """Return the languages that labels exist in, in alphabetical order."""
    translated = {path.name for path in _locale().iterdir() if (path / _CATALOG).is_file()}
    return tuple(sorted(translated | {SOURCE_LANGUAGE}))


@cache
def all_languages() -> frozenset[str]:
    """Return the code of every language that the CLDR knows, whether or not labels exist in it: `fr`, `es`, `yue`."""
    return frozenset(identifier.partition("_")[0] for identifier in locale_identifiers()) - {"root"}


def direction(language: str) -> str:
    """Return `rtl` or `ltr`; languages unknown to Babel count as `ltr`."""
    try:
        return str(Locale.parse(language, sep="-").text_direction)
    except (UnknownLocaleError, ValueError):
        return "ltr"


def _locale() -> Path:
    return folder("templates") / "locale"


def _translations(language: str, domain: str = MAILS) -> NullTranslations:
    if language == SOURCE_LANGUAGE:
        return NullTranslations()
    with (_locale() / language / f"LC_MESSAGES/{domain}.po").open("rb") as file:
        entries = read_po(file, locale=language.replace("-", "_"), abort_invalid=True)
    compiled = io.BytesIO()
    write_mo(compiled, entries)
    compiled.seek(0)
    return GNUTranslations(compiled)


def _greatest_difference(period: Period) -> str:
    if period.start.year != period.end.year:
        return "y"
    return "M" if period.start.month != period.end.month else "d"


def _first_of_month(text: str, language: str) -> str:
    """French says the first of a month as an ordinal, which CLDR's patterns do not: "1er mars"."""
    return re.sub(r"(?<!\d)1(?=[ –]|\u202f)", "1er", text) if language.partition("-")[0] == "fr" else text

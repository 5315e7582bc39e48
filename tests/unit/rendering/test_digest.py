"""What a digest says beside its items: which month, which issues, and which issue an item is of."""

from __future__ import annotations

from functools import cache

import pytest

from newsletter.rendering.edition import Edition, compile_edition
from tests.factories.digests import digest, week
from tests.unit.rendering.samples import PUBLICATION, edition, html, text

LANGUAGES = ("fr", "en", "de", "ar")
SAYS = {
    "fr": ("mars 2026", "Le mois en un seul e-mail : 2 numéros, 6–13 mars 2026.", "Numéro du 13 mars 2026"),
    "en": ("March 2026", "The month in one mail: 2 issues, March 6 – 13, 2026.", "Issue of March 13, 2026"),
    "de": ("März 2026", "Der Monat in einer E-Mail: 2 Ausgaben, 6.–13. März 2026.", "Ausgabe vom 13. März 2026"),
    "ar": ("مارس 2026", "الشهر في رسالة واحدة: عددان، 6–13 مارس 2026.", "عدد 13 مارس 2026"),
}


@cache
def month(language: str) -> Edition:
    return compile_edition(digest(languages=LANGUAGES), PUBLICATION, content_language=language, language=language)


def spaces(mail: str) -> str:
    return " ".join(mail.replace("\u00a0", " ").replace("\u202f", " ").replace("\u2009", " ").split())


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_digest_says_its_month_and_its_issues_in_the_reader_s_language(language: str) -> None:
    named, introduction, heading = SAYS[language]
    assert spaces(month(language).subject) == f"Imagerie & IA · {named}"
    for mail in (html(month(language)), text(month(language))):
        assert introduction in spaces(mail)
        assert heading in spaces(mail)


def test_every_section_names_the_issues_that_its_items_are_of() -> None:
    assert spaces(text(month("en"))).count("Issue of March 13, 2026") == 6
    of_second = [at for at, origin in enumerate(digest().origins) if origin == week(1).date]
    mail = spaces(text(month("en"), [0, *of_second[1:3]]))
    assert mail.count("Issue of March 6, 2026") == 1
    assert mail.count("Issue of March 13, 2026") == 1
    assert "2 issues" in mail


def test_one_issue_is_one() -> None:
    alone = compile_edition(digest(0), PUBLICATION, content_language="en", language="en")
    assert "The month in one mail: 1 issue, March 6, 2026." in spaces(text(alone))


def test_other_issues_say_nothing_of_it() -> None:
    for mail in (html(edition("en", "en")), text(edition("en", "en"))):
        assert "Issue of" not in mail
        assert "in one mail" not in mail
        assert "In this issue" in mail

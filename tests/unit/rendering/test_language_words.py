"""Languages by their names."""

from __future__ import annotations

import pytest
from babel import Locale

from newsletter.rendering.catalogs import all_languages, catalog_languages
from newsletter.rendering.language_words import language_words
from subscribers.importing.fields import plain


@pytest.mark.parametrize(
    ("word", "code"),
    [
        ("Deutsch", "de"),
        ("GERMAN", "de"),
        ("allemand", "de"),
        ("الألمانية", "de"),
        ("ألماني", "de"),
        ("français", "fr"),
        ("Francais", "fr"),
        ("Französisch", "fr"),
        ("English", "en"),
        ("العربية", "ar"),
        ("عربي", "ar"),
        ("Brazilian Portuguese", "pt-br"),
        ("Ελληνικά", "el"),
        ("日本語", "ja"),
    ],
)
def test_a_language_has_many_names(word: str, code: str) -> None:
    assert language_words()[plain(word)] == code


@pytest.mark.parametrize("naming", catalog_languages())
def test_every_name_in_a_language_of_the_pages_leads_to_its_language_or_one_of_the_same_name(naming: str) -> None:
    for code in catalog_languages():
        assert language_words()[plain(Locale(naming).languages[code])] == code


def test_every_name_leads_to_something_that_is_a_language() -> None:
    assert len(language_words()) > 1_000
    assert {"de", "fr", "it", "gsw"} <= {code.partition("-")[0] for code in language_words().values()} & all_languages()

"""Which language a page is in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.rendering.catalogs import catalog_languages
from newsletter.web.pages.languages import accepted_languages, page_language


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("fr-CA, fr;q=0.9, en;q=0.5", ["fr-ca", "fr", "en"]),
        ("en;q=0.1, de", ["de", "en"]),
        ("ar;q=0, de ; q=0.5", ["de"]),
        ("*, fr", ["fr"]),
        ("", []),
        ("fr;q=nonsense,, en", ["en"]),
    ],
)
def test_what_a_browser_accepts(header: str, expected: list[str]) -> None:
    assert accepted_languages(header) == expected


@given(st.text(max_size=200))
def test_whatever_a_browser_sends_is_answered_in_some_language(header: str) -> None:
    assert page_language(accepted=header, default="xx") in catalog_languages()


def test_what_was_just_chosen_goes_before_the_persons_own_and_that_before_the_browsers() -> None:
    assert page_language(chosen="ar", persons=("de",), accepted="fr", default="en") == "ar"
    assert page_language(chosen="xx", persons=("de",), accepted="fr", default="en") == "de"
    assert page_language(persons=("es",), accepted="fr-CH", default="en") == "fr"
    assert page_language(accepted="es", default="de") == "de"

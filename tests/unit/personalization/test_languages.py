"""The language around the content and the language of the content."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.personalization.languages import Languages, languages_for

if TYPE_CHECKING:
    from collections.abc import Sequence

CATALOGS = ("fr", "en", "de", "ar")
codes = st.sampled_from(["fr", "en", "de", "ar", "it", "fr-CA", "zh-Hant-TW", "pt-BR"])


@pytest.mark.parametrize(
    ("preferred", "expected"),
    [
        ((), Languages(reader="fr", content="fr")),
        (("en",), Languages(reader="en", content="en")),
        (("de",), Languages(reader="de", content="fr")),
        (("de", "en"), Languages(reader="de", content="en")),
        (("it", "en", "fr"), Languages(reader="en", content="en")),
        (("fr-CA",), Languages(reader="fr", content="fr")),
        (("it",), Languages(reader="fr", content="fr")),
    ],
)
def test_falling_back_by_example(preferred: Sequence[str], expected: Languages) -> None:
    assert languages_for(preferred, default="fr", catalogs=CATALOGS, written=("fr", "en")) == expected


def test_an_issue_that_lacks_the_default_language_is_sent_in_its_own() -> None:
    found = languages_for(("de",), default="fr", catalogs=CATALOGS, written=("en", "ar"))
    assert found == Languages(reader="de", content="en")


@given(preferred=st.lists(codes), default=codes, written=st.lists(codes, min_size=1, unique=True))
def test_there_is_always_a_language_that_exists(preferred: Sequence[str], default: str, written: list[str]) -> None:
    found = languages_for(preferred, default=default, catalogs=CATALOGS, written=written)
    assert found.reader in CATALOGS
    assert found.content in written
    if set(preferred) & set(written):
        assert found.content in preferred or found.content in {code.partition("-")[0] for code in preferred}

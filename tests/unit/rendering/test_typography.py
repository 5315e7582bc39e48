"""The typesetter's rules, and where they end."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.rendering.typography import QUOTES, quoted, typeset
from tests.strategies import texts

NBSP, NARROW = "\u00a0", "\u202f"
LANGUAGES = st.sampled_from([*QUOTES, "pt-br", ""])


@pytest.mark.parametrize(
    ("written", "set_"),
    [
        ("le sein : une étude", f"le sein{NBSP}: une étude"),
        ("Auteurs: inconnus", f"Auteurs{NBSP}: inconnus"),
        ("Vraiment ? Oui ! Encore ; enfin", f"Vraiment{NARROW}? Oui{NARROW}! Encore{NARROW}; enfin"),
        ("Vraiment?", f"Vraiment{NARROW}?"),
        ("95 % des 3 500 cas", f"95{NBSP}% des 3{NARROW}500 cas"),
        ("1 234 567 images en 2026 120 fois", f"1{NARROW}234{NARROW}567 images en 2026 120 fois"),
        ("« oui » et «non»", f"«{NBSP}oui{NBSP}» et «{NBSP}non{NBSP}»"),
        ('un "mot" dit', f"un «{NBSP}mot{NBSP}» dit"),
        ("\"l'un dit 'non'\"", f"«{NBSP}l’un dit “non”{NBSP}»"),
        ("à 12:30, ratio 1:2", "à 12:30, ratio 1:2"),
        ("le 1er mai et le 20 mai 2026", f"le 1er{NBSP}mai et le 20{NBSP}mai 2026"),
        ("le Dr Dupin", f"le Dr{NBSP}Dupin"),
        ("attendre...", "attendre…"),
    ],
)
def test_french(written: str, set_: str) -> None:
    assert typeset(written, "fr") == set_


@pytest.mark.parametrize(
    ("language", "written", "set_"),
    [
        ("en", "\"It's 'so'\", he said", "“It’s ‘so’”, he said"),
        ("en", "Really? 95 % : no", "Really? 95 % : no"),
        ("de", 'Er sagt "ja" zu 95 %', f"Er sagt „ja“ zu 95{NBSP}%"),
        ("de", "z. B. so", f"z.{NARROW}B. so"),
        ("ar", 'قال "نعم"', "قال «نعم»"),
        ("fr-CA", '"mot"', f"«{NBSP}mot{NBSP}»"),
        ("pt", '"mot" : l\'a', '"mot" : l\'a'),
    ],
)
def test_other_languages(language: str, written: str, set_: str) -> None:
    assert typeset(written, language) == set_


@pytest.mark.parametrize(
    "address",
    [
        "https://example.org/a:b?c=d;e!f&g='h'",
        "mailto:zoe@example.org",
        "www.example.org/a?b:c",
        "10.1007/s00330-025;x:1",
        "example.org/page?x=1",
    ],
)
def test_addresses_stay_as_they_are(address: str) -> None:
    assert address in typeset(f"Voir {address} : c'est là", "fr")


def test_what_cannot_be_shown_is_dropped_and_white_space_folded() -> None:
    assert typeset("a\x00b\x1b \t\n c\u2028d\ufffe", "fr") == "ab c d"


def test_a_quotation_mark_sees_its_neighbours_in_the_sentence() -> None:
    assert typeset('"', "en", before="e") == "”"
    assert typeset('"', "en", before=" ", after="e") == "“"


def test_words_are_put_between_the_marks_of_their_language() -> None:
    assert quoted("mot", "fr") == f"«{NBSP}mot{NBSP}»"
    assert quoted("word", "en") == quoted("word", "pt") == "“word”"
    assert quoted("Wort", "de") == "„Wort“"


@given(text=texts(), language=LANGUAGES)
def test_setting_twice_changes_nothing(text: str, language: str) -> None:
    once = typeset(text, language)
    assert typeset(once, language) == once


@given(text=texts(), language=LANGUAGES)
def test_no_word_is_lost(text: str, language: str) -> None:
    def words(of: str) -> list[str]:
        return re.findall(r"[^\W_]+", of)

    assert words(typeset(text, language)) == words(text)

"""Which names are repeated in our mail, and which are not."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.personalization.names import LONGEST_NAME, plain_line, usable_name


@pytest.mark.parametrize(
    "name",
    [
        "Claire Dubois",
        "Zoë Lefèvre-Núñez",
        'Grace "GG" O\'Malley & Co',
        "ليلى حدّاد",
        "M.Dupont",
        "J. R. Reyes (MD)",
        "Dvořák, Marek",
        "李小龍",
        "Dr. Jean-Noël d’Ormesson 3rd",
        "\u0647\u0645\u0627\u200c\u0646\u0627\u0632",
    ],
)
def test_names_of_people_are_used_as_they_are(name: str) -> None:
    assert usable_name(name) == name


@pytest.mark.parametrize(
    "name",
    [
        "",
        "   ",
        "-- ?",
        "12",
        "Win now https://evil.example",
        "evil.com",
        "x.co is best",
        "Evil.Com",
        "claire@example.org",
        "Call 0800 12 34",
        "<b>Claire</b>",
        "{{name}}",
        "100 $ for you",
        "a" * (LONGEST_NAME + 1),
    ],
)
def test_what_is_no_name_is_not_used(name: str) -> None:
    assert usable_name(name) == ""


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("  Claire \t Dubois ", "Claire Dubois"),
        ("Claire\r\nBcc: x", "Claire Bcc: x"),
        ("Claire\x00\x07Dubois", "ClaireDubois"),
        ("\u202eeirialC\u202c", "eirialC"),
        ("Cla\u200bire\ufeff", "Claire"),
        ("Claire\u2028Dubois\u2029", "Claire Dubois"),
        ("Claire\ud800", "Claire?"),
    ],
)
def test_what_only_deceives_is_taken_out(typed: str, shown: str) -> None:
    assert usable_name(typed) == shown


@given(st.text())
def test_a_line_is_one_line_of_visible_characters(text: str) -> None:
    line = plain_line(text)
    assert line == plain_line(line)
    assert line.splitlines() in ([], [line])
    assert not {unicodedata.category(c) for c in line} & {"Cc", "Cs", "Zl", "Zp"}
    assert line.encode().decode() == line


@given(st.text())
def test_a_usable_name_stays_usable(text: str) -> None:
    name = usable_name(text)
    assert len(name) <= LONGEST_NAME
    assert usable_name(name) == name

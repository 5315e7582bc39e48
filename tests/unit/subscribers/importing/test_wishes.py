"""What a row asks for."""

from __future__ import annotations

import pytest

from subscribers.importing.table import Row
from subscribers.importing.wishes import Reading, Rejection, Wish
from subscribers.preferences import Vocabulary

VOCABULARY = Vocabulary(topics=frozenset({"ct", "mri"}), languages=frozenset({"fr", "en"}))


def read(*cells: str, broken: str | None = None) -> Wish | Rejection:
    return Reading(VOCABULARY).read(Row(7, (*cells, *[""] * (6 - len(cells))), broken))


def test_a_whole_row() -> None:
    row = read(" Ann@Example.org", "Ann  B", "fr; en", "mri;ct", "europe/paris", "Active")
    assert row == Wish(7, "ann@example.org", "Ann B", "fr en", "ct mri", "Europe/Paris", leaves=False)


def test_an_address_alone_says_nothing_else() -> None:
    assert read("ann@example.org") == Wish(7, "ann@example.org", "", "", "", "", leaves=False)


@pytest.mark.parametrize("cell", ["ct;mri", "ct, mri", "mri|ct", "CT mri;", ";ct;;mri"])
def test_topics_may_be_separated_as_tools_like_it(cell: str) -> None:
    row = read("ann@example.org", "", "", cell)
    assert isinstance(row, Wish)
    assert row.topics == "ct mri"


def test_who_left_is_read_as_having_left() -> None:
    row = read("ann@example.org", "", "", "", "", " UNSUBSCRIBED ")
    assert isinstance(row, Wish)
    assert row.leaves


def test_a_name_is_one_line_without_control_characters() -> None:
    row = read("ann@example.org", "Ann\r\nBcc:\x00 b\u2028c\x85")
    assert isinstance(row, Wish)
    assert row.name == "Ann Bcc: b c"


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        (("",), "email: The address is empty."),
        (("ann",), "email: "),
        (("a@example.org", "x" * 201), "name: A name of 201 characters"),
        (("a@example.org", "", "it"), "language: There is no language “it”. Known languages: en, fr."),
        (("a@example.org", "", "", "ct;xray"), "topics: There is no topic “xray”. Known topics: ct, mri."),
        (("a@example.org", "", "", "", "Paris"), "timezone: There is no time zone “Paris”"),
        (("a@example.org", "", "", "", "", "bounced"), "status: “bounced” is neither active nor unsubscribed."),
    ],
)
def test_a_row_that_cannot_be_taken_says_which_cell_and_why(cells: tuple[str, ...], reason: str) -> None:
    row = read(*cells)
    assert isinstance(row, Rejection)
    assert (row.line, row.email) == (7, cells[0])
    assert row.reason.startswith(reason)


def test_a_broken_line_is_passed_on() -> None:
    assert read("a@example.org", broken="the line is not UTF-8") == Rejection(
        7, "a@example.org", "the line is not UTF-8"
    )

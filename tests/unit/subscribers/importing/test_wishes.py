"""What a row asks for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from subscribers.importing.doubts import Policies, Policy
from subscribers.importing.formats.sheet import Row
from subscribers.importing.mapping import Choices, assign
from subscribers.importing.reading import Reading
from subscribers.importing.says import Says
from subscribers.importing.tags import Tags
from subscribers.importing.wishes import Rejection, Understanding, Wish
from subscribers.preferences import Vocabulary
from subscribers.publication import Topic
from tests.factories.people import NOW

VOCABULARY = Vocabulary(topics=frozenset({"ct", "mri"}), languages=frozenset({"fr", "en"}))


HEADINGS = ("email", "name", "language", "topics", "timezone", "status")


def reading(headings: tuple[str, ...] = HEADINGS, **more: Any) -> Reading:  # noqa: ANN401 - as `Understanding` has them
    topics = [Topic("ct", labels={"fr": "Scanner", "en": "CT"}), Topic("mri", labels={"fr": "IRM"})]
    by = Understanding(vocabulary=VOCABULARY, tags=Tags(topics), now=NOW, **more)
    return Reading(assign("people.csv", headings, Choices()), by)


def read(*cells: str, broken: str | None = None) -> Wish | Rejection:
    (found,) = reading().read([Row(7, (*cells, *[""] * (6 - len(cells))), broken)])
    return found


def read_as(headings: str, cells: str, **more: Any) -> Wish:  # noqa: ANN401 - likewise
    (found,) = reading(tuple(headings.split(",")), **more).read([Row(2, tuple(cells.split(",")))])
    assert isinstance(found, Wish), found
    return found


def test_a_whole_row() -> None:
    row = read(" Ann@Example.org", "Ann  B", "fr; en", "mri;ct", "europe/paris", "Active")
    assert row == Wish(7, "ann@example.org", "Ann B", "fr en", "ct mri", "Europe/Paris", Says.ACTIVE)


def test_an_address_alone_says_nothing_else() -> None:
    assert read("ann@example.org") == Wish(7, "ann@example.org")


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
        (("a@example.org", "", "it"), "language: There is no language “it”. Write a code such as fr, it, pt-br."),
        (("a@example.org", "", "", "ct;xray"), "topics: There is no topic “xray”. Known topics: ct, mri."),
        (("a@example.org", "", "", "", "Paris"), "timezone: There is no time zone “Paris”"),
        (
            ("a@example.org", "", "", "", "", "gone fishing"),
            "status: “gone fishing” is no status that is known: write active, pending,",
        ),
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


def test_first_and_last_names_make_a_name() -> None:
    assert read_as("Courriel,Prénom,Nom", "a@example.org,Zoë,Lefèvre").name == "Zoë Lefèvre"
    assert read_as("Courriel,Prénom,Nom", "a@example.org,,Lefèvre").name == "Lefèvre"
    assert read_as("email,name,first name", "a@example.org,Ann Bee,Ann").name == "Ann Bee"


def test_tags_are_topics_where_they_name_one() -> None:
    assert read_as("email,tags", "a@example.org,scanner;VIP;irm").topics == "ct mri"
    assert read_as("email,topics,tags", "a@example.org,mri,Scanner").topics == "ct mri"


@pytest.mark.parametrize(
    ("cells", "says", "leaves"),
    [
        ("désabonnée,,", Says.UNSUBSCRIBED, True),
        (",2024-03-01,", Says.UNSUBSCRIBED, True),
        ("active,2024-03-01,", Says.UNSUBSCRIBED, True),
        (",yes,", Says.UNSUBSCRIBED, True),
        (",no,0", None, False),
        (",,2024-03-01 09:30:00", Says.BOUNCED, False),
        (",2024-03-01,2024-03-02", Says.BOUNCED, True),
        ("complained,2024-03-01,2024-03-02", Says.COMPLAINED, True),
        ("pending,,", Says.PENDING, False),
        ("Blacklisted,,", Says.BLOCKED, False),
    ],
)
def test_what_weighs_most_is_what_a_row_says(cells: str, says: Says | None, leaves: bool) -> None:  # noqa: FBT001 - a table
    wish = read_as("email,status,unsubscribed at,bounced", f"a@example.org,{cells}")
    assert (wish.says, wish.leaves) == (says, leaves)


def test_what_is_true_of_everybody_is_unless_the_row_says_otherwise() -> None:
    assert read_as("email,status", "a@example.org,", everybody=Says.UNSUBSCRIBED).leaves
    assert not read_as("email,status", "a@example.org,active", everybody=Says.UNSUBSCRIBED).leaves


def test_consent_has_its_time_and_what_shows_it() -> None:
    wish = read_as("email,OPTIN_TIME,OPTIN_IP,consent ip", "a@example.org,2024-03-01T10:00:00+01:00, 192.0.2.7 ,")
    assert wish.consented == datetime(2024, 3, 1, 9, tzinfo=UTC)
    assert wish.proof == "OPTIN_IP: 192.0.2.0/24"


def test_a_time_may_have_a_form_of_its_own() -> None:
    wish = read_as("email,since", "a@example.org,01/03/2024", date_format="%d/%m/%Y")
    assert wish.consented == datetime(2024, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize("cell", ["01/03/2024", "soon", "1066-10-14", f"{NOW + timedelta(days=3):%Y-%m-%d}"])
def test_a_time_of_consent_that_cannot_be_costs_the_row(cell: str) -> None:
    (found,) = reading(("email", "since")).read([Row(2, ("a@example.org", cell))])
    assert isinstance(found, Rejection)
    assert found.reason.startswith("consented: “") or "cannot be" in found.reason


def test_a_doubtful_address_is_flagged_or_rejected_as_the_policy_says() -> None:
    flagged = read_as("email", "info@gamil.com")
    assert [doubt.kind for doubt in flagged.doubts] == ["role", "typo"]
    row = Row(2, ("info@example.org",))
    assert not read_as("email", "info@example.org", policies=Policies(role=Policy.ACCEPT)).doubts
    (rejected,) = reading(("email",), policies=Policies(role=Policy.REJECT)).read([row])
    assert isinstance(rejected, Rejection)
    assert (rejected.kind, rejected.reason.partition(" ")[0]) == ("role", "email:")


@pytest.mark.parametrize(
    ("cells", "taken", "left_out"),
    [
        ("a@example.org,Ann,fr,dance,,", {"name": "Ann", "languages": "fr", "topics": ""}, {"topics": "dance"}),
        ("a@example.org,,fr,ct;dance;mri,,", {"topics": "ct mri"}, {"topics": "dance"}),
        ("a@example.org,,en;x,ct,Paris,", {"languages": "en", "topics": "ct"}, {"language": "x", "timezone": "Paris"}),
        (f"a@example.org,{'x' * 500},,,europe/rome,", {"name": "", "timezone": "Europe/Rome"}, {"name": "500"}),
    ],
)  # fmt: skip
def test_a_wrong_cell_that_is_beside_the_point_can_be_left_out(
    cells: str, taken: dict[str, str], left_out: dict[str, str]
) -> None:
    (strict,) = reading().read([Row(2, tuple(cells.split(",")))])
    assert isinstance(strict, Rejection)
    wish = read_as(",".join(HEADINGS), cells, lenient=True)
    assert {name: getattr(wish, name) for name in taken} == taken
    assert [less.field.value for less in wish.left_out] == list(left_out)
    assert all(word in less.reason for less, word in zip(wish.left_out, left_out.values(), strict=True))


@pytest.mark.parametrize(
    ("headings", "cells"),
    [
        ("email,topics,status", "a@example.org,dance,asleep"),
        ("email,topics", "nobody,dance"),
        ("email,since", "a@example.org,some day"),
        ("email,left", "a@example.org,some day"),
        ("email,paused until", "a@example.org,some day"),
    ],
)
def test_what_is_not_beside_the_point_costs_the_row_all_the_same(headings: str, cells: str) -> None:
    row = Row(2, tuple(cells.split(",")))
    (found,) = reading(tuple(headings.split(",")), lenient=True).read([row])
    assert isinstance(found, Rejection)


def test_a_tag_is_counted_once_where_another_cell_is_wrong() -> None:
    lenient = reading(("email", "tags", "timezone"), lenient=True)
    lenient.read([Row(2, ("a@example.org", "dance", "Paris"))])
    assert lenient._by.tags.unknown == {"dance": 1}  # noqa: SLF001 - what it counts with

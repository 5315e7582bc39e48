"""Whatever a file holds: every row has a fate, a dry run tells it and changes nothing, and the erased stay away."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from subscribers.database import Database
from subscribers.errors import Refused
from subscribers.importing import ImportReport, Instructions
from subscribers.importing.fates import Existing, Rules
from subscribers.lifecycle import Status
from subscribers.models import Consent, Formerly, Subscriber, Subscription, Suppression
from subscribers.privacy.erased import Erasures
from subscribers.tokens import Signer
from tests.factories.people import NOW, Choice, email, make_people
from tests.fixtures.thoroughness import examples
from tests.unit.subscribers.importing.conftest import Office, sums

TABLES = (Subscriber, Subscription, Consent, Suppression, Formerly)


def everything(database: Database) -> list[list[Any]]:
    """Return what stands in every table that an import may write to."""
    with database.read() as session:
        return [sorted(map(repr, session.execute(select(table.__table__)))) for table in TABLES]


HEADINGS = st.sampled_from(
    ["email", "E-Mail", "name", "status", "language", "topics", "tags", "since", "left", "bounced", "timezone",
     "paused until", "consent ip", "prénom", "whatever", "", "'=x", '"', "Email Address", "uuid"]
)  # fmt: skip
CELLS = st.one_of(
    st.sampled_from(
        ["", "a@example.org", "A@Example.org", "b@münchen.de", "info@example.org", "x@gamil.com", "@", "a@b", "=1+1",
         "active", "spam", "2024-03-01", "99999999999999999999", "0001-01-01T00:00:00+14:00", "true", "fr;en", "ct|mri",
         '["ct"]', "[[[", "{}", "\x00", "\ufeff", "null", "Europe/Paris", '"open', 'clo"sed', "a\tb", "é" * 300]
    ),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
)  # fmt: skip
ENDS = st.sampled_from(["\n", "\r\n", "\r", "\n\n"])


@st.composite
def tables(draw: st.DrawFn) -> bytes:
    """Return something that is more or less a table of people."""
    separator, end = draw(st.sampled_from([",", ";", "\t", "|"])), draw(ENDS)
    headings = draw(st.lists(HEADINGS, min_size=1, max_size=6))
    if draw(st.integers(0, 5)):
        headings.insert(draw(st.integers(0, len(headings))), "email")
    rows = draw(st.lists(st.lists(CELLS, max_size=8), max_size=8))
    text = end.join(separator.join(row) for row in [headings, *rows])
    content = text.encode(draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"])), "replace")
    return gzip.compress(content) if draw(st.booleans()) else content


LINES_OF_JSON = st.lists(
    st.one_of(
        st.dictionaries(
            HEADINGS,
            st.one_of(CELLS, st.none(), st.booleans(), st.floats(), st.integers(), st.lists(CELLS, max_size=3)),
            max_size=4,
        ).map(json.dumps),
        CELLS,
    ),
    max_size=8,
).map(lambda lines: "\n".join(['{"email": "first@example.org"}', *lines]).encode())

ANYTHING = st.one_of(tables(), LINES_OF_JSON, st.binary(max_size=200), CELLS.map(str.encode))


@settings(max_examples=examples(100), suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(content=ANYTHING, batch=st.integers(1, 4))
def test_any_file_gives_each_row_a_fate_or_is_refused(office: Office, content: bytes, batch: int) -> None:
    before = everything(office.database)
    foreseen = _foreseen(office, content)
    assert everything(office.database) == before
    if foreseen is None:
        return
    told = office.result()
    report = office.bring(content, batch=batch)
    assert office.result() == told
    assert sums(report) == sums(foreseen)
    assert report.rows == report.added + report.updated + report.unchanged + report.rejected == len(told)
    assert {row["fate"] for row in told} <= {"added", "updated", "unchanged", "rejected"}
    assert all(row["reason"] for row in told if row["fate"] == "rejected")
    assert len({row["line"] for row in told}) == len(told)


def _foreseen(office: Office, content: bytes) -> ImportReport | None:
    """Return what would become of the rows; None where the file is refused, by its name."""
    try:
        return office.bring(content, dry_run=True)
    except Refused as refusal:
        if "people.csv" not in str(refusal):
            raise
        return None


def test_a_dry_run_foretells_all_fates_and_changes_nothing(office: Office) -> None:
    make_people(office.database, office.publication, 3, [Choice(), Choice(status="unsubscribed"), Choice(topics="ct")])
    content = "email,name,topics,status\n" + "".join(
        [
            f"{email(1)},Renamed,mri,\n",
            f"{email(2)},,,active\n",
            f"{email(3)},,ct,\n",
            "new@example.org,,,\n",
            "gone@example.org,,,bounced\n",
            "left@example.org,,,unsubscribed\n",
            "nobody,,,\n",
        ]
    )
    before = everything(office.database)
    foreseen = office.bring(content, dry_run=True)
    assert everything(office.database) == before
    assert (foreseen.dry_run, sums(foreseen)) == (True, (7, 3, 1, 2, 1))
    told = office.result()
    done = office.bring(content)
    assert (sums(done), office.result()) == (sums(foreseen), told)
    assert everything(office.database) != before


ERASED = "erased@example.org"


ERASURES = Erasures(lambda: Signer("a secret of more than thirty-two characters"))


@pytest.fixture
def without_one(office: Office) -> Office:
    """An office where somebody was erased who had complained."""
    with office.database.write() as session:
        ERASURES.remember(session, {ERASED: "complaint"}, now=NOW)
    return office


@pytest.mark.parametrize("dry_run", [True, False])
@pytest.mark.parametrize("rules", [Rules(), Rules(Existing.FILL, "they asked us by letter")])
def test_who_was_erased_does_not_come_back(without_one: Office, rules: Rules, dry_run: bool) -> None:  # noqa: FBT001 - a table
    office = without_one
    content = "email,status\nErased@Example.ORG,active\nann@example.org,\n"
    report = office.bring(content, erased=ERASURES, said=Instructions(rules=rules), dry_run=dry_run)
    assert sums(report) == (2, 1, 0, 0, 1)
    (row, other) = office.result()
    assert (row["fate"], other["fate"]) == ("rejected", "added")
    assert "erased" in row["reason"]
    with office.database.read() as session:
        found = set(session.scalars(select(Subscriber.email)))
    assert found == (set() if dry_run else {"ann@example.org"})


def test_bad_news_of_the_erased_is_not_written_down_either(without_one: Office) -> None:
    without_one.bring(f"email,status\n{ERASED},complained\n", erased=ERASURES)
    assert everything(without_one.database) == [[] for _ in TABLES]


def test_who_was_erased_and_has_subscribed_anew_is_a_person_like_any(without_one: Office) -> None:
    office = without_one
    office.bring(f"email,topics\n{ERASED},ct\n")  # they came back by themselves
    assert sums(office.bring(f"email,topics\n{ERASED},mri\n", erased=ERASURES)) == (1, 0, 1, 0, 0)


def test_a_stated_reason_brings_the_erased_back_as_they_stood(without_one: Office) -> None:
    office, said = without_one, Instructions(rules=Rules(override_erased="asked by letter"))
    foreseen = office.bring(f"email\n{ERASED}\n", erased=ERASURES, said=said, dry_run=True)
    assert sums(foreseen) == sums(office.bring(f"email\n{ERASED}\n", erased=ERASURES, said=said)) == (1, 1, 0, 0, 0)
    assert (office.member(ERASED).status, office.member(ERASED).suppressed) == (Status.SUPPRESSED, "complaint")
    assert office.log(ERASED) == [("subscribed", "import people.csv", "brought back: asked by letter")]
    assert "erased" in office.result()[0]["reason"]
    with office.database.read() as session:
        assert ERASURES.find(session, [ERASED]) == {}, "from now on a person like any"

"""A file into a list, on both databases."""

from __future__ import annotations

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from operator import attrgetter
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from subscribers import importing, service
from subscribers.confirmations import Kind
from subscribers.errors import Refused
from subscribers.importing import Instructions, batches
from subscribers.importing.people import suppressed_addresses
from subscribers.lifecycle import Fate, Status
from subscribers.models import Confirmation, Subscriber, Suppression
from subscribers.repository import members, memberships, status_counts
from subscribers.suppression import Reason, suppress
from tests.factories.people import NOW, Choice, email, make_list, make_people
from tests.fixtures.thoroughness import examples
from tests.unit.subscribers.importing.conftest import Office, sums

if TYPE_CHECKING:
    from collections.abc import Sequence

PEOPLE = """email,name,language,topics,timezone,status
ann@example.org,Ann,fr,ct;mri,Europe/Paris,
Bob@Example.org,Bob,en;fr,,,active
nobody,,,,,
cy@example.org,Cy,fr,xray,,
ANN@example.org,Another Ann,en,,,
dee@example.org,Dee,fr,,,unsubscribed
"""
FATES = ["added", "added", "rejected", "rejected", "rejected", "added"]


def test_good_rows_go_in_and_bad_ones_are_told(office: Office) -> None:
    report = office.bring(PEOPLE)
    assert sums(report) == (6, 3, 0, 0, 3)
    ann, bob, dee = (office.member(f"{name}@example.org") for name in ("ann", "bob", "dee"))
    assert (ann.name, ann.languages, ann.topics, ann.timezone) == ("Ann", "fr", "ct mri", "Europe/Paris")
    assert (ann.status, bob.status, dee.status) == ("active", "active", "unsubscribed")
    assert (bob.email, bob.languages, bob.timezone, bob.since) == ("bob@example.org", "en fr", None, NOW)
    result = office.result()
    assert [row["fate"] for row in result] == FATES
    assert [row["line"] for row in result] == ["2", "3", "4", "5", "6", "7"]
    assert result[4]["reason"] == "email: the same as in line 2, which counts"
    assert [(each.line, each.reason.partition(":")[0]) for each in report.samples[Fate.REJECTED]] == [
        (4, "email"),
        (5, "topics"),
        (6, "email"),
    ]


def test_a_batch_in_parts_ends_as_one(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the order of the file, whatever the order in which the database was asked."""
    rows = "".join(f"x{n * 7 % 23}@example.org,{n},{'unsubscribed' if n % 5 == 0 else ''}\n" for n in range(23))
    more = "".join(f"x{n * 5 % 31}@example.org,{n % 3},{'bounced' if n % 4 == 0 else ''}\n" for n in range(31))
    there = []
    for size in (2, 100):
        monkeypatch.setattr(batches, "_PART", size)
        with office.database.write() as session:
            session.execute(delete(Subscriber))
            session.execute(delete(Suppression))
        for content in (rows, more):
            office.bring(f"email,name,status\n{content}")
            there.append([*office.result(), *map(str, everybody(office))])
    assert there[:2] == there[2:]


def everybody(office: Office) -> Sequence[object]:
    """Return what there is of all people but for their numbers."""
    with office.database.read() as session:
        found = sorted(members(session, office.publication.id), key=attrgetter("email"))
        return [(each.email, each.name, each.status, *office.log(each.email)) for each in found]


@pytest.mark.parametrize("others", [0, 1, 40])
def test_suppressed_addresses_are_found_among_few_and_many(office: Office, others: int) -> None:
    """Few are read whole, many are asked for."""
    with office.database.write() as session:
        for number in range(others):
            suppress(session, f"other{number}@example.org", Reason.BOUNCE, source="feedback", now=NOW)
        suppress(session, "x3@example.org", Reason.COMPLAINT, source="feedback", now=NOW)
        emails = [f"x{number}@example.org" for number in range(12)]
        assert suppressed_addresses(session, emails) == {"x3@example.org": "complaint"}


def test_the_same_file_again_changes_nothing(office: Office) -> None:
    office.bring(PEOPLE)
    report = office.bring(PEOPLE, now=NOW + timedelta(days=1))
    assert sums(report) == (6, 0, 0, 3, 3)
    assert len(office.log("ann@example.org")) == 1


def test_the_log_says_from_which_file_and_why(office: Office) -> None:
    office.bring("email,topics\nann@example.org,ct\n", source="congress 2026")
    office.bring("email,topics\nann@example.org,mri\n")
    office.bring("email,status\nann@example.org,unsubscribed\n")
    assert office.log("ann@example.org") == [
        ("subscribed", "import people.csv: congress 2026", ""),
        ("preferences", "import people.csv", "topics: ct → mri"),
        ("unsubscribed", "import people.csv", ""),
    ]


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a file's name is text")
def test_a_file_whose_name_is_no_text_is_imported(office: Office) -> None:
    office.bring("email\nann@example.org\n", os.fsdecode(b"r\xe9ponses.csv"))
    assert office.log("ann@example.org")[0][1] == "import r?ponses.csv"


def test_what_the_file_names_is_updated(office: Office) -> None:
    office.bring(PEOPLE)
    later = NOW + timedelta(days=1)
    report = office.bring("email,name,topics\nann@example.org,Ann B,\nbob@example.org,,ct\n", now=later)
    assert sums(report) == (2, 0, 2, 0, 0)
    ann, bob = office.member("ann@example.org"), office.member("bob@example.org")
    assert (ann.name, ann.topics, ann.timezone) == ("Ann B", "ct mri", "Europe/Paris")
    assert (bob.name, bob.topics) == ("Bob", "ct")


def test_nobody_who_left_or_is_suppressed_comes_back(office: Office) -> None:
    make_people(office.database, office.publication, 3, [Choice(), Choice(), Choice(status="pending")])
    with office.database.write() as session:
        subscription = service.subscription_of(session, office.publication, email(1))
        service.unsubscribe(session, subscription, source="page", now=NOW)
        suppress(session, email(2), Reason.COMPLAINT, source="feedback", now=NOW)
        suppress(session, "new@example.org", Reason.BOUNCE, source="feedback", now=NOW)
    addresses = [email(1), email(2), email(3), "new@example.org"]
    report = office.bring("email,topics,status\n" + "".join(f"{each},ct,active\n" for each in addresses))
    assert sums(report) == (4, 1, 2, 1, 0)
    assert [office.member(each).status for each in addresses] == ["unsubscribed", "suppressed", "pending", "suppressed"]
    assert office.member(email(1)).topics == ""
    with office.database.read() as session:
        assert status_counts(session, office.publication.id)[Status.ACTIVE] == 0
    assert "stays away" in office.result()[0]["reason"]
    assert "complaint" in office.result()[1]["reason"]


def test_leaving_by_a_file_ends_a_pause(office: Office) -> None:
    make_people(office.database, office.publication, 1, [Choice(paused_until=NOW + timedelta(days=9))])
    office.bring(f"email,topics,status\n{email(1)},ct,\n")
    assert office.member(email(1)).paused_until == NOW + timedelta(days=9)
    office.bring(f"email,status\n{email(1)},unsubscribed\n")
    assert (office.member(email(1)).status, office.member(email(1)).paused_until) == ("unsubscribed", None)


def test_leaving_by_a_file_ends_links_to_the_list_and_no_change_of_address(office: Office) -> None:
    make_people(office.database, office.publication, 1)
    number, week = office.member(email(1)).subscriber_id, NOW + timedelta(days=7)
    with office.database.write() as session:
        for kind in Kind:
            to = "new@example.org" if kind is Kind.ADDRESS else None
            of = {"list_id": office.publication.id, "subscriber_id": number}
            session.add(Confirmation(kind=kind, email=to, created_at=NOW, expires_at=week, **of))
    office.bring(f"email,status\n{email(1)},unsubscribed\n")
    with office.database.read() as session:
        ends = {each.kind: each.expires_at for each in session.query(Confirmation)}
    assert ends == {Kind.SUBSCRIBE: NOW, Kind.REPERMISSION: NOW, Kind.ADDRESS: week}


def test_a_person_of_another_list_is_not_a_second_person(office: Office) -> None:
    other = make_list(office.database, "other")
    make_people(office.database, other, 1, [Choice(topics="ct")])
    report = office.bring(f"email,name,topics\n{email(1)},Renamed,mri\n")
    assert sums(report) == (1, 1, 0, 0, 0)
    with office.database.read() as session:
        here, there = memberships(session, email(1))
    assert (here.topics, there.topics) == ("mri", "ct")
    assert here.name == there.name == "Renamed"


def test_batches_are_invisible(office: Office) -> None:
    seen: list[tuple[int, int]] = []
    report = office.bring(PEOPLE, batch=2, progress=lambda line, lines: seen.append((line, lines)))
    assert sums(report) == (6, 3, 0, 0, 3)
    assert [row["fate"] for row in office.result()] == FATES
    assert seen == [(3, 7), (5, 7), (7, 7)]


def test_an_import_that_stopped_goes_on_where_it_was(office: Office) -> None:
    def interrupt(line: int, _lines: int) -> None:
        if line == 5:
            raise KeyboardInterrupt

    (office.folder / "result.csv").write_text("from before")
    with pytest.raises(KeyboardInterrupt):
        office.bring(PEOPLE, batch=2, progress=interrupt)
    assert (office.folder / "result.csv").read_text() == "from before"
    assert sorted(path.name for path in office.folder.iterdir() if "csv" in path.name) == ["people.csv", "result.csv"]
    assert sums(office.bring(PEOPLE)) == (6, 1, 0, 2, 3)


def test_a_file_that_is_no_table_leaves_everything_as_it_was(office: Office) -> None:
    with pytest.raises(Refused, match="no column is called “email”"):
        office.bring("name\nAnn\n")
    assert not (office.folder / "result.csv").exists()


def test_headings_alone_are_an_import_of_nobody(office: Office) -> None:
    assert sums(office.bring("email\n")) == (0, 0, 0, 0, 0)
    assert office.result() == []


def test_the_result_is_for_nobody_elses_eyes(office: Office) -> None:
    report = office.bring(PEOPLE)
    assert report.result_file is not None
    assert report.result_file.stat().st_mode & 0o077 == 0


def test_doubts_about_the_file_are_passed_on(office: Office) -> None:
    report = office.bring("email,shoe size\nann@example.org,38\n")
    assert report.warnings == ("The column “shoe size” is not read.",)


def test_only_the_first_bad_rows_are_repeated(office: Office) -> None:
    report = office.bring("email\n" + "nobody\n" * (importing.SAMPLES + 5), batch=7)
    assert report.rejected == importing.SAMPLES + 5
    assert [each.line for each in report.samples[Fate.REJECTED]] == list(range(2, importing.SAMPLES + 2))


def test_a_thousand_people_in_batches(office: Office) -> None:
    lines = "".join(f"Reader.{n}@Example.org,Reader {n},fr,{'ct' if n % 2 else 'mri'}\n" for n in range(1_000))
    assert sums(office.bring("email,name,language,topics\n" + lines, batch=300)) == (1_000, 1_000, 0, 0, 0)
    changed = lines.replace(",ct\n", ",ct;mri\n")
    assert sums(office.bring("email,name,language,topics\n" + changed, batch=301)) == (1_000, 0, 500, 500, 0)
    with office.database.read() as session:
        found = members(session, office.publication.id, limit=2_000)
    assert {member.email: member.topics for member in found} == {
        f"reader.{n}@example.org": "ct mri" if n % 2 else "mri" for n in range(1_000)
    }


def test_two_imports_at_once_add_nobody_twice(office: Office) -> None:
    content = "email,topics\n" + "".join(f"reader.{n}@example.org,ct\n" for n in range(200))
    result = office.folder / "second.result.csv"
    with ThreadPoolExecutor(2) as together:
        one = together.submit(office.bring, content, batch=20)
        other = together.submit(office.bring, content, "second.csv", batch=30, result=result)
    assert one.result().added + other.result().added == 200
    assert one.result().unchanged + other.result().unchanged == 200
    with office.database.read() as session:
        assert len(members(session, office.publication.id, limit=500)) == 200


CELLS = st.sampled_from(
    ["", "fr", "en;fr", "ct", "mri;ct", "xray", "Ann", '"', "a,b", '"a\nb"', "active", "unsubscribed"]
)
ADDRESSES = st.sampled_from(["a@example.org", "A@Example.ORG", "b@example.org", "c@münchen.de", "no", "", '"d', "e@x"])
FILES = st.lists(st.builds(lambda address, cells: ",".join([address, *cells]), ADDRESSES, st.lists(CELLS, max_size=5)))


@settings(max_examples=examples(30), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=FILES, batch=st.integers(1, 4))
def test_every_row_has_one_fate_and_importing_is_idempotent(office: Office, lines: list[str], batch: int) -> None:
    content = "\n".join(["email,name,language,topics,status", *lines])
    report = office.bring(content, batch=batch)
    assert report.rows == report.added + report.updated + report.unchanged + report.rejected
    result = office.result()
    assert len(result) == report.rows
    assert len({row["line"] for row in result}) == report.rows
    assert all(row["reason"] for row in result if row["fate"] == "rejected")
    again = office.bring(content)
    assert sums(again) == (report.rows, 0, 0, report.rows - report.rejected, report.rejected)
    assert [row["fate"] == "rejected" for row in office.result()] == [row["fate"] == "rejected" for row in result]


@pytest.mark.parametrize("dry_run", [False, True])
def test_what_was_left_out_is_counted_and_told(office: Office, dry_run: bool) -> None:  # noqa: FBT001 - a column
    people = "email,topics,timezone\nann@example.org,ct;dance,Paris\nben@example.org,ct,\nnobody,dance,\n"
    report = office.bring(people, said=Instructions(lenient=True), dry_run=dry_run)
    assert sums(report) == (3, 2, 0, 0, 1)
    assert report.left_out == {"topics": 1, "timezone": 1}
    first, second, _ = office.result()
    assert first["fate"] == "added"
    assert "left out: topics: There is no topic “dance”" in first["reason"]
    assert "left out: timezone: There is no time zone “Paris”" in first["reason"]
    assert second["reason"] == ""
    if not dry_run:
        assert office.member("ann@example.org").topics == "ct"

"""A list into a file: whom and what it holds, in four formats, and that an import of it changes nothing."""

from __future__ import annotations

import csv
import gc
import io
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from sqlalchemy import delete

from subscribers import service
from subscribers.database import Database
from subscribers.errors import Refused
from subscribers.exporting import FORMATS, Wanted, export_subscribers, writers
from subscribers.importing import import_subscribers
from subscribers.models import Consent, Subscriber, Subscription, Suppression
from subscribers.preferences import Vocabulary
from subscribers.publication import Publication
from subscribers.suppression import Reason, suppress
from tests.factories.people import NOW, TOPICS, Choice, email, make_list, make_people
from tests.fixtures.thoroughness import examples

CHOICES = (
    Choice(languages="fr", topics="ct mri", excluded="cardiac reporting"),
    Choice(languages="en fr", topics="mri"),
    Choice(languages="", topics=""),
    Choice(languages="en", topics="cardiac", status="unsubscribed"),
    Choice(languages="fr", topics="reporting", status="pending"),
    Choice(languages="en", topics="ct", suppressed=True),
    Choice(languages="fr", topics="", paused_until=NOW + timedelta(days=30)),
)


@dataclass(frozen=True)
class Office:
    """A list whose people are exported."""

    database: Database
    publication: Publication

    def exported(self, form: str = "csv", **wanted: Any) -> list[dict[str, str]]:  # noqa: ANN401 - of `Wanted.of`
        return _read(form, self.written(form, **wanted))

    def written(self, form: str = "csv", **wanted: Any) -> bytes:  # noqa: ANN401 - of `Wanted.of`
        out = io.BytesIO()
        said = Wanted.of(Vocabulary.of(self.publication), **wanted)
        export_subscribers(self.database, self.publication, out, form=form, wanted=said)
        return out.getvalue()

    def who(self, form: str = "csv", **wanted: Any) -> set[int]:  # noqa: ANN401 - of `Wanted.of`
        numbers = {email(number): number for number in range(1, len(CHOICES) + 1)}
        return {numbers[row["email"]] for row in self.exported(form, **wanted)}

    def imported(self, content: bytes, folder: Path, form: str) -> Any:  # noqa: ANN401 - a report
        path = folder / f"people.{form}"
        path.write_bytes(content)
        return import_subscribers(
            self.database, self.publication, path, vocabulary=Vocabulary.of(self.publication), result=None, now=NOW
        )


def _read(form: str, content: bytes) -> list[dict[str, str]]:
    """Read a file as any program would, without ours."""
    if form == "jsonl":
        rows = [json.loads(line) for line in content.decode().splitlines()]
        return [
            {key: ";".join(value) if isinstance(value, list) else value for key, value in row.items()} for row in rows
        ]
    if form == "xlsx":
        headings, *cells = load_workbook(io.BytesIO(content)).active.iter_rows(values_only=True)
        return [dict(zip(headings, (cell or "" for cell in row), strict=True)) for row in cells]
    separator = "\t" if form == "tsv" else ","
    return list(csv.DictReader(io.StringIO(content.decode(), newline=""), delimiter=separator))


@pytest.fixture
def office(database: Database) -> Office:
    return Office(database, make_list(database))


@pytest.fixture
def people(office: Office) -> Office:
    make_people(office.database, office.publication, len(CHOICES), CHOICES)
    return office


@pytest.mark.parametrize("form", list(FORMATS))
def test_every_format_holds_the_same_people(people: Office, form: str) -> None:
    rows = people.exported(form)
    assert [row["email"] for row in rows] == [email(number) for number in range(1, len(CHOICES) + 1)]
    standings = ["active", "active", "active", "unsubscribed", "pending", "bounced", "active"]
    assert [row["status"] for row in rows] == standings
    first, last = rows[0], rows[-1]
    assert (first["name"], first["language"], first["topics"], first["timezone"]) == ("Person 1", "fr", "ct;mri", "")
    assert (first["excluded"], first["digest"], last["excluded"]) == ("cardiac;reporting", "weekly", "")
    assert datetime.fromisoformat(first["since"]) == NOW
    assert (first["paused_until"], datetime.fromisoformat(last["paused_until"])) == ("", NOW + timedelta(days=30))


@pytest.mark.parametrize("form", list(FORMATS))
@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({"statuses": ["active"]}, {1, 2, 3, 7}),
        ({"statuses": ["Bounced", "pending"]}, {5, 6}),
        ({"statuses": ["blocked"]}, set()),
        ({"language": "en"}, {2, 4, 6}),
        ({"language": "fr"}, {1, 2, 3, 5, 7}),  # 3 chose none, and it is the list's first
        ({"topics": ["ct"]}, {1, 3, 6, 7}),
        ({"topics": ["ct", "reporting"]}, {1, 3, 5, 6, 7}),
        ({"language": "en", "topics": ["mri"], "statuses": ["active"]}, {2}),
        ({"since": NOW}, {1, 2, 3, 4, 5, 6, 7}),
        ({"since": NOW + timedelta(seconds=1)}, set()),
    ],
)
def test_filters_mean_the_same_in_every_format(
    people: Office, form: str, wanted: dict[str, Any], expected: set[int]
) -> None:
    assert people.who(form, **wanted) == expected


@pytest.mark.parametrize("form", list(FORMATS))
def test_columns_come_as_they_were_asked_for(people: Office, form: str) -> None:
    assert list(people.exported(form, columns=["status", "Email", "changed"])[0]) == ["status", "email", "changed"]


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ({"columns": ["shoe size"]}, "no column “shoe size”; there are: email, name"),
        ({"statuses": ["dead"]}, "no status “dead”; there are: active"),
        ({"language": "tlh"}, "tlh"),
        ({"topics": ["dance"]}, "no topic “dance”"),
    ],
)
def test_what_there_is_not_is_refused(office: Office, wanted: dict[str, Any], said: str) -> None:
    with pytest.raises(Refused, match=said):
        office.written(**wanted)


def test_people_of_other_lists_are_not_in_it(people: Office) -> None:
    other = make_list(people.database, "other")
    make_people(people.database, other, 3, first=100)
    assert len(people.exported()) == len(CHOICES)


def test_why_mail_does_not_go_there_is_said_unless_they_had_left(people: Office) -> None:
    with people.database.write() as session:
        for number, reason in ((1, Reason.COMPLAINT), (2, Reason.MANUAL), (4, Reason.BOUNCE)):
            suppress(session, email(number), reason, source="test", now=NOW)
    statuses = [row["status"] for row in people.exported()]
    assert (statuses[0], statuses[1], statuses[3]) == ("complained", "blocked", "unsubscribed")


FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "'=1", "''=1", "'tis", "=cmd|' /C calc'!A0")


@pytest.mark.parametrize("form", ["csv", "tsv", "xlsx"])
def test_no_cell_is_one_that_a_spreadsheet_runs(office: Office, form: str, tmp_path: Path) -> None:
    with office.database.write() as session:
        for number, name in enumerate(FORMULAS):
            address = f"{'=+-'[number % 3]}x{number}@example.org" if number else "-x@example.org"
            service.add(
                session, office.publication, address, vocabulary=Vocabulary.of(office.publication), source="test",
                now=NOW, name=name,
            )  # fmt: skip
    content = office.written(form)
    rows = _read(form, content)
    assert len(rows) == len(FORMULAS)
    assert not [cell for row in rows for cell in row.values() if cell and cell[0] in "=+-@"]
    if form == "xlsx":
        sheet = load_workbook(io.BytesIO(content)).active
        assert {cell.data_type for row in sheet.iter_rows() for cell in row if cell.value} == {"s"}
    assert office.imported(content, tmp_path, form).unchanged == len(FORMULAS)


def test_a_sheet_that_would_be_too_long_is_refused(people: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writers, "_MOST_ROWS", len(CHOICES))
    with pytest.raises(Refused, match=r"holds 6 people at most, and there are more: export CSV"):
        people.written("xlsx")
    gc.collect()  # and nothing is left that complains (a warning is an error)


def test_progress_ends_with_all_of_them(people: Office) -> None:
    seen: list[tuple[int, int]] = []
    wanted = Wanted.of(Vocabulary.of(people.publication), statuses=["active"])
    export_subscribers(
        people.database, people.publication, io.BytesIO(), form="csv", wanted=wanted,
        progress=lambda done, total: seen.append((done, total)),
    )  # fmt: skip
    assert seen[-1] == (4, 4)


NAMES = st.one_of(
    st.sampled_from(["", *FORMULAS, 'Ann "A" B', "a,b", "a;b", "a|b", "Zoë", "עברית", "😀", "0012", "true", "1.0"]),
    st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=20),
).map(lambda text: " ".join(text.split()))
KEPT = ("email", "name", "language", "topics", "timezone", "status", "since")
PEOPLE = st.lists(
    st.tuples(
        NAMES,
        st.sampled_from(["", "fr", "en fr"]),
        st.lists(st.sampled_from(TOPICS), unique=True).map(lambda topics: " ".join(sorted(topics))),
        st.sampled_from(["", "Europe/Paris"]),
        st.sampled_from(["active", "pending", "unsubscribed"]),
        st.sampled_from(["", "bounce", "complaint", "manual"]),
        st.datetimes(datetime(1990, 1, 2), datetime(2026, 3, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - they are
    ),
    min_size=1,
    max_size=5,
)


@settings(max_examples=examples(20), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=PEOPLE, form=st.sampled_from(sorted(FORMATS)))
def test_what_was_exported_comes_back_as_it_was(office: Office, drawn: list[Any], form: str, tmp_path: Path) -> None:
    _wipe(office)
    _put(office, drawn)
    before = office.written(form, columns=KEPT)
    same = office.imported(before, tmp_path, form)
    assert (same.unchanged, same.rows) == (len(drawn), len(drawn))  # where they are, it changes nothing
    _wipe(office)
    fresh = office.imported(before, tmp_path, form)
    assert fresh.added == len(drawn)  # elsewhere it makes the same of them
    after = office.written(form, columns=KEPT)
    assert _read(form, after) == _read(form, before)


def _put(office: Office, drawn: list[Any]) -> None:
    with office.database.write() as session:
        for number, (name, languages, topics, timezone, status, reason, since) in enumerate(drawn):
            address = f"p{number}@example.org"
            person = Subscriber(email=address, name=name, timezone=timezone or None, created_at=since, updated_at=since)
            session.add(person)
            session.flush()
            standing = status
            if reason and status == "active":
                session.add(Suppression(email=address, reason=reason, detail="", since=since))
                standing = "suppressed"
            session.add(
                Subscription(
                    list_id=office.publication.id, subscriber_id=person.id, status=standing, languages=languages,
                    topics=topics, created_at=since, updated_at=since,
                )
            )  # fmt: skip


def _wipe(office: Office) -> None:
    with office.database.write() as session:
        for model in (Consent, Subscription, Subscriber, Suppression):
            session.execute(delete(model))


def test_what_is_excluded_goes_to_another_installation_too(people: Office, tmp_path: Path) -> None:
    other = Office(people.database, make_list(people.database, "other"))
    report = other.imported(people.written(statuses=["active"]), tmp_path, "csv")
    assert (report.added, report.rejected) == (4, 0)
    assert other.exported()[0]["excluded"] == "cardiac;reporting"
    changed = other.imported(b"email,excluded\n" + email(2).encode() + b",ct\n", tmp_path, "csv")
    assert changed.updated == 1
    assert other.exported()[1]["excluded"] == "ct"

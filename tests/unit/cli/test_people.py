"""Lists, people and suppressions from the command line."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import pytest

from newsletter.resources import folder
from subscribers import leaving
from subscribers.models import Subscriber
from tests.factories.people import NOW

if TYPE_CHECKING:
    from pathlib import Path

    from subscribers.database import Database
    from tests.unit.cli.conftest import Newsletter

EXAMPLES = folder("examples")


@pytest.fixture
def on_a_list(newsletter: Newsletter) -> Newsletter:
    """`newsletter` with the example list."""
    newsletter("list", "create", "--file", EXAMPLES / "list.toml", "--topics", EXAMPLES / "topics.toml")
    return newsletter


def test_a_list_is_made_from_options_alone(newsletter: Newsletter) -> None:
    made = newsletter(
        "list", "create", "weekly", "--name", "Weekly", "--from", "Editors <we@example.org>",
        "--languages", "fr,en", "--topics", EXAMPLES / "topics.toml", "--json",
    ).json  # fmt: skip
    assert made["list"] == "weekly"
    assert made["languages"] == ["fr", "en"]
    assert newsletter("list", "show", "--json").json == made
    assert newsletter("list", "list", "--json").json == {"lists": [made]}


def test_an_option_goes_before_the_file(newsletter: Newsletter) -> None:
    made = newsletter("list", "create", "other", "--file", EXAMPLES / "list.toml", "--name", "Other", "--json").json
    assert (made["list"], made["name"], made["from"]) == ("other", "Other", "Imagerie & IA <lettre@example.org>")


def test_editing_changes_what_is_named_and_nothing_else(on_a_list: Newsletter) -> None:
    before = on_a_list("list", "show", "--json").json
    after = on_a_list("list", "edit", "imagerie", "--name", "New", "--reply-to", "", "--json").json
    assert after == before | {"name": "New", "reply_to": None}


def test_without_a_list_it_says_how_to_make_one(newsletter: Newsletter) -> None:
    assert "newsletter list create" in newsletter("subscribers", "stats", code=1).err


def test_of_several_lists_one_has_to_be_named(on_a_list: Newsletter) -> None:
    on_a_list("list", "create", "second", "--file", EXAMPLES / "list.toml")
    refused = on_a_list("subscribers", "stats", code=1)
    assert "(imagerie, second): name the one" in refused.err
    on_a_list("subscribers", "stats", "--list", "second")


def test_an_unknown_list_is_refused_with_those_there_are(on_a_list: Newsletter) -> None:
    assert "imagerie" in on_a_list("list", "show", "nope", code=1).err


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("list", "create", "x"), "--name"),
        (("list", "create", "--file", "nowhere.toml"), "nowhere.toml"),
        (("list", "edit"), "Say what to change"),
        (("subscribers", "import", "nowhere.csv"), "nowhere.csv"),
        (("subscribers", "import"), "FILE"),
        (("subscribers", "frobnicate"), "frobnicate"),
        (("--frobnicate",), "--frobnicate"),
        (("suppression", "add", "a@example.org", "--reason", "whim"), "whim"),
    ],
)
def test_wrong_usage_is_two_and_says_what(newsletter: Newsletter, arguments: tuple[str, ...], expected: str) -> None:
    assert expected in newsletter(*arguments, code=2).err


def test_the_examples_are_imported_without_a_rejection_and_a_second_time_nothing_changes(on_a_list: Newsletter) -> None:
    arguments = ("subscribers", "import", EXAMPLES / "subscribers.csv", "--result", "result.csv", "--json")
    first = on_a_list(*arguments).json
    sums = {"rows": 13, "added": 13, "updated": 0, "unchanged": 0, "rejected": 0, "result_file": "result.csv"}
    assert first.items() >= sums.items()
    assert on_a_list(*arguments).json.items() >= (sums | {"added": 0, "unchanged": 13}).items()
    assert on_a_list("subscribers", "stats", "--json").json["subscribers"]["unsubscribed"] == 1


def test_bad_rows_are_told_and_good_ones_kept(on_a_list: Newsletter) -> None:
    people = on_a_list.folder / "people.csv"
    people.write_text("email,topics\ngood@example.org,ct;mri\nbad@@example.org,\nother@example.org,dance\n", "utf-8")
    report = on_a_list("subscribers", "import", people, "--json", code=3).json
    assert (report["rows"], report["added"], report["rejected"]) == (3, 1, 2)
    assert _fates(on_a_list.folder / "people.result.csv") == ["added", "rejected", "rejected"]
    told = on_a_list("subscribers", "import", people, code=3)
    assert "line 3: email" in told.err
    assert "dance" in told.err
    assert on_a_list("subscribers", "show", "good@example.org", "--json").json["lists"][0]["topics"] == ["ct", "mri"]


def test_one_person_comes_pauses_leaves_and_returns(on_a_list: Newsletter) -> None:
    who = "ada@example.org"

    def standing() -> str:
        return str(on_a_list("subscribers", "show", who, "--json").json["lists"][0]["standing"])

    assert on_a_list("subscribers", "add", who, "--language", "en,fr", "--json").json["fate"] == "added"
    on_a_list("subscribers", "pause", who, "--until", "2999-01-01")
    assert standing() == "paused"
    assert on_a_list("subscribers", "resume", who, "--json").json["resumed"] is True
    assert on_a_list("subscribers", "unsubscribe", who, "--json").json["unsubscribed"] is True
    assert standing() == "unsubscribed"
    assert "left" in on_a_list("subscribers", "add", who, code=1).err
    on_a_list("subscribers", "add", who, "--returning")
    assert standing() == "active"


def test_a_suppressed_address_is_listed_and_can_be_taken_off(on_a_list: Newsletter) -> None:
    who = "bounced@example.org"
    on_a_list("subscribers", "add", who)
    on_a_list("suppression", "add", who, "--reason", "bounce")
    (entry,) = on_a_list("suppression", "list", "--json").json["suppressions"]
    assert (entry["email"], entry["reason"], set(entry)) == (who, "bounce", {"email", "reason", "since"})
    assert "suppressed (bounce)" in on_a_list("subscribers", "show", who).out
    on_a_list("suppression", "remove", who)
    assert on_a_list("suppression", "list", "--json").json == {"suppressions": []}


def test_the_database_is_made_checked_and_named(newsletter: Newsletter) -> None:
    elsewhere = "sqlite:///new/here.sqlite"
    assert "db upgrade" in newsletter("db", "check", code=1, NEWSLETTER_DATABASE_URL=elsewhere).err
    made = newsletter("db", "upgrade", "--json", NEWSLETTER_DATABASE_URL=elsewhere).json
    assert made["database"] == elsewhere
    assert newsletter("db", "check", "--json", NEWSLETTER_DATABASE_URL=elsewhere).json == made


def test_a_wrong_setting_is_named(newsletter: Newsletter) -> None:
    assert "NEWSLETTER_TRANSPORT" in newsletter("list", "list", code=1, NEWSLETTER_TRANSPORT="pigeon").err
    url = "postgresql://somebody:hush@127.0.0.1:1/none"
    refused = newsletter("list", "list", code=1, NEWSLETTER_DATABASE_URL=url)
    assert "NEWSLETTER_DATABASE_URL" in refused.err
    assert "hush" not in refused.err


def _fates(path: Path) -> list[str]:
    with path.open(encoding="utf-8", newline="") as file:
        return [row["fate"] for row in csv.DictReader(file)]


def test_unwanted_topics_and_a_time_zone_by_command(on_a_list: Newsletter) -> None:
    def shown() -> tuple[list[str], list[str], str | None]:
        (found,) = on_a_list("subscribers", "show", "ann@example.org", "--json").json["lists"]
        return found["topics"], found["excluded"], found["timezone"]

    add = ("subscribers", "add", "ann@example.org")
    choose = ("subscribers", "choose", "ann@example.org")
    on_a_list(*add, "--exclude", "ct,mri", "--timezone", "europe/paris")
    assert shown() == ([], ["ct", "mri"], "Europe/Paris")
    assert on_a_list(*add, "--exclude", "ct,mri", "--timezone", "Europe/Paris", "--json").json["fate"] == "unchanged"
    assert on_a_list(*add, "--exclude", "ct", "--timezone", "Europe/Rome", "--json").json["fate"] == "updated"
    assert shown() == ([], ["ct"], "Europe/Rome")
    assert on_a_list(*choose, "--timezone", "", "--exclude", "", "--json").json["changed"]
    assert shown() == ([], [], None)
    assert not on_a_list(*choose, "--timezone", "", "--json").json["changed"]
    assert "no time zone “Paris”" in on_a_list(*choose, "--timezone", "Paris", code=1).err
    assert "no time zone “Paris”" in on_a_list(*add, "--timezone", "Paris", code=1).err
    assert "both chosen and left out" in on_a_list(*add, "--topics", "ct", "--exclude", "ct", code=1).err
    assert "no topic “dance”" in on_a_list(*add, "--exclude", "dance", code=1).err


def test_why_people_left_is_counted_shown_exported_and_erased(on_a_list: Newsletter, sqlite_database: Database) -> None:
    assert on_a_list("subscribers", "stats", "--json").json["reasons"] == {}
    for email, reason, words in (
        ("ann", "too-often", ""),
        ("ben", "too-often", "\x1b[31mDaily!"),
        ("cy", "other", "Ben"),
    ):
        on_a_list("subscribers", "add", f"{email}@example.org")
        on_a_list("subscribers", "unsubscribe", f"{email}@example.org")
        with sqlite_database.write() as session:
            number = session.query(Subscriber.id).filter_by(email=f"{email}@example.org").scalar()
            leaving.give_reason(session, 1, number, reason, words, now=NOW)
    stats = on_a_list("subscribers", "stats", "--json").json
    assert stats["reasons"] == {"too-often": 2, "other": 1}
    said = [{"reason": "too-often", "words": "[31mDaily!"}, {"reason": "other", "words": "Ben"}]
    assert sorted(stats["words"], key=str) == sorted(said, key=str)
    shown = on_a_list("subscribers", "stats").out
    assert "too-often" in shown
    assert "\x1b" not in shown
    assert "Daily!" in on_a_list("subscribers", "export-person", "ben@example.org").out
    on_a_list("subscribers", "erase", "ben@example.org", "--yes")
    assert [each["words"] for each in on_a_list("subscribers", "stats", "--json").json["words"]] == ["Ben"]

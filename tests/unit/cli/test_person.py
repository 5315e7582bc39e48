"""What is kept of one person, from the command line: told, planned, erased."""

from __future__ import annotations

import json
import sqlite3
import stat
from pathlib import Path

import pytest

from newsletter.resources import folder
from tests.unit.cli.conftest import Newsletter

EXAMPLES = folder("examples")
WHO = "ada.lovelace@reader.example"


@pytest.fixture
def with_ada(newsletter: Newsletter) -> Newsletter:
    """`newsletter` with the example list and one person who had another name before, and complained."""
    newsletter("list", "create", "--file", EXAMPLES / "list.toml", "--topics", EXAMPLES / "topics.toml")
    newsletter("subscribers", "add", WHO, "--name", "Ada Lovelace", "--source", "the stand at the congress")
    newsletter("suppression", "add", WHO, "--reason", "complaint")
    return newsletter


def test_everything_is_told_in_json_and_as_text(with_ada: Newsletter) -> None:
    told = with_ada("subscribers", "export-person", f" {WHO.upper()} ", "--json").json
    assert (told["email"], told["erased_before"]) == (WHO, False)
    tables = {each["table"]: each["rows"] for each in told["held"]}
    assert set(tables) == {"subscribers", "subscriptions", "consents", "suppressions"}
    assert [(row["list"], row["action"], row["source"]) for row in tables["consents"]] == [
        ("imagerie", "subscribed", "the stand at the congress"),
        ("imagerie", "suppressed", "complaint, command line"),
    ]
    text = with_ada("subscribers", "export-person", WHO).out
    assert "the stand at the congress" in text
    assert "Ada Lovelace" in text


def test_it_goes_into_a_file_that_nobody_else_reads(with_ada: Newsletter) -> None:
    for arguments in ((), ("--json",)):
        with_ada("subscribers", "export-person", WHO, "-o", "ada.txt", *arguments)
        file = with_ada.folder / "ada.txt"
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert "the stand at the congress" in file.read_text("utf-8")
    assert json.loads(file.read_text("utf-8"))["email"] == WHO


def test_who_is_only_suppressed_is_told_so(newsletter: Newsletter) -> None:
    newsletter("suppression", "add", WHO)
    told = newsletter("subscribers", "export-person", WHO, "--json").json
    assert [each["table"] for each in told["held"]] == ["suppressions"]
    assert told["subscriber"] is None


def test_a_plan_changes_nothing_and_without_a_yes_nothing_is_erased(with_ada: Newsletter) -> None:
    before = with_ada("subscribers", "export-person", WHO, "--json").json["held"]
    plan = with_ada("subscribers", "erase", WHO, "--plan", "--json").json
    assert plan["plan"] is True
    assert plan["rows"]["consents"] == 2
    assert "--yes" in with_ada("subscribers", "erase", WHO, code=1).err
    assert with_ada("subscribers", "export-person", WHO, "--json").json["held"] == before


def test_erasing_leaves_nothing_in_the_file_of_the_database(with_ada: Newsletter, sqlite_url: str) -> None:
    erased = with_ada("subscribers", "erase", WHO, "--yes", "--json").json
    assert (erased["plan"], erased["rows"]["subscribers"]) == (False, 1)
    file = Path(sqlite_url.removeprefix("sqlite:///"))
    with sqlite3.connect(file) as connection:
        assert connection.execute("SELECT suppressed FROM erased").fetchall() == [("complaint",)]
    connection.close()
    held = b"".join(path.read_bytes() for path in file.parent.glob(f"{file.name}*") if path.suffix != ".key")
    assert b"lovelace" not in held.lower()
    told = with_ada("subscribers", "export-person", WHO, "--json").json
    assert (told["held"], told["erased_before"]) == ([], True)


def test_who_is_not_known_can_be_kept_out_all_the_same(newsletter: Newsletter) -> None:
    assert "Nothing is kept" in newsletter("subscribers", "erase", WHO, "--yes", "--unknown").out
    assert newsletter("subscribers", "export-person", WHO, "--json").json["erased_before"] is True
    assert "@" in newsletter("subscribers", "erase", "nobody", "--yes", code=1).err


def test_who_was_erased_is_added_only_with_a_reason_and_stands_as_before(with_ada: Newsletter) -> None:
    with_ada("subscribers", "erase", WHO, "--yes")
    refused = with_ada("subscribers", "add", WHO, code=1)
    assert "--override-erased" in refused.err
    people = with_ada.folder / "people.csv"
    people.write_text(f"email\n{WHO}\n", "utf-8")
    assert with_ada("subscribers", "import", people, "--json", code=3).json["rejected"] == 1
    assert "say why" in with_ada("subscribers", "add", WHO, "--override-erased", "  ", code=2).err
    for override in ("--override-erased", "--override-unsubscribed"):
        assert "say why" in with_ada("subscribers", "import", people, override, "", code=2).err
    added = with_ada("subscribers", "add", WHO, "--override-erased", "her letter of May")
    assert "suppressed (complaint)" in added.err
    told = with_ada("subscribers", "export-person", WHO, "--json").json
    assert told["erased_before"] is False
    assert "her letter of May" in str(told["held"])
    assert with_ada("subscribers", "import", people, "--json").json["unchanged"] == 1


def test_a_former_address_finds_who_moved_for_a_look_and_not_for_erasing(with_ada: Newsletter, sqlite_url: str) -> None:
    file = sqlite_url.removeprefix("sqlite:///")

    def had(number: int, email: str) -> None:
        with sqlite3.connect(file) as connection:
            connection.execute(
                "INSERT INTO formerly (subscriber_id, email, name, until) VALUES (?, ?, 'A', '2026-01-01 00:00:00')",
                (number, email),
            )
        connection.close()

    had(1, "old@reader.example")
    told = with_ada("subscribers", "export-person", "Old@Reader.example", "--json")
    assert (told.json["email"], told.json["also_known_as"]) == (WHO, ["old@reader.example"])
    assert "They moved from the address you named" in told.err
    assert with_ada("subscribers", "export-person", WHO, "--json").err == ""
    assert with_ada("subscribers", "erase", "old@reader.example", "--plan", "--json").json["subscriber"] is None
    with_ada("subscribers", "add", "ben@reader.example")
    had(2, "old@reader.example")
    refused = with_ada("subscribers", "export-person", "old@reader.example", code=1)
    assert "2 people had that address" in refused.err
    assert "@" not in refused.err
    with_ada("subscribers", "add", "old@reader.example")  # whoever has it now is who is meant
    assert with_ada("subscribers", "export-person", "old@reader.example", "--json").json["subscriber"] == 3


def test_who_has_no_name_is_shown_by_their_address(newsletter: Newsletter) -> None:
    newsletter("list", "create", "--file", EXAMPLES / "list.toml", "--topics", EXAMPLES / "topics.toml")
    newsletter("subscribers", "add", "ben@reader.example")
    assert newsletter("subscribers", "show", "ben@reader.example").out.splitlines()[0] == "ben@reader.example"


def test_nobody_is_locked_out_by_a_slip_of_the_hand(newsletter: Newsletter) -> None:
    assert "spelled right" in newsletter("subscribers", "erase", "nobody@example.org", "--yes", code=1).err
    assert "Nothing is kept" in newsletter("subscribers", "erase", "nobody@example.org", "--plan").out
    assert not newsletter("subscribers", "export-person", "nobody@example.org", "--json").json["erased_before"]

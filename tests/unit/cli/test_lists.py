"""`newsletter list` as files and with topics that change, and what people choose of it, from the shell."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.cli.conftest import Newsletter

FILE = """
slug = "imaging"
name = "Imaging"
sender_name = "Imaging"
sender_email = "letter@example.org"
languages = ["fr", "en"]
timezone = "Europe/Paris"
[policies]
confirm_days = 3
[schedule]
slots = ["fri 08:00"]
[topics.mri]
labels = { fr = "IRM" }
descriptions = { fr = "Séquences." }
[topics.ct]
"""


def test_a_list_goes_out_as_a_file_and_comes_in_again(newsletter: Newsletter, tmp_path: Path) -> None:
    file, copy = tmp_path / "list.toml", tmp_path / "copy.toml"
    file.write_text(FILE)
    newsletter("list", "create", "--file", file)
    assert newsletter("list", "schedule", "--json").json["slots"][0]["slot"] == "fri 08:00 Europe/Paris"
    newsletter("list", "show", "--toml", "-o", copy)
    shown = newsletter("list", "show", "--toml").out
    assert shown == copy.read_text()
    newsletter("list", "edit", "--name", "Another")
    newsletter("list", "schedule", "--clear")
    newsletter("list", "edit", "--file", copy)
    assert newsletter("list", "show", "--toml").out == shown
    assert "confirm_days = 3" in shown


def test_a_topic_is_renamed_with_everybody_who_chose_it(newsletter: Newsletter, tmp_path: Path) -> None:
    file = tmp_path / "list.toml"
    file.write_text(FILE)
    newsletter("list", "create", "--file", file)
    newsletter("subscribers", "add", "nora@example.org", "--topics", "mri")
    plan = newsletter("list", "topics", "--rename", "mri", "irm", "--plan", "--json").json
    assert (plan["planned"], plan["subscribers"]) == (True, [1])
    assert "were rewritten: 1." in newsletter("list", "topics", "--rename", "mri", "irm").out
    shown = newsletter("subscribers", "show", "nora@example.org", "--json").json
    assert shown["lists"][0]["topics"] == ["irm"]
    assert newsletter("list", "topics", "--retire", "irm", "--plan", "--json").json["nothing_else"] == [1]
    assert "1 chose nothing else" in newsletter("list", "topics", "--retire", "irm").out
    assert "irm (retired)" in newsletter("list", "topics").out
    assert "Retired" in newsletter("subscribers", "add", "ola@example.org", "--topics", "irm", code=1).err
    newsletter("subscribers", "show", "ola@example.org", code=1)
    newsletter("subscribers", "add", "nora@example.org", "--topics", "irm")
    newsletter("subscribers", "choose", "nora@example.org", "--topics", "irm")
    slugs = {each["slug"]: each.get("retired", False) for each in _topics(newsletter)}
    assert slugs == {"irm": True, "ct": False}
    newsletter("list", "topics", "--retire", "ct", "--set", file, code=2)


def _topics(newsletter: Newsletter) -> list[dict[str, object]]:
    topics: list[dict[str, object]] = newsletter("list", "topics", "--json").json["topics"]
    return topics


def test_somebody_is_asked_and_another_one_chooses(newsletter: Newsletter, tmp_path: Path) -> None:
    file = tmp_path / "list.toml"
    file.write_text(FILE)
    newsletter("list", "create", "--file", file)
    asked = newsletter("subscribers", "join", "nora@example.org", "--topics", "mri").out
    assert newsletter("subscribers", "join", "nora@example.org").out == asked, "it says the same whoever is known"
    assert newsletter("notices", "list", "--json").json["states"] == {"waiting": 1}
    assert newsletter("subscribers", "stats", "--json").json["subscribers"]["pending"] == 1
    newsletter("subscribers", "add", "ola@example.org")
    assert newsletter("subscribers", "choose", "ola@example.org", "--exclude", "mri", "--json").json["changed"]
    assert "but mri" in newsletter("subscribers", "show", "ola@example.org").out
    assert "both chosen" in newsletter("subscribers", "choose", "ola@example.org", "--topics", "mri", code=1).err
    newsletter("subscribers", "choose", "ola@example.org", "--exclude", "", "--topics", "mri")
    newsletter("subscribers", "choose", "ola@example.org", "--digest", "monthly", code=1)
    newsletter("subscribers", "choose", "ola@example.org", code=2)


@pytest.mark.parametrize("verb", ["create", "edit"])
def test_what_is_no_language_is_refused_with_those_there_are(newsletter: Newsletter, verb: str) -> None:
    described = ("other", "--name", "O", "--from", "O <o@example.org>", "--languages")
    if verb == "edit":
        newsletter("list", "create", *described, "fr")
    refused = newsletter("list", verb, *described, "fr,xx", code=1)
    assert "There is no language “xx”. Labels and pages exist in ar, de, en, fr" in refused.err
    foreign = newsletter("list", verb, *described, "fr-CA,es", "--json")
    assert foreign.json["languages"] == ["fr-ca", "es"]
    assert "There are no labels in es" in foreign.err

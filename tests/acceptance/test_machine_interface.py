"""What scripts hold on to: the keys of every JSON object, nothing else on standard output, and the exit codes."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Any

import pytest

from newsletter.resources import folder
from tests.acceptance.conftest import Newsletter
from tests.real_issue import real_issue

if TYPE_CHECKING:
    from pathlib import Path

EXAMPLES = folder("examples")
SUMS = {"planned", "sent", "skipped", "failed", "uncertain"}
ITEM = {"title", "body", "topics", "links"}
FIELDS = {
    "summary": set(),
    "articles": {"journal", "date", "authors", "institution", "doi", "pmid"},
    "announcements": {"company", "badges"},
    "media": {"outlet"},
    "societies": {"organisation"},
    "leaders": {"name", "roles", "occasion", "quotation"},
}


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the commands of a week say, in their order."""
    newsletter = Newsletter(tmp_path_factory.mktemp("week"))
    said: dict[str, Any] = {"list": newsletter(
        "list", "create", "weekly", "--name", "Weekly", "--from", "Editors <we@example.org>",
        "--languages", "fr,en", "--topics", EXAMPLES / "topics.toml", "--json",
    ).json}  # fmt: skip
    people = _people(newsletter.folder)
    issue = "2026-03-13"
    texts = sorted(EXAMPLES.glob("*.txt"))
    preview = ("preview", issue, "--language", "fr", "--topics", "mri,ct")
    said["add"] = newsletter("issue", "add", *texts, "--list", "weekly", "--json").json
    said["show"] = newsletter("issue", "show", issue, "--language", "fr", "--json").json
    said["topics"] = newsletter("issue", "topics", issue, "--set", "14=mri,ct", "--must-read", "5", "--json").json
    said["check"] = newsletter("issue", "check", issue, "--json").json
    said["too early"] = newsletter("campaign", "send", issue, "--list", "weekly", "--json", code=1)
    said["finalize"] = newsletter("issue", "finalize", issue, "--json").json
    said["import"] = newsletter("subscribers", "import", people, "--list", "weekly", "--json", code=3).json
    said["result"] = _rows(newsletter.folder / said["import"]["result_file"])
    newsletter("suppression", "add", "gone@example.org", "--reason", "bounce")
    said["suppression"] = newsletter("suppression", "list", "--json").json
    said["preview"] = newsletter(*preview, "-o", "p.html", "--json").json
    said["html"] = (newsletter.folder / "p.html").read_text("utf-8")
    said["text"] = newsletter(*preview, "--text").out
    said["test"] = newsletter("test-send", issue, "--to", "me@example.org", "--json").json
    said["send"] = newsletter("campaign", "send", issue, "--list", "weekly", "--json").json
    said["again"] = newsletter("campaign", "send", issue, "--list", "weekly", "--json").json
    said["status"] = newsletter("campaign", "status", "latest", "--json").json
    said["mails"] = list((newsletter.folder / "var" / "outbox").glob("2026-*/*.eml"))
    return said


def test_issue_add(said: dict[str, Any]) -> None:
    added = said["add"]
    assert added.keys() >= {"issue", "revision", "languages", "counts", "warnings"}
    assert (added["issue"], added["revision"], added["languages"]) == ("2026-03-13", 1, ["fr", "en"])
    counts = {"summary": 1, "articles": 4, "announcements": 3, "media": 4, "societies": 3, "leaders": 2}
    assert added["counts"] == counts
    assert added["warnings"]
    assert all(warning.keys() >= {"line", "code", "message"} for warning in added["warnings"])


def test_issue_show(said: dict[str, Any]) -> None:
    _assert_shown(said["show"])
    assert said["show"]["period"] == {"start": "2026-03-07", "end": "2026-03-13"}


def test_issue_topics_and_finalize(said: dict[str, Any]) -> None:
    items = said["topics"]["items"]
    assert [item["position"] for item in items] == list(range(17))
    assert (items[14]["topics"], items[14]["by_editor"]) == (["ct", "mri"], True)
    assert items[5]["must_read"]
    assert items[1]["topics"] == ["mri"]
    assert all(concern["severity"] == "warning" for concern in said["check"]["concerns"])
    assert (said["finalize"]["state"], said["finalize"]["revision"]) == ("finalized", 1)


def test_a_draft_is_not_sent(said: dict[str, Any]) -> None:
    assert said["too early"].out == ""
    assert "newsletter issue finalize 2026-03-13" in said["too early"].err


def test_subscribers_import(said: dict[str, Any]) -> None:
    report = said["import"]
    assert report.keys() >= {"rows", "added", "updated", "unchanged", "rejected", "result_file"}
    assert [report[key] for key in ("rows", "added", "updated", "unchanged", "rejected")] == [5, 4, 0, 0, 1]
    assert [(row["line"], row["fate"]) for row in said["result"]][-1] == ("6", "rejected")
    assert said["result"][-1]["reason"]


def test_suppression_list(said: dict[str, Any]) -> None:
    (entry,) = said["suppression"]["suppressions"]
    assert entry.keys() >= {"email", "reason", "since"}


def test_preview(said: dict[str, Any]) -> None:
    assert said["preview"]["language"] == "fr"
    assert said["html"].lower().startswith("<!doctype html>")
    for form in (said["html"], said["text"]):
        assert "radiothérapie racontée" not in form
        assert "Scanner mobile" in form


def test_test_send(said: dict[str, Any]) -> None:
    (mail,) = said["test"]["mails"]
    assert (mail["to"], mail["outcome"]) == ("me@example.org", "accepted")


def test_campaign_send(said: dict[str, Any]) -> None:
    sent = said["send"]
    assert sent.keys() >= {"campaign", "state", *SUMS}
    assert (sent["state"], sent["planned"], sent["sent"]) == ("sent", 4, 2)
    assert sent["skipped"] == {"suppressed": 1, "unsubscribed": 1}
    assert sent["planned"] == sent["sent"] + sum(sent["skipped"].values()) + sent["failed"] + sent["uncertain"]
    assert len(said["mails"]) == 2


def test_sending_again_sends_nothing(said: dict[str, Any]) -> None:
    assert {key: said["again"][key] for key in SUMS} == {key: said["send"][key] for key in SUMS}


def test_campaign_status(said: dict[str, Any]) -> None:
    assert said["status"].keys() >= {"campaign", "state", "rate", "eta_seconds", *SUMS}
    assert said["status"]["campaign"] == said["send"]["campaign"]


def test_the_real_issue_goes_through_the_same_commands(newsletter: Newsletter) -> None:
    text = real_issue()
    newsletter("list", "create", "--file", EXAMPLES / "list.toml", "--topics", EXAMPLES / "topics.toml")
    newsletter("subscribers", "import", EXAMPLES / "subscribers.csv", "--result", "result.csv")
    added = newsletter("issue", "add", text, "--json").json
    assert added["counts"] == {
        "summary": 1, "articles": 5, "announcements": 5, "media": 6, "societies": 3, "leaders": 2,
    }  # fmt: skip
    assert {warning["code"] for warning in added["warnings"]} == {"missing-address"}
    _assert_shown(newsletter("issue", "show", added["issue"], "--language", "fr", "--json").json)
    newsletter("issue", "finalize", added["issue"])
    sent = newsletter("campaign", "send", added["issue"], "--json").json
    assert (sent["state"], sent["planned"], sent["failed"], sent["uncertain"]) == ("sent", 13, 0, 0)
    assert len(list(newsletter.folder.glob("var/outbox/*/*.eml"))) == sent["sent"]


def _assert_shown(shown: dict[str, Any]) -> None:
    assert shown.keys() >= {"issue", "language", "title", "period", "sections"}
    assert [section["kind"] for section in shown["sections"]] == list(FIELDS)
    for section in shown["sections"]:
        assert section["heading"]
        for item in section["items"]:
            assert item.keys() >= ITEM | FIELDS[section["kind"]]
            assert all(link.keys() >= {"label", "url"} for link in item["links"])


def _people(directory: Path) -> Path:
    file = directory / "people.csv"
    file.write_text(
        "email,name,language,topics,timezone,status\n"
        "ada@example.org,Ada,fr,ct;mri,Europe/Paris,\n"
        "ben@example.org,,en,,,active\n"
        "gone@example.org,Gone,,,,\n"
        "left@example.org,Left,,,,unsubscribed\n"
        "nobody@@example.org,,,,,\n",
        "utf-8",
    )
    return file


def _rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as text:
        return list(csv.DictReader(text))

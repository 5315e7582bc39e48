"""The digest from the shell: composed of what was sent, sent to those who chose it, and what is said on the way."""

from __future__ import annotations

from email import message_from_bytes, policy
from typing import TYPE_CHECKING

import pytest

from newsletter.issues.canonical.form import write_document
from tests.factories.digests import week

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.cli.conftest import Newsletter

TOPICS = "".join(f"[{slug}]\n" for slug in ("cardiac", "ct", "mri", "regulation"))
FIRST, SECOND, DIGEST = "2026-03-06", "2026-03-13", "2026-03"


@pytest.fixture
def weekly(newsletter: Newsletter) -> Newsletter:
    """`newsletter` with a list that offers the digest, a reader of each kind, and an issue that was sent."""
    (newsletter.folder / "topics.toml").write_text(TOPICS)
    said = ("--name", "Weekly", "--from", "Editors <we@example.org>", "--languages", "fr,en")
    newsletter("list", "create", "weekly", *said, "--topics", "topics.toml", "--digest")
    (newsletter.folder / "people.csv").write_text(
        "email,digest,topics\nevery@example.org,weekly,\nmonth@example.org,monthly,\nct@example.org,monthly,ct\n"
    )
    newsletter("subscribers", "import", "people.csv", "--result", "result.csv")
    sent(newsletter, 0)
    return newsletter


def added(newsletter: Newsletter, number: int, *languages: str) -> str:
    """Add and finalize the issue of that week, and return its name."""
    issue, files = week(number, *languages), []
    for code, document in issue.documents.items():
        files.append(newsletter.folder / f"{issue.date}.{code}.md")
        files[-1].write_text(write_document(document, issue.date), "utf-8")
    newsletter("issue", "add", *files)
    newsletter("issue", "finalize", str(issue.date))
    return str(issue.date)


def sent(newsletter: Newsletter, number: int) -> dict[str, object]:
    outcome: dict[str, object] = newsletter("campaign", "send", added(newsletter, number), "--json").json
    return outcome


def mails(folder: Path) -> dict[str, list[str]]:
    """Return the texts that each address got, the oldest first."""
    found: dict[str, list[str]] = {}
    for file in sorted((folder / "var" / "outbox").glob("2026-*/*.eml"), key=str):
        mail = message_from_bytes(file.read_bytes(), policy=policy.default)
        body = mail.get_body(("plain",))
        assert body is not None
        found.setdefault(str(mail["To"]), []).append(body.get_content())
    return found


def test_from_two_issues_to_one_mail_a_month(weekly: Newsletter) -> None:
    assert sent(weekly, 1)["skipped"] == {"digest": 2}
    composed = weekly("issue", "digest", "--month", DIGEST, "--json").json
    assert (composed["issue"], composed["revision"], composed["languages"]) == (DIGEST, 1, ["fr", "en"])
    assert (composed["issues"], composed["left_out"], composed["repeated"]) == ([FIRST, SECOND], [], 0)
    assert composed["counts"]["articles"] == 4
    assert weekly("issue", "digest", "weekly", "--month", DIGEST, "--json").json == {**composed, "changed": False}
    assert "nothing new" in weekly("issue", "digest", "--month", DIGEST).out
    assert "write it as 2026-11" in weekly("issue", "digest", "--month", "11-2026", code=2).err

    assert "is a draft" in weekly("campaign", "send", DIGEST, code=1).err
    weekly("issue", "finalize", DIGEST)
    estimated = weekly("campaign", "estimate", DIGEST, "--json").json
    outcome = weekly("campaign", "send", DIGEST, "--json").json
    assert (estimated["recipients"], estimated["skipped"]) == (2, {})
    assert (outcome["planned"], outcome["sent"], outcome["skipped"]) == (2, 2, {})
    found = mails(weekly.folder)
    assert {email: len(texts) for email, texts in found.items()} == {
        "every@example.org": 2, "month@example.org": 1, "ct@example.org": 1,
    }  # fmt: skip
    (everything,), (of_ct,) = found["month@example.org"], found["ct@example.org"]
    assert everything.count("Numéro du 6 mars 2026") == everything.count("Numéro du 13 mars 2026") == 6
    assert len(of_ct) < len(everything)
    assert weekly("campaign", "report", "--json").json["total"]["sent"] == 2


def test_a_digest_is_told_from_an_issue_like_any_other(weekly: Newsletter) -> None:
    weekly("issue", "digest", "--month", DIGEST)
    listed = weekly("issue", "list", "--json").json["issues"]
    assert {each["issue"]: each["digest"] for each in listed} == {FIRST: None, DIGEST: DIGEST}
    assert [weekly("issue", "show", each, "--json").json["digest"] for each in (FIRST, DIGEST)] == [None, DIGEST]
    lines = {line.split()[0]: line for line in weekly("issue", "list").out.splitlines() if line.startswith("2026")}
    assert ("digest" in lines[FIRST], "digest of a month" in lines[DIGEST]) == (False, True)
    assert weekly("issue", "show", FIRST).out.startswith(f"Issue {FIRST}, revision 1")
    assert weekly("issue", "show", DIGEST).out.startswith(f"Digest of the month {DIGEST}, revision 1")


def test_what_was_not_sent_is_left_out_and_taken_in_once_it_was(weekly: Newsletter) -> None:
    added(weekly, 1)
    composed = weekly("issue", "digest", "--month", DIGEST)
    assert "Issue 2026-03-13 is left out: it was not sent." in composed.err
    weekly("issue", "topics", DIGEST, "--set", "1=regulation", "--must-read", "2")
    weekly("issue", "finalize", DIGEST)
    weekly("campaign", "schedule", DIGEST, "--at", "2199-04-06T08:00")
    weekly("campaign", "send", SECOND)
    anew = weekly("issue", "digest", "--month", DIGEST)
    assert "Digest 2026-03, revision 2, draft" in anew.out
    assert "was edited (revision 2)" in anew.err, "its campaign was approved as it was before"
    items = weekly("issue", "topics", DIGEST, "--json").json["items"]
    by_editor = [(item["topics"], item["must_read"]) for item in items if item["by_editor"]]
    assert by_editor == [(["regulation"], False), (["cardiac", "ct"], True)]


@pytest.mark.parametrize(
    ("month", "says"),
    [("2026-04", "no issue of the list is dated in that month"), ("2026-02", "nothing to make a digest of")],
)
def test_a_month_without_an_issue_that_was_sent_is_refused(weekly: Newsletter, month: str, says: str) -> None:
    assert says in weekly("issue", "digest", "--month", month, code=1).err
    assert not any(each["digest"] for each in weekly("issue", "list", "--json").json["issues"])


def test_a_month_is_written_as_one(weekly: Newsletter) -> None:
    weekly("issue", "digest", "--month", "March", code=2)
    weekly("issue", "digest", code=2)


def test_languages_can_be_left_out(weekly: Newsletter) -> None:
    assert weekly("issue", "digest", "--month", DIGEST, "--language", "en", "--json").json["languages"] == ["en"]
    assert "“de”" in weekly("issue", "digest", "--month", DIGEST, "--language", "de", code=1).err


def test_a_preview_says_for_whom_a_mail_is_not(weekly: Newsletter) -> None:
    weekly("issue", "digest", "--month", DIGEST)
    assert "the month's digest instead" in weekly("preview", FIRST, "--as", "ct@example.org").err
    assert "not a digest" in weekly("preview", DIGEST, "--as", "every@example.org").err
    assert weekly("preview", DIGEST, "--as", "ct@example.org", "-o", "ct.html").err == ""


def test_a_digest_that_is_withdrawn_leaves_nobody_without_mail(weekly: Newsletter) -> None:
    weekly("issue", "digest", "--month", DIGEST)
    weekly("issue", "finalize", DIGEST)
    said = weekly("list", "edit", "--no-digest", "--json")
    assert "2 people had chosen one mail a month: from now on they get every issue" in said.err
    assert said.json["digest_offered"] is False
    assert "does not offer a monthly digest" in weekly("campaign", "send", DIGEST, code=1).err
    assert "does not offer a digest" in weekly("issue", "digest", "--month", DIGEST).err
    assert sent(weekly, 1)["sent"] == 3
    weekly("list", "edit", "--digest")
    assert weekly("campaign", "send", DIGEST, "--json").json["sent"] == 2


def test_a_list_sends_its_digest_at_a_time_of_its_own(weekly: Newsletter) -> None:
    slots = ("--set", "fri 08:00", "--set", "first Monday of the month 8:00")
    said = weekly("list", "schedule", *slots, "--json").json
    assert {each["slot"]: each["digest"] for each in said["slots"]} == {
        "fri 08:00 UTC": False,
        "first mon 08:00 UTC": True,
    }
    assert "first mon 08:00 UTC, the digest" in weekly("list", "schedule").out
    weekly("list", "show", "--toml", "-o", "weekly.toml")
    assert "digest_offered = true" in (weekly.folder / "weekly.toml").read_text()
    weekly("list", "edit", "--file", "weekly.toml")
    assert weekly("list", "schedule", "--json").json["slots"] == said["slots"]

"""A month of a list through SES, as processes: two issues, then the digest of them, by the simulator's own record."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from newsletter.issues.canonical.form import write_document
from tests.acceptance.joined import joined
from tests.factories.digests import week

if TYPE_CHECKING:
    from pathlib import Path

    from newsletter.simulator.client import SimulatorClient

WEEKS, DIGEST = (0, 1), "2026-03"
PEOPLE = [
    f"{digest}{n}@example.org,{digest},{('fr', 'en')[n % 2]}" for n in range(6) for digest in ("weekly", "monthly")
]


def test_two_issues_for_some_and_one_digest_for_the_others(
    tmp_path: Path, sqlite_url: str, simulator: SimulatorClient
) -> None:
    newsletter = joined(tmp_path, sqlite_url, simulator, "")
    newsletter.settings["NEWSLETTER_SES_CONFIGURATION_SET"] = ""
    (tmp_path / "topics.toml").write_text("[cardiac]\n[ct]\n[mri]\n[regulation]\n")
    (tmp_path / "people.csv").write_text("\n".join(["email,digest,language", *PEOPLE]))
    said = ("--name", "Weekly", "--from", "Editors <we@example.org>", "--languages", "fr,en", "--topics", "topics.toml")
    newsletter("list", "create", "weekly", *said, "--digest")
    newsletter("subscribers", "import", "people.csv")
    for number in WEEKS:
        issue = week(number)
        for code, document in issue.documents.items():
            (tmp_path / f"{issue.date}.{code}.md").write_text(write_document(document, issue.date), "utf-8")
        newsletter("issue", "add", *sorted(tmp_path.glob(f"{issue.date}.*.md")))
        newsletter("issue", "finalize", str(issue.date))
        assert newsletter("campaign", "send", str(issue.date), "--json").json["skipped"] == {"digest": 6}
    assert newsletter("issue", "digest", "--month", DIGEST, "--json").json["issues"] == ["2026-03-06", "2026-03-13"]
    newsletter("issue", "finalize", DIGEST)
    outcome = newsletter("campaign", "send", DIGEST, "--json").json
    assert (outcome["planned"], outcome["sent"], outcome["skipped"]) == (6, 6, {})
    assert newsletter("campaign", "send", DIGEST, "--json").json == outcome

    subjects: dict[str, list[str]] = defaultdict(list)
    for mail in simulator.mails():
        (recipient,) = mail["recipients"]
        subjects[recipient].append(" ".join(simulator.mail(mail["id"])["subject"].split()))
    months = ["Weekly · mars 2026", "Weekly · March 2026"]
    for n in range(6):
        assert subjects.pop(f"monthly{n}@example.org") == [months[n % 2]]
        assert len(subjects.pop(f"weekly{n}@example.org")) == len(WEEKS)
    assert not subjects
    (of_month,) = simulator.mails(recipient="monthly1@example.org")
    text = simulator.mail(of_month["id"])["text"]
    assert "The month in one mail: 2 issues" in text
    assert text.count("Issue of March 13, 2026") == 6

"""After a campaign: those in doubt, those that failed, and the very mail that somebody got."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from newsletter.delivery import outbox
from newsletter.delivery.transport import Outcome, Verdict
from newsletter.resources import folder

if TYPE_CHECKING:
    from newsletter.delivery.transport import Call
    from tests.unit.cli.conftest import Newsletter

EXAMPLES = folder("examples")
ISSUE = "2026-03-13"
ANA, BEN, CLO = "ana@example.org", "ben@example.org", "clo@example.org"


@pytest.fixture
def three(newsletter: Newsletter) -> Newsletter:
    """`newsletter` with a finalized issue and three readers."""
    newsletter("list", "create", "--file", EXAMPLES / "list.toml", "--topics", EXAMPLES / "topics.toml")
    for email in (ANA, BEN, CLO):
        newsletter("subscribers", "add", email, "--name", email[:3].title())
    newsletter("issue", "add", EXAMPLES / f"{ISSUE}.fr.txt", EXAMPLES / f"{ISSUE}.en.txt")
    newsletter("issue", "finalize", ISSUE)
    return newsletter


@pytest.fixture
def troubled(three: Newsletter, monkeypatch: pytest.MonkeyPatch) -> Newsletter:
    """The same, after a campaign in which Ana's mail was refused and nobody knows of Ben's and Clo's."""
    verdicts = {
        ANA: Outcome(Verdict.REJECTED, reason="550 no such user"),
        BEN: Outcome(Verdict.UNCERTAIN, reason="read time-out"),
        CLO: Outcome(Verdict.UNCERTAIN, reason="read time-out"),
    }
    with monkeypatch.context() as patched:
        patched.setattr(outbox.Outbox, "send", lambda _self, call: [verdicts[each] for each in _emails(call)])
        three("campaign", "send", ISSUE, code=3)
    return three


def _emails(call: Call) -> list[str]:
    return [each.recipient.email for each in call.recipients]


def _books(newsletter: Newsletter) -> tuple[int, int, int]:
    said = newsletter("campaign", "status", "--json").json
    return said["sent"], said["failed"], said["uncertain"]


def _mails(newsletter: Newsletter) -> list[str]:
    return sorted(path.name.partition("_")[2] for path in (newsletter.folder / "var" / "outbox").rglob("*.eml"))


def test_those_in_doubt_are_listed_with_when_and_why(troubled: Newsletter) -> None:
    listed = troubled("campaign", "uncertain", code=3)
    assert BEN in listed.out
    assert "read time-out" in listed.out
    said = troubled("campaign", "uncertain", "--json", code=3).json
    assert [each["email"] for each in said["uncertain"]] == [BEN, CLO]
    assert _books(troubled) == (0, 1, 2)


def test_a_person_says_who_got_it_and_who_did_not(troubled: Newsletter) -> None:
    assert troubled("campaign", "uncertain", "--went", BEN, "--json", code=3).json["settled"] == 1
    assert _books(troubled) == (1, 1, 1)
    again = troubled("campaign", "uncertain", "--all-again")
    assert "campaign resume" in again.err
    troubled("campaign", "resume")
    assert _books(troubled) == (2, 1, 0)
    assert _mails(troubled) == [f"{CLO}.eml"]
    assert "Nobody" in troubled("campaign", "uncertain").out


def test_who_is_not_in_doubt_cannot_be_settled_and_nobody_is_meanwhile(troubled: Newsletter) -> None:
    assert ANA in troubled("campaign", "uncertain", "--went", BEN, "--went", ANA, code=1).err
    assert "one thing" in troubled("campaign", "uncertain", "--went", BEN, "--all-again", code=2).err
    assert _books(troubled) == (0, 1, 2)


def test_failures_are_tried_again_and_nobody_else(troubled: Newsletter) -> None:
    assert "Nobody" in troubled("campaign", "retry-failed", "--reason", "mailbox full").err
    troubled("campaign", "retry-failed", "--reason", "no such", code=3)
    assert _books(troubled) == (1, 0, 2)
    assert _mails(troubled) == [f"{ANA}.eml"]
    assert "nothing is sent" in troubled("campaign", "retry-failed").err


def test_any_mail_is_made_again_byte_for_byte_whatever_changed_since(three: Newsletter) -> None:
    key, later = "k" * 32, f"{'n' * 32} {'k' * 32}"
    three("campaign", "send", ISSUE, NEWSLETTER_SECRET_KEY=key, NEWSLETTER_PUBLIC_URL="https://old.example.org")
    left = {path.name.partition("_")[2][:-4]: path.read_bytes() for path in Path("var/outbox").rglob("*.eml")}
    three(
        "list",
        "edit",
        "--name",
        "Another name",
        "--from",
        "Another <other@example.org>",
        "--postal-address",
        "Elsewhere",
    )
    changed = Path("people.csv")
    changed.write_text(f"email,name,language\n{ANA},Anastasia,en\n{BEN},Benjamin,fr\n", "utf-8")
    three("subscribers", "import", changed)
    three("subscribers", "unsubscribe", CLO)

    for email, content in left.items():
        said = three("campaign", "show-mail", "--to", email, "-o", "again.eml", "--json", NEWSLETTER_SECRET_KEY=later)
        assert Path("again.eml").read_bytes() == content
        assert said.json["state"] == "sent"
    assert set(left) == {ANA, BEN, CLO}


def test_there_is_no_mail_of_somebody_who_was_not_written_to(three: Newsletter) -> None:
    three("subscribers", "unsubscribe", ANA)
    three("campaign", "send", ISSUE)
    assert "unsubscribed" in three("campaign", "show-mail", "--to", ANA, code=1).err
    assert "nothing on" in three("campaign", "show-mail", "--to", "stranger@example.org", code=1).err
    assert three("campaign", "show-mail", "latest", "--to", BEN).out.startswith("To: ")

"""An issue's way from a text to everybody's mail, and what is said where it cannot go on."""

from __future__ import annotations

import json
import os
import signal
import threading
from email import message_from_bytes, policy
from typing import TYPE_CHECKING

import pytest

from newsletter.delivery import outbox
from newsletter.resources import folder

if TYPE_CHECKING:
    from collections.abc import Callable

    from newsletter.delivery.transport import Call, Outcome
    from tests.unit.cli.conftest import Newsletter

EXAMPLES = folder("examples")
ISSUE = "2026-03-13"
FRENCH, ENGLISH = EXAMPLES / f"{ISSUE}.fr.txt", EXAMPLES / f"{ISSUE}.en.txt"


@pytest.fixture
def on_a_list(newsletter: Newsletter) -> Newsletter:
    """`newsletter` with the example list and its people."""
    newsletter("list", "create", "--file", EXAMPLES / "list.toml", "--topics", EXAMPLES / "topics.toml")
    newsletter("subscribers", "import", EXAMPLES / "subscribers.csv", "--result", "result.csv")
    return newsletter


@pytest.fixture
def finalized(on_a_list: Newsletter) -> Newsletter:
    """`newsletter` with an issue that can be sent."""
    on_a_list("issue", "add", FRENCH, ENGLISH)
    on_a_list("issue", "finalize", ISSUE)
    return on_a_list


def test_an_issue_is_added_before_there_is_a_list_and_brought_to_it_later(newsletter: Newsletter) -> None:
    added = newsletter("issue", "add", FRENCH)
    assert "no list yet" in added.err
    assert newsletter("issue", "list", "--json").json["issues"][0]["list"] is None
    newsletter("preview", ISSUE, "-o", "preview.html")
    newsletter("list", "create", "--file", EXAMPLES / "list.toml", "--topics", EXAMPLES / "topics.toml")
    topics = newsletter("issue", "topics", ISSUE)
    assert "belongs to the list imagerie" in topics.err
    assert "mammography" in topics.out


def test_who_sends_an_issue_that_was_edited_since_is_told_which_revision_goes(finalized: Newsletter) -> None:
    finalized("issue", "topics", ISSUE, "--must-read", "2")
    sent = finalized("campaign", "send", ISSUE)
    assert "revision 1 is sent" in sent.err
    assert "(revision 2) is not in it" in sent.err


def test_a_text_that_cannot_be_read_is_refused_with_its_lines(newsletter: Newsletter) -> None:
    text = newsletter.folder / f"{ISSUE}.fr.txt"
    text.write_text(FRENCH.read_text("utf-8").replace("ARTICLE 2 ·", "Zut 2 ·"), "utf-8")
    other = newsletter.folder / "notes.txt"
    other.write_text("Bonjour.\n", "utf-8")
    refused = newsletter("issue", "add", other, text, code=1)
    assert "notes.txt cannot be read" in refused.err
    assert newsletter("issue", "list", "--json").json == {"issues": []}


def test_languages_that_do_not_line_up_are_refused_with_the_first_difference(newsletter: Newsletter) -> None:
    shorter = newsletter.folder / ENGLISH.name
    text = ENGLISH.read_text("utf-8")
    start, end = text.index("ARTICLE 4"), text.index("2. INDUSTRY")
    shorter.write_text(text[:start] + text[end:], "utf-8")
    refused = newsletter("issue", "add", FRENCH, shorter, code=1)
    assert "do not line up" in refused.err
    assert newsletter("issue", "list", "--json").json == {"issues": []}


def test_the_first_add_says_what_comes_next_and_the_second_that_nothing_is_new(on_a_list: Newsletter) -> None:
    assert "newsletter issue topics" in on_a_list("issue", "add", FRENCH, ENGLISH).err
    assert "nothing new" in on_a_list("issue", "add", FRENCH, ENGLISH).out


def test_what_is_not_there_is_refused_with_what_there_is(on_a_list: Newsletter) -> None:
    assert "issue add" in on_a_list("issue", "show", "2026-01-01", code=1).err
    on_a_list("issue", "add", FRENCH)
    assert ISSUE in on_a_list("issue", "show", "2026-01-01", code=1).err
    assert "fr" in on_a_list("issue", "show", ISSUE, "--language", "en", code=1).err
    assert "item 99" in on_a_list("issue", "topics", ISSUE, "--must-read", "99", code=1).err
    assert "dance" in on_a_list("issue", "topics", ISSUE, "--set", "3=dance", code=1).err
    assert "dance" in on_a_list("preview", ISSUE, "--topics", "dance", code=1).err
    assert "nobody@example.org" in on_a_list("preview", ISSUE, "--as", "nobody@example.org", code=1).err
    assert "campaign send" in on_a_list("campaign", "status", code=1).err
    assert "campaign list" in on_a_list("campaign", "pause", "7", code=1).err


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("issue", "add"), "FILE"),
        (("issue", "add", "nowhere.txt"), "nowhere.txt"),
        (("issue", "topics", ISSUE, "--set", "3:ct"), "3=ct,mri"),
        (("preview", ISSUE, "--as", "ada@example.org", "--topics", "ct"), "--as"),
        (("test-send", ISSUE), "--to"),
        (("campaign", "send"), "ISSUE"),
    ],
)
def test_wrong_usage_is_two_and_says_what(on_a_list: Newsletter, arguments: tuple[str, ...], expected: str) -> None:
    on_a_list("issue", "add", FRENCH)
    assert expected in on_a_list(*arguments, code=2).err


def test_one_language_is_named_for_one_file(on_a_list: Newsletter) -> None:
    assert "--language" in on_a_list("issue", "add", FRENCH, ENGLISH, "--language", "fr", code=2).err


def test_a_change_of_a_finalized_issue_is_a_new_revision(finalized: Newsletter) -> None:
    after = finalized("issue", "topics", ISSUE, "--set", "14=mri", "--not-must-read", "5", "--json").json
    assert (after["revision"], after["state"]) == (2, "draft")


def test_looking_an_issue_over_names_what_to_look_at(finalized: Newsletter) -> None:
    assert "missing-address" in finalized("issue", "check", ISSUE).out


def test_an_issue_is_shown_field_by_field(finalized: Newsletter) -> None:
    shown = finalized("issue", "show", ISSUE, "--language", "en").out
    for expected in ("doi: 10.5555/exemple.2026.0310", "badges: FDA 510(k); CE Mark", "(no address)", "(fr)"):
        assert expected in shown


def test_a_preview_is_a_readers_mail(finalized: Newsletter) -> None:
    assert finalized("preview", ISSUE, "--as", "priya.raman@example.com", "--json").json["items"] == [
        0, 3, 5, 9, 14, 15, 16,
    ]  # fmt: skip
    said = finalized("preview", ISSUE, "--language", "de")
    assert "shown in fr" in said.err
    assert (finalized.folder / f"{ISSUE}.de.html").is_file()
    assert "no mail" in finalized("preview", ISSUE, "--as", "sofia.rossi@example.com", "-o", "sofia.html").err


def test_a_preview_is_refused_where_there_would_be_no_mail(on_a_list: Newsletter) -> None:
    on_a_list("issue", "add", FRENCH)
    on_a_list("issue", "topics", ISSUE, *(each for n in range(1, 17) for each in ("--set", f"{n}=ct")))
    assert "--nothing-left" in on_a_list("preview", ISSUE, "--topics", "ultrasound", code=1).err


def test_a_test_mail_names_the_address_that_is_wrong(finalized: Newsletter) -> None:
    refused = finalized("test-send", ISSUE, "--to", "me@example.org", "--to", "me@", code=1)
    assert "me@:" in refused.err
    assert not (finalized.folder / "var" / "outbox").exists()


def test_an_issue_is_not_used_up_on_a_list_without_people(newsletter: Newsletter) -> None:
    newsletter("list", "create", "--file", EXAMPLES / "list.toml")
    newsletter("issue", "add", FRENCH)
    newsletter("issue", "finalize", ISSUE)
    assert "subscribers import" in newsletter("campaign", "send", ISSUE, code=1).err
    newsletter("subscribers", "add", "ada@example.org")
    assert newsletter("campaign", "send", ISSUE, "--json").json["sent"] == 1


def test_the_same_on_postgresql(newsletter: Newsletter, postgresql_url: str) -> None:
    newsletter.monkeypatch.setenv("NEWSLETTER_DATABASE_URL", postgresql_url)
    newsletter("list", "create", "--file", EXAMPLES / "list.toml", "--topics", EXAMPLES / "topics.toml")
    newsletter("subscribers", "import", EXAMPLES / "subscribers.csv", "--result", "result.csv")
    newsletter("issue", "add", FRENCH, ENGLISH)
    newsletter("issue", "finalize", ISSUE)
    assert "NEWSLETTER_SECRET_KEY" in newsletter("campaign", "send", ISSUE, code=1).err
    books = newsletter("campaign", "send", ISSUE, "--json", NEWSLETTER_SECRET_KEY="s" * 32).json
    assert (books["state"], books["sent"], books["skipped"]) == ("sent", 12, {"unsubscribed": 1})


def test_test_mails_are_marked_and_counted_by_nobody(finalized: Newsletter) -> None:
    finalized("test-send", ISSUE, "--to", "me@example.org", "--to", "me@example.org", "--language", "en")
    (mail,) = (finalized.folder / "var" / "outbox").glob("test-*/*.eml")
    assert message_from_bytes(mail.read_bytes(), policy=policy.default)["Subject"].startswith("[Test] ")
    assert finalized("campaign", "list", "--json").json == {"campaigns": []}


def test_a_transport_that_cannot_work_pauses_the_campaign_and_says_why(finalized: Newsletter) -> None:
    """The folder of the outbox is a file."""
    (finalized.folder / "var").mkdir()
    blocked = finalized.folder / "var" / "outbox"
    blocked.write_text("", "utf-8")
    stopped = finalized("campaign", "send", ISSUE, code=1)
    assert "Paused" in stopped.err
    assert "campaign resume" in stopped.err
    assert "campaign resume" in finalized("campaign", "send", ISSUE, code=1).err
    blocked.unlink()
    assert finalized("campaign", "resume", "--json").json["sent"] == 12


def test_sending_twice_says_that_it_was_sent(finalized: Newsletter) -> None:
    finalized("campaign", "send", ISSUE)
    again = finalized("campaign", "send", ISSUE)
    assert "nothing is sent now" in again.err
    assert "cannot be given `cancel`." in finalized("campaign", "cancel", code=1).err
    (listed,) = finalized("campaign", "list", "--json").json["campaigns"]
    assert (listed["issue"], listed["state"]) == (ISSUE, "sent")


@pytest.fixture
def during_the_second_call(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], object]], None]:
    """Do something while mail is going out: one recipient a call, and the second call waits for it."""

    def install(act: Callable[[], object]) -> None:
        calls = 0
        monkeypatch.setenv("NEWSLETTER_CONCURRENCY", "1")  # a signal reaches the main thread at once
        send = outbox.Outbox.send

        def sending(self: outbox.Outbox, call: Call) -> list[Outcome]:
            nonlocal calls
            calls += 1
            if calls == 2:
                act()
            return list(send(self, call))

        monkeypatch.setattr(outbox.Outbox, "max_recipients", 1)
        monkeypatch.setattr(outbox.Outbox, "send", sending)

    return install


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_stopped_in_between_it_goes_on_where_it_was(
    finalized: Newsletter,
    during_the_second_call: Callable[[Callable[[], object]], None],
    number: int,
    code: int,
) -> None:
    assert threading.current_thread() is threading.main_thread()
    during_the_second_call(lambda: os.kill(os.getpid(), number))
    stopped = finalized("campaign", "send", ISSUE, "--json", code=code)
    assert (stopped.json["sent"], stopped.json["uncertain"], stopped.json["pending"]) == (2, 0, 10)
    assert "10 mails to go" in stopped.err
    assert finalized("campaign", "send", ISSUE, "--json").json["sent"] == 12


def test_cancelled_campaigns_say_who_got_nothing(
    finalized: Newsletter, during_the_second_call: Callable[[Callable[[], object]], None]
) -> None:
    during_the_second_call(lambda: os.kill(os.getpid(), signal.SIGINT))
    finalized("campaign", "send", ISSUE, code=130)
    books = finalized("campaign", "cancel", "--reason", "wrong photo", "--json").json
    assert (books["state"], books["sent"], books["skipped"]["cancelled"]) == ("cancelled", 2, 10)
    assert "pending" not in books
    assert finalized("campaign", "status").out.count("wrong photo") == 1


def test_a_paused_campaign_waits_for_its_word(
    finalized: Newsletter, during_the_second_call: Callable[[Callable[[], object]], None]
) -> None:
    during_the_second_call(lambda: os.kill(os.getpid(), signal.SIGINT))
    finalized("campaign", "send", ISSUE, code=130)
    assert json.loads(finalized("campaign", "pause", "--reason", "lunch", "--json").out)["state"] == "paused"
    assert "lunch" in finalized("campaign", "send", ISSUE, code=1).err
    assert finalized("campaign", "resume", "latest", "--json").json["sent"] == 12
    assert finalized("campaign", "status", "--watch", "--json").json["state"] == "sent"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("2026-13-45", "“2026-13-45” is not in the calendar"),
        ("weekly/2026-02-30", "“2026-02-30” is not in the calendar"),
        ("2026-13", "“2026-13” is not in the calendar"),
        ("next", "“next” is no date: an issue is called by its own, like 2026-05-22"),
        ("2026-05-22", "Error: There is no issue “2026-05-22”"),
    ],
)
def test_a_name_that_no_issue_can_have_is_called_that(newsletter: Newsletter, name: str, said: str) -> None:
    for command in (("issue", "show"), ("preview",), ("campaign", "send")):
        refused = newsletter(*command, name, *(["-o", "x.html"] if command == ("preview",) else []), code=1).err
        assert said in refused, command
        assert "newsletter issue add FILE" in refused

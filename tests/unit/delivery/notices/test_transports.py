"""Notices over each way out, as they arrive: headers, both bodies, links that say what they are for."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from newsletter.delivery.notices.sending import Counts
from newsletter.delivery.outbox import Outbox
from newsletter.delivery.ses import Method, Ses, SesSettings
from newsletter.delivery.smtp import Smtp
from newsletter.delivery.smtp_session import SmtpSettings
from subscribers.ports import NoticeKind
from subscribers.tokens import Signer
from tests.factories.desk import PUBLIC_URL, Desk, body, make_desk, read
from tests.factories.editions import SECRET
from tests.fakes.mail_server import DROP, Behaviour, MailServer
from tests.fixtures.patience import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Sequence
    from email.message import EmailMessage

    from newsletter.delivery.transport import Call, Outcome
    from newsletter.simulator.client import SimulatorClient
    from subscribers.database import Database

SIGNER = Signer(SECRET)
_OF_SUBSCRIBERS = {NoticeKind.WELCOME, NoticeKind.REPERMISSION, NoticeKind.ALREADY}


@pytest.fixture
def desk(sqlite_database: Database) -> Desk:
    return make_desk(sqlite_database, languages=("fr", "ar"), reply_to="redaction@example.org")


def mails(folder: Path) -> list[EmailMessage]:
    return [read(file.read_bytes()) for file in sorted(folder.rglob("*.eml"))]


def token(message: EmailMessage, purpose: str) -> tuple[int, ...]:
    """Return what the link of that purpose was signed for; it is the same in both bodies."""
    pattern = re.compile(rf"{re.escape(PUBLIC_URL)}/{purpose}/([\w-]+)")
    found = {*pattern.findall(body(message)), *pattern.findall(body(message, "html"))}
    assert len(found) == 1
    return SIGNER.read(purpose, found.pop())


@pytest.mark.parametrize("kind", NoticeKind)
def test_each_kind_has_the_headers_and_links_that_fit(desk: Desk, tmp_path: Path, kind: NoticeKind) -> None:
    person = desk.person("pending" if kind is NoticeKind.CONFIRM else "active", name="Buy pills at http://evil.example")
    elsewhere = "elsewhere@example.org" if kind is NoticeKind.NEW_ADDRESS else None
    number = desk.ask(kind, person, email=elsewhere)
    assert desk.sender(Outbox(tmp_path)).send_due() == Counts(sent=1)
    (message,) = mails(tmp_path)

    assert message["To"] == (elsewhere or f"p{person}@example.org")
    assert (message["From"], message["Reply-To"]) == ("Imaging & AI <letter@example.org>", "redaction@example.org")
    assert (message["Auto-Submitted"], message["Precedence"]) == ("auto-generated", None)
    assert message["Content-Language"] == "fr"
    assert re.fullmatch(r"<notices-\d+\.\d+@example\.org>", message["Message-ID"])
    assert message["Feedback-ID"].startswith(f"notice-{kind}:imaging:")
    assert "evil" not in message.as_string()
    assert not message.defects
    if number:
        assert token(message, "confirm") == (number,)
    if kind in _OF_SUBSCRIBERS:
        assert token(message, "unsubscribe") == (desk.publication.id, 0, person)
        assert token(message, "preferences") == (desk.publication.id, person)
        assert message["List-Unsubscribe"].strip().startswith(f"<{PUBLIC_URL}/unsubscribe/")
        assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert message["List-Id"] is not None
    else:
        assert not {"List-Unsubscribe", "List-Unsubscribe-Post", "List-Id"} & set(message.keys())
        assert f"p{person}@" not in body(message) + body(message, "html")


def test_it_says_until_when_the_link_works_in_the_readers_language(desk: Desk, tmp_path: Path) -> None:
    desk.ask(NoticeKind.CONFIRM, desk.person(), language="ar")
    desk.sender(Outbox(tmp_path)).send_due()
    (message,) = mails(tmp_path)
    assert "الرابط صالح حتى 12 مارس 2026." in body(message)  # it ends on the 13th, in the morning
    assert 'dir="rtl"' in body(message, "html")
    assert message["Content-Language"] == "ar"


def test_the_outbox_knows_what_a_dead_sender_had_handed_over(desk: Desk, tmp_path: Path) -> None:
    class Dies(BaseException):
        pass

    class Mortal(Outbox):
        def send(self, call: Call) -> Sequence[Outcome]:
            super().send(call)
            raise Dies

    desk.ask(NoticeKind.CONFIRM, desk.person())
    with pytest.raises(Dies):
        desk.sender(Mortal(tmp_path)).send_due()
    assert desk.states() == ["claimed"]
    desk.let_claims_expire()
    assert desk.sender(Outbox(tmp_path)).send_due() == Counts()
    assert desk.states() == ["sent"]
    assert len(mails(tmp_path)) == 1


def test_over_smtp(desk: Desk) -> None:
    behaviour = Behaviour(recipient={"p2@example.org": "450 4.2.1 busy", "p3@example.org": "550 5.1.1 nobody"})
    behaviour.content["p4@example.org"] = DROP
    for _ in range(4):
        desk.ask(NoticeKind.CONFIRM, desk.person())
    with MailServer(behaviour) as server:
        settings = SmtpSettings(
            host="127.0.0.1", port=server.port, security="none", user="", password="", timeout=PATIENCE
        )
        assert desk.sender(Smtp(settings)).send_due() == Counts(sent=1, waiting=1, failed=1, uncertain=1)
        behaviour.recipient.clear()
        behaviour.content.clear()
        desk.time.now = max(notice.not_before for notice in desk.notices())
        assert desk.sender(Smtp(settings)).send_due() == Counts(sent=1)
    got = sorted(mail.recipient for mail in behaviour.accepted)
    assert got == ["p1@example.org", "p2@example.org", "p4@example.org"], "one each; the last had no answer"
    assert desk.states() == ["sent", "sent", "failed", "uncertain"]


@pytest.mark.parametrize("method", [Method.AUTO, Method.BULK])
def test_over_ses(
    desk: Desk,
    simulator: SimulatorClient,
    monkeypatch: pytest.MonkeyPatch,
    method: Method,
    caplog: pytest.LogCaptureFixture,
) -> None:
    for name, value in simulator.environment.items():
        monkeypatch.setenv(name, value)
    ses = Ses(SesSettings(configuration_set="", method=method, timeout=PATIENCE, connections=2))
    number = desk.ask(NoticeKind.CONFIRM, desk.person())
    desk.ask(NoticeKind.WELCOME, desk.person("active"))
    try:
        simulator.add_fault("throttle", next=1)
        assert desk.sender(ses).send_due() == Counts(waiting=1)
        desk.time.now = max(notice.not_before for notice in desk.notices())
        assert desk.sender(ses).send_due() == Counts(sent=2)
    finally:
        ses.close()
    assert simulator.counts() == {"p1@example.org": 1, "p2@example.org": 1}
    first = desk.notices()[0]
    assert first.message_id is not None
    message = read(simulator.message(first.message_id))
    assert token(message, "confirm") == (number,)
    assert "raw mails" not in caplog.text, "a mail to one person is no variant that bulk cannot carry"

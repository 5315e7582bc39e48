"""SMTP where it goes wrong: what each answer, and each missing one, means for a mail. Against a real server."""

from __future__ import annotations

import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from newsletter.delivery.smtp import Smtp
from newsletter.delivery.smtp_session import SmtpSettings
from newsletter.delivery.transport import Outcome, Verdict
from newsletter.errors import RetryLater, StopCampaign
from tests.factories.calls import call
from tests.fakes.mail_server import DROP, SILENCE, Behaviour, Certificates, MailServer
from tests.fixtures.patience import growing

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ACCEPTED, REJECTED, RETRY = Verdict.ACCEPTED, Verdict.REJECTED, Verdict.RETRY
UNTRIED, UNCERTAIN = Verdict.UNTRIED, Verdict.UNCERTAIN
SECOND = "reader2@example.org"


@pytest.fixture
def behaviour() -> Behaviour:
    return Behaviour()


@pytest.fixture
def smtp(behaviour: Behaviour) -> Iterator[Smtp]:
    with MailServer(behaviour) as server:
        yield Smtp(_settings(server))


def test_the_mails_of_a_call_go_over_one_connection(smtp: Smtp, behaviour: Behaviour) -> None:
    outcomes = smtp.send(call(1, 2, 3))
    assert _verdicts(outcomes) == [ACCEPTED, ACCEPTED, ACCEPTED]
    assert [outcome.message_id for outcome in outcomes] == ["queued as 1", "queued as 2", "queued as 3"]
    assert behaviour.connections == 1
    assert {mail.sender for mail in behaviour.accepted} == {"lettre@news.example.org"}


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [("550 5.1.1 no such user", REJECTED), ("450 4.2.1 mailbox busy", RETRY), ("451 4.7.1 greylisted", RETRY)],
)
def test_a_refused_recipient_is_theirs_alone(smtp: Smtp, behaviour: Behaviour, answer: str, verdict: Verdict) -> None:
    behaviour.recipient[SECOND] = answer
    outcomes = smtp.send(call(1, 2, 3))
    assert _verdicts(outcomes) == [ACCEPTED, verdict, ACCEPTED]
    assert outcomes[1].reason == answer
    assert behaviour.connections == 1


@pytest.mark.parametrize(
    ("answer", "verdict"), [("554 5.6.0 content refused", REJECTED), ("452 4.2.2 mailbox full", RETRY)]
)
def test_a_mail_refused_at_its_end_was_not_accepted(
    smtp: Smtp, behaviour: Behaviour, answer: str, verdict: Verdict
) -> None:
    behaviour.content[SECOND] = answer
    assert _verdicts(smtp.send(call(1, 2, 3))) == [ACCEPTED, verdict, ACCEPTED]
    assert len(behaviour.accepted) == 2


@pytest.mark.parametrize(
    "answer", ["421 4.3.2 closing", "454 Throttling failure: Maximum sending rate exceeded", "451 4.7.0 too fast"]
)
def test_a_busy_server_ends_the_call_and_is_no_fault_of_the_recipient(
    smtp: Smtp, behaviour: Behaviour, answer: str
) -> None:
    behaviour.content[SECOND] = answer
    assert _verdicts(smtp.send(call(1, 2, 3))) == [ACCEPTED, UNTRIED, UNTRIED]
    with pytest.raises(RetryLater, match=answer[:3]):
        smtp.send(call(2, 3))


@pytest.mark.parametrize("fault", [DROP, SILENCE])
def test_a_connection_lost_after_the_final_dot_leaves_the_mail_uncertain(behaviour: Behaviour, fault: str) -> None:
    behaviour.content[SECOND] = fault
    with MailServer(behaviour) as server:
        outcomes = _patiently(server, behaviour, 2)
    assert _verdicts(outcomes) == [ACCEPTED, UNCERTAIN, UNTRIED]
    assert "before the answer" in (outcomes[1].reason or "")


@pytest.mark.parametrize("fault", [DROP, SILENCE])
def test_a_connection_lost_before_the_mail_was_handed_over_leaves_it_untried(behaviour: Behaviour, fault: str) -> None:
    behaviour.recipient[SECOND] = fault
    with MailServer(behaviour) as server:
        assert _verdicts(_patiently(server, behaviour, 1)) == [ACCEPTED, UNTRIED, UNTRIED]
        with pytest.raises(RetryLater, match="before the mail was complete"):
            Smtp(_settings(server, timeout=1.0)).send(call(2))


def test_nonsense_for_an_answer_leaves_the_mail_uncertain(smtp: Smtp, behaviour: Behaviour) -> None:
    behaviour.content[SECOND] = "what?"
    assert _verdicts(smtp.send(call(1, 2, 3))) == [ACCEPTED, UNCERTAIN, UNTRIED]


def test_a_sender_that_is_refused_stops_the_campaign(smtp: Smtp, behaviour: Behaviour) -> None:
    behaviour.sender["*"] = "550 5.7.1 not from here"
    with pytest.raises(StopCampaign, match=r"refuses the sender lettre@news.example.org: 550 5.7.1 not from here"):
        smtp.send(call(1))


def test_a_server_that_is_busy_at_the_sender_is_asked_again(smtp: Smtp, behaviour: Behaviour) -> None:
    behaviour.sender["*"] = "451 4.3.0 later"
    with pytest.raises(RetryLater, match=r"451 4.3.0 later"):
        smtp.send(call(1))


def test_no_mail_is_begun_in_the_second_half_of_the_time(behaviour: Behaviour) -> None:
    ticks = iter([0.0, 1.0, 1.0, 1.0, 1.0, 16.0])
    with MailServer(behaviour) as server:
        smtp = Smtp(_settings(server), timer=lambda: next(ticks, 16.0))
        assert _verdicts(smtp.send(call(1, 2, 3))) == [ACCEPTED, UNTRIED, UNTRIED]


def test_lines_that_begin_with_a_dot_arrive_as_they_were(smtp: Smtp, behaviour: Behaviour) -> None:
    long = call(1)
    object.__setattr__(long.prepared, "pieces", (*long.prepared.pieces[:-1], b"\r\n.\r\n..\r\n.end\r\n"))
    smtp.send(long)
    assert behaviour.accepted[0].content.endswith(b"\r\n.\r\n..\r\n.end\r\n")


def test_a_server_that_cannot_be_reached_is_asked_again() -> None:
    with _closed_port() as port, pytest.raises(RetryLater, match=f"127.0.0.1:{port} cannot be reached"):
        Smtp(SmtpSettings(host="127.0.0.1", port=port, security="none")).send(call(1))


def test_a_server_whose_name_does_not_exist_stops_the_campaign(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "create_connection", unknown)  # the network's answer; no test may ask a name server
    with pytest.raises(StopCampaign, match=r"There is no mail server mail\.invalid:25"):
        Smtp(SmtpSettings(host="mail.invalid", port=25)).send(call(1))


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_the_connection_is_protected_and_the_login_given(
    behaviour: Behaviour, tls: Certificates, security: str
) -> None:
    with MailServer(behaviour, tls=tls.server, security=security, password="right") as server:
        settings = _settings(server, security=security, user="me", password="right", trust=tls.trusting)
        assert _verdicts(Smtp(settings).send(call(1, 2))) == [ACCEPTED, ACCEPTED]
    assert behaviour.protected == [True, True]


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_that_cannot_be_trusted_stops_the_campaign(
    behaviour: Behaviour, tls: Certificates, security: str
) -> None:
    with (
        MailServer(behaviour, tls=tls.server, security=security) as server,
        pytest.raises(StopCampaign, match="cannot be trusted"),
    ):
        Smtp(_settings(server, security=security)).send(call(1))
    assert not behaviour.accepted


def test_a_server_without_tls_gets_nothing_where_tls_is_asked_for(behaviour: Behaviour) -> None:
    with MailServer(behaviour) as server, pytest.raises(StopCampaign, match="NEWSLETTER_SMTP_SECURITY"):
        Smtp(_settings(server, security="starttls", password="secret", user="me")).send(call(1))


@pytest.mark.parametrize(("user", "password"), [("me", "wrong"), ("", "")])
def test_a_login_that_is_wrong_or_missing_stops_the_campaign(behaviour: Behaviour, user: str, password: str) -> None:
    with (
        MailServer(behaviour, password="right") as server,
        pytest.raises(StopCampaign, match=r"refuses (us|the sender)") as refused,
    ):
        Smtp(_settings(server, user=user, password=password)).send(call(1))
    assert "wrong" not in str(refused.value)
    assert not behaviour.accepted


def test_a_password_is_in_no_representation() -> None:
    assert "hunter2" not in repr(SmtpSettings(host="h", port=1, password="hunter2"))


def _patiently(server: MailServer, behaviour: Behaviour, accepts: int) -> Sequence[Outcome]:
    """Send to three, with more patience each time until the server came to accept as many as it does."""
    for timeout in growing():
        behaviour.accepted.clear()
        outcomes = Smtp(_settings(server, timeout=float(timeout))).send(call(1, 2, 3))
        if len(behaviour.accepted) == accepts:
            return outcomes
    raise AssertionError(outcomes)


def _settings(server: MailServer, **changes: object) -> SmtpSettings:
    values: dict[str, object] = {"host": "127.0.0.1", "port": server.port, "security": "none"}
    return SmtpSettings(**{**values, **changes})  # type: ignore[arg-type]  # by name, as it takes them


def _verdicts(outcomes: Sequence[Outcome]) -> list[Verdict]:
    return [outcome.verdict for outcome in outcomes]


@contextmanager
def _closed_port() -> Iterator[int]:
    with socket.socket() as taken:  # bound, so nobody else gets it; not listening
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]

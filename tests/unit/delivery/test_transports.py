"""What dispatch relies on, of every transport: each against what it really speaks to, on loopback or on the disk."""

from __future__ import annotations

from dataclasses import dataclass
from email import message_from_bytes, policy
from typing import TYPE_CHECKING

import pytest

from newsletter.delivery.letters import letter
from newsletter.delivery.outbox import Outbox
from newsletter.delivery.ses import Method, Ses, SesSettings
from newsletter.delivery.smtp import Smtp
from newsletter.delivery.smtp_session import SmtpSettings
from newsletter.delivery.transport import DELIVERY_TAG, Verdict
from tests.factories.calls import LABEL, UNADDRESSABLE, addressed, call, full_call
from tests.fakes.mail_server import Behaviour, MailServer
from tests.fakes.transports import CountingTransport

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from newsletter.delivery.transport import Transport
    from newsletter.simulator.client import SimulatorClient


@dataclass(frozen=True)
class Subject:
    """A transport, and the mails that its other side accepted, by recipient."""

    transport: Transport
    arrived: Callable[[], dict[str, list[bytes]]]


@pytest.fixture(params=["outbox", "smtp", "ses", "ses_in_bulk", "ses_raw", "counting"])
def subject(request: pytest.FixtureRequest) -> Iterator[Subject]:
    made: Subject = request.getfixturevalue(f"_{request.param}")
    yield made
    made.transport.close()


@pytest.fixture
def _outbox(tmp_path: Path) -> Subject:
    def arrived() -> dict[str, list[bytes]]:
        return _by_recipient(path.read_bytes() for path in tmp_path.rglob("*.eml"))

    return Subject(Outbox(tmp_path), arrived)


@pytest.fixture
def _smtp() -> Iterator[Subject]:
    behaviour = Behaviour()
    with MailServer(behaviour) as server:
        settings = SmtpSettings(host="127.0.0.1", port=server.port, security="none")
        yield Subject(Smtp(settings), lambda: _by_recipient(mail.content for mail in behaviour.accepted))


@pytest.fixture
def _ses(aws_environment: SimulatorClient) -> Subject:
    return _through_ses(aws_environment, Method.AUTO)


@pytest.fixture
def _ses_in_bulk(aws_environment: SimulatorClient) -> Subject:
    return _through_ses(aws_environment, Method.BULK)


@pytest.fixture
def _ses_raw(aws_environment: SimulatorClient) -> Subject:
    return _through_ses(aws_environment, Method.RAW)


def _through_ses(simulator: SimulatorClient, method: Method) -> Subject:
    def arrived() -> dict[str, list[bytes]]:
        return _by_recipient(simulator.message(mail["id"]) for mail in simulator.mails())

    def receipts(delivery_ids: Sequence[str]) -> Mapping[str, str]:
        """Prove by tags, as Send events do."""
        sent = {mail["tags"][DELIVERY_TAG]: mail["id"] for mail in simulator.mails()}
        return {each: sent[each] for each in delivery_ids if each in sent}

    return Subject(Ses(SesSettings(method=method), receipts), arrived)


@pytest.fixture
def _counting() -> Subject:
    transport = CountingTransport()

    def arrived() -> dict[str, list[bytes]]:
        everybody = [(sent, each) for sent in transport.calls for each in sent.recipients]
        letters = [letter(sent, each) for sent, each in everybody if transport.world.accepted[each.delivery_id]]
        return _by_recipient(content for content in letters if isinstance(content, bytes))

    return Subject(transport, arrived)


def test_everybody_of_a_full_call_gets_their_own_mail_once(subject: Subject) -> None:
    sent = full_call(subject.transport)
    outcomes = subject.transport.send(sent)

    assert [outcome.verdict for outcome in outcomes] == [Verdict.ACCEPTED] * subject.transport.max_recipients
    assert {email: len(mails) for email, mails in subject.arrived().items()} == {
        each.recipient.email: 1 for each in sent.recipients
    }


def test_what_arrives_is_what_was_written(subject: Subject) -> None:
    sent = call(1)
    subject.transport.send(sent)
    written = letter(sent, sent.recipients[0])
    assert isinstance(written, bytes)
    ((arrived,),) = subject.arrived().values()

    expected, found = (message_from_bytes(content, policy=policy.default) for content in (written, arrived))
    for header in ("Subject", "From", "To", "List-Unsubscribe", "List-Id"):
        assert found[header] == expected[header]
    for part, wanted in zip(found.walk(), expected.walk(), strict=True):
        assert part.get_content_type() == wanted.get_content_type()
        assert part.is_multipart() or part.get_content() == wanted.get_content()


def test_who_cannot_be_addressed_is_refused_alone(subject: Subject) -> None:
    outcomes = subject.transport.send(call(1, addressed(2, UNADDRESSABLE), 3))
    assert [outcome.verdict for outcome in outcomes] == [Verdict.ACCEPTED, Verdict.REJECTED, Verdict.ACCEPTED]
    assert "SMTPUTF8" in (outcomes[1].reason or "")
    assert subject.arrived().keys() == {"reader1@example.org", "reader3@example.org"}


def test_evidence_never_says_the_opposite_of_what_happened(subject: Subject) -> None:
    subject.transport.send(call(1, 2))
    evidence = subject.transport.evidence([f"{LABEL}.1", f"{LABEL}.3", "another.1"])
    assert evidence.get(f"{LABEL}.1", True)
    assert not evidence.get(f"{LABEL}.3", False)
    assert not evidence.get("another.1", False)


def test_calls_follow_each_other_and_a_transport_can_be_closed_twice(subject: Subject) -> None:
    for number in (1, 2, 3):
        (outcome,) = subject.transport.send(call(number))
        assert outcome.verdict is Verdict.ACCEPTED
    assert len(subject.arrived()) == 3
    subject.transport.close()
    subject.transport.close()


def test_a_transport_says_who_it_is_and_how_much_it_takes(subject: Subject) -> None:
    assert subject.transport.name
    assert 1 <= subject.transport.max_recipients <= 100


def _by_recipient(contents: Iterable[bytes]) -> dict[str, list[bytes]]:
    found: dict[str, list[bytes]] = {}
    for content in contents:
        to = message_from_bytes(content, policy=policy.default)["To"]
        found.setdefault(to.addresses[0].addr_spec, []).append(content)
    return found

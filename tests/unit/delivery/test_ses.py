"""SES where it goes wrong, over the wire through an unmodified boto3: what each answer means, and what is tagged."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from newsletter.delivery.ses import Ses, SesSettings
from newsletter.delivery.ses_answers import Answer, outcome_of
from newsletter.delivery.transport import DELIVERY_TAG, Outcome, Verdict
from newsletter.errors import StopCampaign
from tests.factories.calls import LABEL, call, full_call
from tests.fakes.mail_server import Behaviour, Certificates, MailServer

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from newsletter.simulator.client import SimulatorClient

ACCEPTED, UNTRIED, UNCERTAIN = Verdict.ACCEPTED, Verdict.UNTRIED, Verdict.UNCERTAIN


@pytest.fixture
def ses(aws_environment: SimulatorClient) -> Iterator[Ses]:
    assert aws_environment.url
    transport = Ses(SesSettings(timeout=1.0, connections=4))
    yield transport
    transport.close()


def test_every_mail_carries_its_delivery_id_as_a_tag(ses: Ses, simulator: SimulatorClient) -> None:
    outcomes = ses.send(call(1, 2))
    for number, outcome in enumerate(outcomes, start=1):
        (mail,) = simulator.mails(tag=(DELIVERY_TAG, f"{LABEL}.{number}"))
        assert mail["id"] == outcome.message_id
        assert mail["recipients"] == [f"reader{number}@example.org"]


def test_the_configuration_set_is_named(aws_environment: SimulatorClient) -> None:
    transport = Ses(SesSettings(configuration_set="missing"))
    with pytest.raises(StopCampaign, match=r"something named does not exist: see NEWSLETTER_SES_CONFIGURATION_SET"):
        transport.send(call(1))
    transport.close()
    assert not aws_environment.counts()


@pytest.mark.parametrize(("fault", "accepted"), [("timeout", 1), ("drop", 1), ("error", 0), ("unavailable", 0)])
def test_what_may_have_been_accepted_is_uncertain_and_not_tried_again(
    ses: Ses, simulator: SimulatorClient, fault: str, accepted: int
) -> None:
    simulator.add_fault(fault, next=1, **({"seconds": 3.0} if fault == "timeout" else {}))
    (outcome,) = ses.send(call(1))
    assert outcome.verdict is UNCERTAIN
    assert outcome.reason
    assert sum(simulator.counts().values()) == accepted
    assert [seen["calls_seen"] for seen in simulator.faults()] == [1], "boto3 tried again"


@pytest.mark.parametrize("fault", ["error", "unavailable"])
def test_an_error_after_the_acceptance_is_uncertain_too(ses: Ses, simulator: SimulatorClient, fault: str) -> None:
    simulator.add_fault(fault, next=1, accepted=1.0)
    assert _verdicts(ses.send(call(1))) == [UNCERTAIN]
    assert sum(simulator.counts().values()) == 1


def test_throttling_is_nobodys_fault_and_accepts_nothing(ses: Ses, simulator: SimulatorClient) -> None:
    simulator.add_fault("throttle", next=1)
    outcomes = ses.send(call(1, 2, 3))
    assert sorted(_verdicts(outcomes)) == [ACCEPTED, ACCEPTED, UNTRIED]
    assert len(simulator.counts()) == 2


@pytest.mark.parametrize(
    ("fault", "words"), [("quota", "quota of 24 hours"), ("paused", "paused"), ("suspended", "suspended")]
)
def test_what_concerns_every_mail_stops_the_campaign(
    ses: Ses, simulator: SimulatorClient, fault: str, words: str
) -> None:
    simulator.add_fault(fault)
    with pytest.raises(StopCampaign, match=words):
        ses.send(full_call(ses))
    assert not simulator.counts()


def test_a_stop_in_the_middle_of_a_call_keeps_what_was_accepted(ses: Ses, simulator: SimulatorClient) -> None:
    simulator.add_fault("paused", calls=[2])
    assert sorted(_verdicts(ses.send(full_call(ses)))) == [ACCEPTED, ACCEPTED, ACCEPTED, UNTRIED]


def test_a_mail_that_ses_will_not_have_is_refused_alone(ses: Ses, simulator: SimulatorClient) -> None:
    simulator.add_fault("answer", next=1, http_status=400, code="MessageRejected", message="Bad content")
    outcomes = ses.send(call(1, 2))
    assert sorted(_verdicts(outcomes)) == [ACCEPTED, Verdict.REJECTED]
    assert [outcome.reason for outcome in outcomes if outcome.reason] == ["MessageRejected: Bad content"]


def test_an_endpoint_that_cannot_be_reached_leaves_everybody_untried(
    monkeypatch: pytest.MonkeyPatch, aws_environment: SimulatorClient
) -> None:
    assert aws_environment.url
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{taken.getsockname()[1]}")
        transport = Ses(SesSettings(timeout=1.0))
        assert _verdicts(transport.send(call(1, 2))) == [UNTRIED, UNTRIED]
        transport.close()


@pytest.mark.parametrize("variable", ["AWS_ACCESS_KEY_ID", "AWS_DEFAULT_REGION"])
def test_what_the_sdk_lacks_stops_the_campaign(
    aws_environment: SimulatorClient, monkeypatch: pytest.MonkeyPatch, tmp_path: object, variable: str
) -> None:
    assert aws_environment.url
    monkeypatch.delenv(variable)
    monkeypatch.delenv("AWS_REGION")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", f"{tmp_path}/none")
    monkeypatch.setenv("AWS_CONFIG_FILE", f"{tmp_path}/none")
    with pytest.raises(StopCampaign, match="Amazon SES cannot be used"):
        Ses(SesSettings()).send(call(1))


def test_a_certificate_that_cannot_be_trusted_stops_the_campaign(
    tls: Certificates, aws_environment: SimulatorClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert aws_environment.url
    with MailServer(Behaviour(), tls=tls.server, security="tls") as server:  # any server that speaks TLS will do
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"https://127.0.0.1:{server.port}")
        with pytest.raises(StopCampaign, match="certificate cannot be trusted"):
            Ses(SesSettings(timeout=2.0)).send(call(1))


# Real answers and documented ones: https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html#API_SendEmail_Errors
@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        (Answer(429, "TooManyRequestsException", "Maximum sending rate exceeded."), UNTRIED),
        (Answer(400, "ThrottlingException", "Rate exceeded"), UNTRIED),
        (Answer(400, "MessageRejected", "Bad content"), Verdict.REJECTED),
        (Answer(400, "BadRequestException", "Missing final '@domain'"), Verdict.REJECTED),
        (Answer(413, "RequestEntityTooLargeException", ""), Verdict.REJECTED),
        (Answer(500, "InternalServiceErrorException", ""), UNCERTAIN),
        (Answer(503, "ServiceUnavailable", ""), UNCERTAIN),
        (Answer(504, "504", "Gateway Timeout"), UNCERTAIN),
        (Answer(408, "RequestTimeoutException", ""), UNCERTAIN),
        (Answer(301, "301", "Moved Permanently"), UNCERTAIN),
    ],
)
def test_every_answer_about_a_mail_has_its_meaning(answer: Answer, verdict: Verdict) -> None:
    outcome = outcome_of(answer)
    assert outcome.verdict is verdict
    assert outcome.reason == str(answer)


@pytest.mark.parametrize(
    "answer",
    [
        Answer(400, "AccountSuspendedException", ""),
        Answer(400, "SendingPausedException", "Email sending is disabled for the account."),
        Answer(400, "MailFromDomainNotVerifiedException", ""),
        Answer(404, "NotFoundException", "Configuration set <weekly> does not exist."),
        Answer(400, "LimitExceededException", ""),
        Answer(429, "TooManyRequestsException", "Daily message quota exceeded."),
        Answer(400, "LimitExceededException", "Daily message quota exceeded."),
        Answer(400, "MessageRejected", "Email address is not verified. The following identities failed the check…"),
        Answer(403, "AccessDeniedException", "User: … is not authorized to perform: ses:SendEmail"),
        Answer(403, "ExpiredTokenException", "The security token included in the request is expired"),
        Answer(403, "InvalidSignatureException", "Signature expired: …"),
        Answer(403, "SignatureDoesNotMatch", ""),
        Answer(403, "UnrecognizedClientException", "The security token included in the request is invalid."),
    ],
)
def test_every_answer_about_the_account_stops_the_campaign_and_is_quoted(answer: Answer) -> None:
    with pytest.raises(StopCampaign) as stop:
        outcome_of(answer)
    assert str(answer) in str(stop.value)


def _verdicts(outcomes: Sequence[Outcome]) -> list[Verdict]:
    return [outcome.verdict for outcome in outcomes]

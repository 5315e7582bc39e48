"""SES where it goes wrong, over the wire through an unmodified boto3, by either way: what becomes of everybody."""

from __future__ import annotations

import itertools
import logging
import socket
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from newsletter.delivery.ses import Method, Ses, SesSettings
from newsletter.delivery.transport import DELIVERY_TAG, Outcome, Verdict
from newsletter.errors import StopCampaign
from newsletter.simulator.faults import STATUSES
from tests.factories.calls import LABEL, UNADDRESSABLE, addressed, call, full_call, prepared
from tests.fakes.mail_server import Behaviour, Certificates, MailServer
from tests.fixtures.patience import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from newsletter.delivery.transport import Call
    from newsletter.simulator.client import SimulatorClient

ACCEPTED, REJECTED, UNTRIED = Verdict.ACCEPTED, Verdict.REJECTED, Verdict.UNTRIED
THROTTLED, QUOTA, UNCERTAIN = Verdict.THROTTLED, Verdict.QUOTA, Verdict.UNCERTAIN
BULK = ("SendBulkEmail",)


@pytest.fixture(params=[Method.BULK, Method.RAW])
def method(request: pytest.FixtureRequest) -> Method:
    chosen: Method = request.param
    return chosen


@pytest.fixture
def patience() -> float:
    """Return how many seconds to wait for an answer: longer than any machine takes, where a test is not about that."""
    return PATIENCE


@pytest.fixture
def ses(aws_environment: SimulatorClient, method: Method, patience: float) -> Iterator[Ses]:
    """Return a transport that sends one request at a time, so that what comes first is known; see `bulk`."""
    assert aws_environment.url
    transport = Ses(SesSettings(method=method, timeout=patience, connections=1), timer=lambda: 0.0)
    yield transport
    transport.close()


@pytest.fixture
def bulk(aws_environment: SimulatorClient, patience: float) -> Iterator[Ses]:
    """Return a transport on whose own clock no time goes by: how slow the machine is shall not end a call early."""
    assert aws_environment.url
    transport = Ses(SesSettings(method=Method.BULK, timeout=patience), timer=lambda: 0.0)
    yield transport
    transport.close()


def test_every_mail_carries_its_delivery_id_as_a_tag(ses: Ses, simulator: SimulatorClient) -> None:
    outcomes = ses.send(call(1, 2))
    for number, outcome in enumerate(outcomes, start=1):
        (mail,) = simulator.mails(tag=(DELIVERY_TAG, f"{LABEL}.{number}"))
        assert mail["id"] == outcome.message_id
        assert mail["recipients"] == [f"reader{number}@example.org"]


def test_the_configuration_set_is_named(aws_environment: SimulatorClient, method: Method) -> None:
    transport = Ses(SesSettings(configuration_set="missing", method=method))
    with pytest.raises(StopCampaign, match=r"something named does not exist: see NEWSLETTER_SES_CONFIGURATION_SET"):
        transport.send(call(1))
    transport.close()
    assert not aws_environment.counts()


@pytest.mark.parametrize(
    ("fault", "accepted", "patience"),
    [("timeout", 1, 1.0), ("drop", 1, PATIENCE), ("error", 0, PATIENCE), ("unavailable", 0, PATIENCE)],
)
def test_what_may_have_been_accepted_is_uncertain_and_not_tried_again(
    ses: Ses, simulator: SimulatorClient, fault: str, accepted: int
) -> None:
    simulator.add_fault(fault, next=1, seconds=PATIENCE)
    (outcome,) = ses.send(call(1))
    assert outcome.verdict is UNCERTAIN
    assert outcome.reason
    simulator.wait_for(lambda status: status["mails"] >= accepted)  # it may come to it after the time-out
    assert sum(simulator.counts().values()) == accepted
    assert [seen["calls_seen"] for seen in simulator.faults()] == [1], "boto3 tried again"


@pytest.mark.parametrize("mode", ["legacy", "standard", "adaptive"])
def test_nothing_in_the_environment_makes_the_sdk_try_again(
    aws_environment: SimulatorClient, monkeypatch: pytest.MonkeyPatch, method: Method, mode: str
) -> None:
    monkeypatch.setenv("AWS_RETRY_MODE", mode)
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "5")
    transport = Ses(SesSettings(method=method))
    for fault in ("error", "drop", "throttle"):
        aws_environment.add_fault(fault, calls=[1])
        transport.send(call(1))
        assert [seen["calls_seen"] for seen in aws_environment.faults()] == [1]
        aws_environment.clear_faults()
    retries = transport._client._client.meta.config.retries  # noqa: SLF001 - as boto3 understood them
    assert retries == {"total_max_attempts": 1, "mode": "standard"}
    transport.close()


@pytest.mark.parametrize(
    ("fault", "patience"), [("timeout", 1.5), ("drop", PATIENCE), ("error", PATIENCE), ("unavailable", PATIENCE)]
)
def test_when_a_bulk_answer_does_not_come_everybody_of_it_is_uncertain(
    bulk: Ses, simulator: SimulatorClient, fault: str
) -> None:
    simulator.add_fault(fault, next=1, accepted=0.5, seconds=PATIENCE)
    assert set(_verdicts(bulk.send(full_call(bulk)))) == {UNCERTAIN}
    simulator.wait_for(lambda status: status["mails"] > 0)  # it may come to it after the time-out
    assert 0 < len(simulator.counts()) < bulk.max_recipients


def test_an_answer_that_says_nothing_of_the_entries_leaves_everybody_uncertain(
    bulk: Ses, simulator: SimulatorClient
) -> None:
    simulator.add_fault("answer", next=1, http_status=200, accepted=1.0, message="what?")
    assert _verdicts(bulk.send(call(1, 2))) == [UNCERTAIN, UNCERTAIN]
    assert len(simulator.counts()) == 2


@pytest.mark.parametrize(("fault", "verdict"), [("throttle", THROTTLED), ("quota", QUOTA)])
def test_too_fast_or_too_much_is_nobodys_fault_and_accepts_nothing(
    ses: Ses, simulator: SimulatorClient, fault: str, verdict: Verdict
) -> None:
    simulator.add_fault(fault)
    outcomes = ses.send(call(1, 2, 3))
    assert outcomes[0].verdict is verdict
    assert set(_verdicts(outcomes)) <= {verdict, UNTRIED}
    assert not simulator.counts()


def test_whoever_comes_after_the_throttled_is_not_tried(ses: Ses, method: Method, simulator: SimulatorClient) -> None:
    simulator.add_fault("throttle", calls=[2])
    if method is Method.RAW:
        assert _verdicts(ses.send(call(1, 2, 3, 4))) == [ACCEPTED, THROTTLED, UNTRIED, UNTRIED]
        assert [seen["calls_seen"] for seen in simulator.faults()] == [2]
    else:
        assert _verdicts(ses.send(call(1, 2))) == [ACCEPTED, ACCEPTED]
        assert _verdicts(ses.send(call(3, 4))) == [THROTTLED, THROTTLED]


@pytest.mark.parametrize(("fault", "words"), [("paused", "sending is paused"), ("suspended", "account is suspended")])
def test_what_concerns_every_mail_stops_the_campaign(
    ses: Ses, simulator: SimulatorClient, fault: str, words: str
) -> None:
    simulator.add_fault(fault)
    with pytest.raises(StopCampaign, match=words):
        ses.send(full_call(ses))
    assert not simulator.counts()


def test_a_stop_in_the_middle_of_a_call_keeps_what_was_accepted(
    aws_environment: SimulatorClient,
) -> None:
    transport = Ses(SesSettings(method=Method.RAW, connections=1))
    aws_environment.add_fault("paused", calls=[2])
    assert _verdicts(transport.send(call(1, 2, 3))) == [ACCEPTED, UNTRIED, UNTRIED]
    transport.close()


def test_a_mail_that_ses_will_not_have_is_refused_alone(ses: Ses, simulator: SimulatorClient) -> None:
    simulator.add_fault("answer", next=1, http_status=400, code="MessageRejected", message="Bad content",
                        operations=("SendEmail",))  # fmt: skip
    simulator.add_fault("entries", calls=[1], status="MESSAGE_REJECTED", share=0.5, operations=BULK)
    outcomes = ses.send(call(1, 2, 3, 4, 5))
    assert set(_verdicts(outcomes)) == {ACCEPTED, REJECTED}
    assert {outcome.reason for outcome in outcomes if outcome.reason} <= {
        "MessageRejected: Bad content", "MESSAGE_REJECTED: The message was rejected.",
    }  # fmt: skip
    assert len(simulator.counts()) == _verdicts(outcomes).count(ACCEPTED)


@pytest.mark.parametrize("status", STATUSES)
def test_entries_that_are_refused_lose_nobody_and_let_the_others_through(
    bulk: Ses, simulator: SimulatorClient, status: str
) -> None:
    simulator.add_fault("entries", calls=[1], status=status, share=0.5)
    outcomes = bulk.send(full_call(bulk))
    accepted = {each.message_id for each in outcomes if each.verdict is ACCEPTED}
    assert accepted == {mail["id"] for mail in simulator.mails()}
    assert 0 < len(accepted) < len(outcomes)
    assert UNCERTAIN not in _verdicts(outcomes)


def test_entries_that_all_meet_a_stop_stop_the_campaign(bulk: Ses, simulator: SimulatorClient) -> None:
    simulator.add_fault("entries", status="CONFIGURATION_SET_SENDING_PAUSED")
    with pytest.raises(StopCampaign, match="CONFIGURATION_SET_SENDING_PAUSED: Email sending is disabled"):
        bulk.send(call(1, 2))


def test_what_the_rate_does_not_let_through_comes_back_as_throttled_entries(
    start_simulator: Callable[..., SimulatorClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    simulator = start_simulator(max_send_rate=10.0, burst_seconds=1.0, throttle_entries=True)
    for name, value in simulator.environment.items():
        monkeypatch.setenv(name, value)
    transport = Ses(SesSettings())
    verdicts = [set(_verdicts(transport.send(full_call(transport)))) for _ in range(2)]
    transport.close()
    assert verdicts == [{ACCEPTED}, {THROTTLED}]


@pytest.mark.parametrize("code", ["BadRequestException", "RequestEntityTooLargeException", "SomethingNew"])
def test_a_bulk_request_that_is_refused_as_a_whole_goes_mail_by_mail(
    bulk: Ses, simulator: SimulatorClient, caplog: pytest.LogCaptureFixture, code: str
) -> None:
    simulator.add_fault("answer", next=1, http_status=400, code=code, message="of reader1@example.org", operations=BULK)
    outcomes = bulk.send(call(1, addressed(2, UNADDRESSABLE), addressed(3, "two..dots@example.org"), 4))
    assert _verdicts(outcomes) == [ACCEPTED, REJECTED, REJECTED, ACCEPTED]
    assert simulator.counts() == {"reader1@example.org": 1, "reader4@example.org": 1}
    (record,) = [record for record in caplog.records if record.name.startswith("newsletter")]
    assert "SES refuses a bulk request; its 3 mails go one by one" in record.getMessage()
    assert "@" not in record.getMessage()


def test_a_bad_address_in_a_bulk_call_is_refused_alone(bulk: Ses, simulator: SimulatorClient) -> None:
    outcomes = bulk.send(call(1, addressed(2, "two..dots@example.org"), addressed(3, UNADDRESSABLE), 4))
    assert _verdicts(outcomes) == [ACCEPTED, REJECTED, REJECTED, ACCEPTED]
    assert simulator.counts() == {"reader1@example.org": 1, "reader4@example.org": 1}


def test_a_large_variant_takes_more_than_one_request(bulk: Ses, simulator: SimulatorClient) -> None:
    simulator.add_fault("slow", seconds=0.0)
    outcomes = bulk.send(call(*range(1, 51), of=prepared(html="x" * 975_000)))
    assert set(_verdicts(outcomes)) == {ACCEPTED}
    assert [outcome.message_id for outcome in outcomes] == [mail["id"] for mail in simulator.mails()]
    assert [seen["calls_seen"] for seen in simulator.faults()] == [2]


@pytest.mark.parametrize(("fault", "verdict"), [("throttle", THROTTLED), ("drop", UNCERTAIN), ("paused", UNTRIED)])
def test_trouble_with_one_request_of_a_call_ends_it(
    bulk: Ses, simulator: SimulatorClient, fault: str, verdict: Verdict
) -> None:
    simulator.add_fault(fault, calls=[2])
    verdicts = _verdicts(bulk.send(_call_of_many_requests()))
    assert _in_turn(verdicts) == ([ACCEPTED, UNTRIED] if verdict is UNTRIED else [ACCEPTED, verdict, UNTRIED])
    assert [seen["calls_seen"] for seen in simulator.faults()] == [2]


def test_a_variant_that_no_request_can_carry_goes_mail_by_mail(
    bulk: Ses, simulator: SimulatorClient, caplog: pytest.LogCaptureFixture
) -> None:
    simulator.add_fault("suspended", operations=BULK)
    large = prepared(html="x" * 999_000)
    assert _verdicts(bulk.send(call(1, 2, of=large))) == [ACCEPTED, ACCEPTED]
    assert _verdicts(bulk.send(call(3, of=large))) == [ACCEPTED]
    assert len(simulator.counts()) == 3
    (record,) = [record for record in caplog.records if record.name.startswith("newsletter")]
    assert "leave no room for recipients" in record.getMessage()


@pytest.mark.parametrize("method", [Method.AUTO, Method.RAW])
def test_no_request_begins_when_half_the_time_of_a_call_is_over(
    aws_environment: SimulatorClient, method: Method
) -> None:
    moments = itertools.count(step=10.0)
    transport = Ses(SesSettings(method=method, connections=1), timer=lambda: next(moments))
    verdicts = _verdicts(transport.send(_call_of_many_requests()))
    transport.close()
    assert _in_turn(verdicts) == [ACCEPTED, UNTRIED]
    assert len(aws_environment.counts()) == verdicts.count(ACCEPTED)


@pytest.mark.parametrize(("recipients", "operation"), [(1, "SendEmail"), (2, "SendBulkEmail"), (50, "SendBulkEmail")])
def test_left_alone_it_sends_one_mail_raw_and_more_in_bulk(
    aws_environment: SimulatorClient, recipients: int, operation: str
) -> None:
    transport = Ses(SesSettings())
    transport.send(call(*range(1, recipients + 1)))
    transport.close()
    (said,) = {mail["operation"] for mail in aws_environment.mails()}
    assert said == operation


class TestWhoseWorkItStillIs:
    """A worker that comes late sends nothing."""

    def test_work_that_is_another_s_by_now_is_not_sent(self, ses: Ses, simulator: SimulatorClient) -> None:
        simulator.add_fault("slow", seconds=0.0)
        outcomes = ses.send(call(1, 2, 3, still_ours=lambda: False))
        assert set(_verdicts(outcomes)) == {UNTRIED}
        assert "no longer this worker's" in str(outcomes[0].reason)
        assert [seen["calls_seen"] for seen in simulator.faults()] == [0]

    def test_it_is_asked_when_all_is_signed_and_nothing_has_left(self, ses: Ses, simulator: SimulatorClient) -> None:
        steps: list[str] = []
        events = _sdk_events(ses)
        events.register("before-sign.sesv2", lambda **_: steps.append("signed"))
        events.register("before-parse.sesv2", lambda **_: steps.append("answered"))
        simulator.add_fault("slow", seconds=0.0)

        def still_ours() -> bool:
            seen = [fault["calls_seen"] for fault in simulator.faults()]
            steps.append(f"asked after {seen}")
            return True

        assert _verdicts(ses.send(call(1, still_ours=still_ours))) == [ACCEPTED]
        assert steps == ["signed", "asked after [0]", "answered"]

    def test_a_call_that_is_taken_over_in_the_middle_ends_there(self, ses: Ses, method: Method) -> None:
        answers = iter([True, False, True])
        verdicts = _verdicts(ses.send(_call_of_many_requests(still_ours=lambda: next(answers))))
        assert _in_turn(verdicts) == [ACCEPTED, UNTRIED]
        assert list(answers) == [True], f"{method}: sent again after it was another's"

    def test_when_it_cannot_be_found_out_nothing_is_sent(self, ses: Ses, simulator: SimulatorClient) -> None:
        def unknown() -> bool:
            raise OSError("the database is away")

        outcomes = ses.send(call(1, still_ours=unknown))
        assert outcomes == [Outcome(UNTRIED, reason="the database is away")]
        assert not simulator.counts()


def test_many_threads_send_at_once_and_everybody_gets_their_own_mail(
    aws_environment: SimulatorClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    threads = 8
    transport = Ses(SesSettings(connections=threads))
    variants = [prepared(text=f"variant {number}") for number in range(5)]
    sizes = (1, 7, 50)
    calls = [
        call(*range(number * 100, number * 100 + sizes[number % 3]), of=variants[number % 5]) for number in range(30)
    ]
    with ThreadPoolExecutor(threads) as pool:
        outcomes = list(pool.map(transport.send, calls))
    transport.close()

    for number, (sent, got) in enumerate(zip(calls, outcomes, strict=True)):
        assert set(_verdicts(got)) == {ACCEPTED}
        first = aws_environment.mail(str(got[0].message_id))
        assert first["recipients"] == [sent.recipients[0].recipient.email]
        assert f"variant {number % 5}" in first["text"]
    everybody = Counter(each.recipient.email for sent in calls for each in sent.recipients)
    assert aws_environment.counts() == everybody
    assert set(everybody.values()) == {1}
    assert not [record for record in caplog.records if "pool is full" in record.getMessage()]


def test_who_is_proven_to_have_been_accepted_is_known_and_nobody_else(aws_environment: SimulatorClient) -> None:
    assert aws_environment.url
    asked: list[Sequence[str]] = []

    def receipts(delivery_ids: Sequence[str]) -> dict[str, str]:
        asked.append(delivery_ids)
        return {f"{LABEL}.2": "m-2"}

    transport = Ses(SesSettings(), receipts)
    wanted = [f"{LABEL}.{number}" for number in (1, 2, 3)]
    assert transport.evidence(wanted) == {f"{LABEL}.2": True}
    assert asked == [wanted]
    transport.close()


def test_an_endpoint_that_cannot_be_reached_leaves_everybody_untried(
    monkeypatch: pytest.MonkeyPatch, aws_environment: SimulatorClient, method: Method
) -> None:
    assert aws_environment.url
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{taken.getsockname()[1]}")
        transport = Ses(SesSettings(method=method))
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


@pytest.mark.parametrize(("status", "code"), [(503, "ServiceUnavailable"), (400, "Throttling")])
def test_credentials_that_cannot_be_had_right_now_are_waited_for(
    ses: Ses, simulator: SimulatorClient, status: int, code: str
) -> None:
    _lend_no_credentials(ses, status, code)
    assert _verdicts(ses.send(call(1))) == [UNTRIED]
    assert not simulator.counts()


@pytest.mark.parametrize(("status", "code"), [(403, "AccessDenied"), (400, "ValidationError")])
def test_credentials_that_are_refused_stop_the_campaign(
    ses: Ses, simulator: SimulatorClient, status: int, code: str
) -> None:
    _lend_no_credentials(ses, status, code)
    with pytest.raises(StopCampaign, match="AssumeRole"):
        ses.send(call(1))
    assert not simulator.counts()


def test_a_certificate_that_cannot_be_trusted_stops_the_campaign(
    tls: Certificates, aws_environment: SimulatorClient, monkeypatch: pytest.MonkeyPatch, method: Method
) -> None:
    assert aws_environment.url
    with MailServer(Behaviour(), tls=tls.server, security="tls") as server:  # any server that speaks TLS will do
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"https://127.0.0.1:{server.port}")
        with pytest.raises(StopCampaign, match="certificate cannot be trusted"):
            Ses(SesSettings(method=method)).send(call(1))


def _lend_no_credentials(ses: Ses, status: int, code: str) -> None:
    """Have another service, which lends credentials, refuse them while a request is being signed."""
    from botocore.exceptions import ClientError

    def refused(**_: object) -> None:
        said = {"Error": {"Code": code, "Message": "no"}, "ResponseMetadata": {"HTTPStatusCode": status}}
        raise ClientError(said, "AssumeRole")

    _sdk_events(ses).register("choose-signer.sesv2", refused)


def _sdk_events(ses: Ses) -> Any:  # noqa: ANN401 - boto3 makes its classes at run time
    """Return where boto3 says what it does."""
    return ses._client._client.meta.events  # noqa: SLF001 - nobody but a test has to look in there


def _call_of_many_requests(still_ours: Callable[[], bool] = lambda: True) -> Call:
    """Return a call that takes four or more requests, also in bulk: a long mail to people of long names."""
    people = [addressed(n, f"{n:a<60}@{'long.' * 45}example.org", "Gwénaëlle " * 6) for n in range(1, 51)]
    return call(*people, of=prepared(html="x" * 975_000), still_ours=still_ours)


def _in_turn(verdicts: Sequence[Verdict]) -> list[Verdict]:
    """Return the verdicts without those that are as the one before."""
    return [verdict for verdict, _ in itertools.groupby(verdicts)]


def _verdicts(outcomes: Sequence[Outcome]) -> list[Verdict]:
    return [outcome.verdict for outcome in outcomes]

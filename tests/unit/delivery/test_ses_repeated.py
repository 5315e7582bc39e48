"""The first request of an operation goes the SDK's whole way, the next ones a shorter one: none can tell them apart."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from newsletter.delivery.ses_bulk import bulk_mail
from newsletter.delivery.ses_client import SesClient
from newsletter.delivery.transport import Outcome, Verdict
from newsletter.simulator.client import SimulatorClient
from subscribers.clock import utc_now
from tests.factories.calls import addressed, prepared
from tests.fakes.mail_server import certificates
from tests.fakes.web_server import Site, web_server
from tests.fixtures.patience import PATIENCE, growing

OPERATION = "send_bulk_email"


@pytest.fixture
def client(aws_environment: SimulatorClient) -> Iterator[SesClient]:
    assert aws_environment.url
    with closing(SesClient(timeout=PATIENCE, connections=1)) as there:
        yield there


def request_to(number: int) -> bytes:
    mail = bulk_mail(prepared(), "")
    return mail.request([mail.entry(addressed(number))])


def ask(client: SesClient, number: int = 1) -> Any:  # noqa: ANN401 - an answer of the service, or what a failure means
    return client.ask(OPERATION, request_to(number), lambda: True)


@pytest.mark.parametrize(
    ("fault", "more"),
    [
        ("throttle", {}),
        ("quota", {}),
        ("error", {}),
        ("unavailable", {}),
        ("drop", {}),
        ("suspended", {}),
        ("paused", {}),
        ("answer", {"http_status": 400, "code": "BadRequestException", "message": "no"}),
        ("answer", {"http_status": 403, "code": "ExpiredTokenException", "message": "too late"}),
        ("answer", {"http_status": 200, "message": "what?"}),
    ],
)
def test_a_failure_means_the_same_in_both(
    client: SesClient, simulator: SimulatorClient, fault: str, more: dict[str, Any]
) -> None:
    simulator.add_fault(fault, calls=[1, 3], **more)
    first, good, again = (ask(client) for _ in range(3))
    assert _is_success(good)
    assert _meaning(first) == _meaning(again)


def test_an_answer_that_does_not_come_means_the_same_in_both(
    aws_environment: SimulatorClient, simulator: SimulatorClient
) -> None:
    assert aws_environment.url
    for timeout in growing():
        simulator.clear_faults()
        simulator.add_fault("timeout", calls=[1, 3], seconds=PATIENCE)
        with closing(SesClient(timeout=timeout, connections=1)) as client:
            first, good, again = (ask(client) for _ in range(3))
        if _is_success(good):
            break
    else:
        raise AssertionError(good)
    assert isinstance(first, Outcome)
    assert first.verdict is Verdict.UNCERTAIN
    assert _meaning(first) == _meaning(again)


def test_the_answers_are_alike_and_everybody_gets_one_mail(client: SesClient, simulator: SimulatorClient) -> None:
    answers = [ask(client, number) for number in (1, 2, 3)]
    assert all(answer.keys() >= {"BulkEmailEntryResults"} for answer in answers)
    ids = [answer["BulkEmailEntryResults"][0]["MessageId"] for answer in answers]
    assert ids == [mail["id"] for mail in simulator.mails()]
    assert set(simulator.counts().values()) == {1}


@pytest.fixture
def recorder(aws_environment: SimulatorClient, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """Yield what takes the place of SES and remembers what it was asked."""
    assert aws_environment.url
    with web_server(keeps_open=True) as site:
        site.answers["POST"] = 200
        site.body = b'{"BulkEmailEntryResults": [{"Status": "SUCCESS", "MessageId": "m"}]}'
        monkeypatch.setenv("AWS_ENDPOINT_URL", site.url)
        yield site


def test_both_say_the_same_of_themselves_and_are_signed_the_same_way(recorder: Site) -> None:
    with closing(SesClient(timeout=PATIENCE, connections=1)) as client:
        assert _is_success(ask(client, 1))
        assert _is_success(ask(client, 2))
    (method, path, body), again = recorder.asked
    assert (method, path) == again[:2]
    assert [body, again[2]] == [request_to(1), request_to(2)]
    ours = {"amz-sdk-invocation-id", "amz-sdk-request"}
    of_each = {"x-amz-date", "authorization", "content-length"}
    first, second = recorder.headers
    assert first.keys() - ours == second.keys()
    fixed = second.keys() - of_each
    assert {name: first[name] for name in fixed} == {name: second[name] for name in fixed}
    signed, signature = zip(*(each["authorization"].split(", Signature=") for each in (first, second)), strict=True)
    assert signature[0] != signature[1]
    assert _without_numbers(signed[0]) == signed[1]


def test_credentials_are_asked_for_each_time(recorder: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    soon = utc_now() + dt.timedelta(minutes=5)  # so soon that the SDK looks for newer ones with each request
    monkeypatch.setenv("AWS_CREDENTIAL_EXPIRATION", soon.isoformat())
    with closing(SesClient(timeout=PATIENCE, connections=1)) as client:
        for key in ("first", "second", "third"):
            monkeypatch.setenv("AWS_ACCESS_KEY_ID", key)
            assert _is_success(ask(client))
    named = [headers["authorization"].partition("Credential=")[2].partition("/")[0] for headers in recorder.headers]
    assert named == ["first", "second", "third"]


def test_credentials_that_cannot_be_had_for_now_are_asked_for_later(
    client: SesClient, simulator: SimulatorClient
) -> None:
    def refused(**_: object) -> None:
        said = {"Error": {"Code": "Throttling", "Message": "no"}, "ResponseMetadata": {"HTTPStatusCode": 400}}
        raise ClientError(said, "AssumeRole")

    client._client.meta.events.register("choose-signer.sesv2", refused)  # noqa: SLF001 - where the SDK looks for them
    meaning = ask(client)
    assert isinstance(meaning, Outcome)
    assert meaning.verdict is Verdict.UNTRIED
    assert not simulator.counts()


def test_behind_a_proxy_every_request_goes_the_sdk_s_way(recorder: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://ses.example.org")
    monkeypatch.setenv("http_proxy", recorder.url)
    with closing(SesClient(timeout=PATIENCE, connections=1)) as client:
        for number in (1, 2):
            assert _is_success(ask(client, number))
    assert {path.partition("/v2/")[0] for _, path, _ in recorder.asked} == {"http://ses.example.org"}
    assert [body for _, _, body in recorder.asked] == [request_to(1), request_to(2)]


def test_both_trust_whom_the_sdk_is_told_to_trust(
    recorder: Site, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with web_server(certificates(tmp_path).server, keeps_open=True) as site:
        site.answers, site.body = recorder.answers, recorder.body
        monkeypatch.setenv("AWS_ENDPOINT_URL", site.url)
        monkeypatch.setenv("AWS_CA_BUNDLE", str(tmp_path / "certificate.pem"))
        with closing(SesClient(timeout=PATIENCE, connections=1)) as client:
            assert [_is_success(ask(client, number)) for number in (1, 2, 3)] == [True] * 3
    assert len(set(site.connections)) == 2


def test_work_that_is_another_s_by_now_is_not_sent(client: SesClient, simulator: SimulatorClient) -> None:
    ask(client)
    meaning = client.ask(OPERATION, request_to(2), lambda: False)
    assert isinstance(meaning, Outcome)
    assert meaning.verdict is Verdict.UNTRIED
    assert len(simulator.counts()) == 1


def _without_numbers(signed: str) -> str:
    """Return which headers the SDK signs but those by which it numbers its tries."""
    return signed.replace("amz-sdk-invocation-id;amz-sdk-request;", "")


def _is_success(answer: Any) -> bool:  # noqa: ANN401 - an answer of the service, or what a failure means
    return isinstance(answer, dict) and answer["BulkEmailEntryResults"][0]["Status"] == "SUCCESS"


def _meaning(said: Any) -> tuple[type, str]:  # noqa: ANN401 - an answer of the service, or what a failure means
    if isinstance(said, Outcome):
        return Outcome, f"{said.verdict}: {said.reason}"
    return type(said), str(said.get("BulkEmailEntryResults")) if isinstance(said, dict) else str(said)

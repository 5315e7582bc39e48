"""The first request of an operation goes the SDK's whole way, the next ones a shorter one: none can tell them apart."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from botocore.exceptions import ClientError

from newsletter.delivery.ses_bulk import bulk_mail
from newsletter.delivery.ses_client import SesClient
from newsletter.delivery.transport import Outcome, Verdict
from newsletter.simulator.client import SimulatorClient
from tests.factories.calls import addressed, prepared
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


def test_both_say_the_same_of_themselves_and_are_signed_the_same_way(client: SesClient) -> None:
    sent: list[Any] = []
    transport = client._client._endpoint.http_session  # noqa: SLF001 - what leaves is seen nowhere else
    plain = transport.send

    def watched(request: Any) -> Any:  # noqa: ANN401 - the SDK's
        sent.append(request)
        return plain(request)

    transport.send = watched
    ask(client, 1)
    ask(client, 2)
    first, again = sent
    assert (first.method, first.url) == (again.method, again.url)
    ours = {"amz-sdk-invocation-id", "amz-sdk-request"}
    of_each = {"x-amz-date", "authorization", "content-length"}
    headers = [{name.lower(): _text(value) for name, value in request.headers.items()} for request in sent]
    assert headers[0].keys() - ours == headers[1].keys()
    fixed = headers[1].keys() - of_each
    assert {name: headers[0][name] for name in fixed} == {name: headers[1][name] for name in fixed}
    assert [request.body for request in sent] == [request_to(1), request_to(2)]
    assert headers[0]["authorization"] != headers[1]["authorization"]


def test_credentials_are_asked_for_each_time(client: SesClient, simulator: SimulatorClient) -> None:
    ask(client)

    def refused(**_: object) -> None:
        said = {"Error": {"Code": "Throttling", "Message": "no"}, "ResponseMetadata": {"HTTPStatusCode": 400}}
        raise ClientError(said, "AssumeRole")

    client._client.meta.events.register("choose-signer.sesv2", refused)  # noqa: SLF001 - likewise
    meaning = ask(client, 2)
    assert isinstance(meaning, Outcome)
    assert meaning.verdict is Verdict.UNTRIED
    assert len(simulator.counts()) == 1


def test_work_that_is_another_s_by_now_is_not_sent(client: SesClient, simulator: SimulatorClient) -> None:
    ask(client)
    meaning = client.ask(OPERATION, request_to(2), lambda: False)
    assert isinstance(meaning, Outcome)
    assert meaning.verdict is Verdict.UNTRIED
    assert len(simulator.counts()) == 1


def _is_success(answer: Any) -> bool:  # noqa: ANN401 - an answer of the service, or what a failure means
    return isinstance(answer, dict) and answer["BulkEmailEntryResults"][0]["Status"] == "SUCCESS"


def _text(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.decode("ascii")


def _meaning(said: Any) -> tuple[type, str]:  # noqa: ANN401 - an answer of the service, or what a failure means
    if isinstance(said, Outcome):
        return Outcome, f"{said.verdict}: {said.reason}"
    return type(said), str(said.get("BulkEmailEntryResults")) if isinstance(said, dict) else str(said)

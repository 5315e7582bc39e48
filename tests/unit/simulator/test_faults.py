"""Faults: what is ordered happens, when it was ordered, and no more."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError

from newsletter.errors import FixConfiguration, Refused
from newsletter.simulator.chance import Chance
from newsletter.simulator.faults import KINDS, STATUSES, Fault, Faults, parse
from tests.factories.ses import bulk, entry, simple
from tests.fixtures.simulator import client

if TYPE_CHECKING:
    from newsletter.simulator.client import SimulatorClient

HASTY = Config(retries={"total_max_attempts": 1}, read_timeout=0.3)


def decided(fault: Fault, calls: int, seed: int = 1) -> list[int]:
    faults, chance = Faults(), Chance(seed)
    faults.add(fault)
    return [number for number in range(1, calls + 1) if faults.decide("SendEmail", chance)]


def test_a_fault_chooses_its_calls() -> None:
    assert decided(Fault(kind="drop", calls=(2, 5)), 8) == [2, 5]
    assert decided(Fault(kind="drop", next=3), 8) == [1, 2, 3]
    assert decided(Fault(kind="drop"), 4) == [1, 2, 3, 4]
    assert decided(Fault(kind="drop", operations=("GetAccount",)), 4) == []
    assert decided(Fault(kind="drop", operations=("*",)), 2) == [1, 2]


def test_chance_is_the_same_for_the_same_seed() -> None:
    fault = Fault(kind="drop", probability=0.2)
    first = decided(fault, 1000)
    assert decided(fault, 1000) == first
    assert decided(fault, 1000, seed=2) != first
    assert len(first) == pytest.approx(200, rel=0.25)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("drop:probability=0.01", Fault(kind="drop", probability=0.01)),
        ("throttle:next=3", Fault(kind="throttle", next=3)),
        ("slow:seconds=0.2,operations=SendEmail+GetAccount,calls=1+4",
         Fault(kind="slow", seconds=0.2, operations=("SendEmail", "GetAccount"), calls=(1, 4))),
        ("entries:status=FAILED,share=0.5", Fault(kind="entries", status="FAILED", share=0.5)),
        ("error:accepted=0.5", Fault(kind="error", accepted=0.5)),
        ("suspended", Fault(kind="suspended")),
    ],
)  # fmt: skip
def test_faults_are_read_from_the_command_line(text: str, expected: Fault) -> None:
    assert parse(text) == expected


@pytest.mark.parametrize(
    "text",
    ["fire", "drop:probability=often", "drop:next=1,probability=0.5", "drop:share=2", "entries:status=OK",
     "drop:colour=red", "throttle:accepted=1"],
)  # fmt: skip
def test_a_fault_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(FixConfiguration):
        parse(text)


@pytest.mark.parametrize(
    ("kind", "code", "status", "text"),
    [
        ("throttle", "TooManyRequestsException", 429, "Maximum sending rate exceeded."),
        ("quota", "TooManyRequestsException", 429, "Daily message quota exceeded."),
        ("paused", "SendingPausedException", 400, "currently paused"),
        ("suspended", "AccountSuspendedException", 400, "permanently restricted"),
        ("error", "InternalFailure", 500, "unknown error"),
        ("unavailable", "ServiceUnavailable", 503, "temporary failure"),
    ],
)
def test_an_answer_of_ses_that_accepts_nothing(
    simulator: SimulatorClient, kind: str, code: str, status: int, text: str
) -> None:
    ses = client("sesv2", simulator)
    simulator.add_fault(kind, next=1)
    with pytest.raises(ClientError) as refusal:
        ses.send_bulk_email(**bulk("a@r.example"))
    answer = refusal.value.response
    assert (answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]) == (code, status)
    assert text in answer["Error"]["Message"]
    assert simulator.counts() == {}
    ses.send_bulk_email(**bulk("a@r.example"))
    assert simulator.counts() == {"a@r.example": 1}


def test_any_other_answer_can_be_ordered(simulator: SimulatorClient) -> None:
    simulator.add_fault("answer", http_status=403, code="ExpiredTokenException", message="The token has expired.")
    with pytest.raises(ClientError, match="The token has expired"):
        client("sesv2", simulator).send_email(**simple("a@r.example"))


@pytest.mark.parametrize("kind", ["error", "unavailable"])
def test_a_5xx_may_come_after_the_mails_were_taken(simulator: SimulatorClient, kind: str) -> None:
    simulator.add_fault(kind, next=1, accepted=1.0)
    with pytest.raises(ClientError):
        client("sesv2", simulator).send_bulk_email(**bulk("a@r.example"))
    assert simulator.counts() == {"a@r.example": 1}


@pytest.mark.parametrize("accepted", [True, False])
def test_a_connection_is_dropped_after_or_before_acceptance(simulator: SimulatorClient, *, accepted: bool) -> None:
    ses = client("sesv2", simulator)
    ses.send_bulk_email(**bulk("before@r.example"))  # the connection is an old one: nobody may try again on a new one
    simulator.add_fault("drop", next=1, accepted=float(accepted))
    with pytest.raises(ConnectionClosedError):
        ses.send_bulk_email(**bulk("a@r.example"))
    assert simulator.counts()["a@r.example"] == accepted


def test_some_of_a_dropped_call_may_have_been_accepted(simulator: SimulatorClient) -> None:
    simulator.add_fault("drop", next=1, accepted=0.5)
    with pytest.raises(ConnectionClosedError):
        client("sesv2", simulator).send_bulk_email(**bulk(*[f"a{number}@r.example" for number in range(50)]))
    assert 10 < len(simulator.counts()) < 40
    assert not simulator.twice()


def test_half_of_single_sends_may_have_been_accepted(simulator: SimulatorClient) -> None:
    simulator.add_fault("error", accepted=0.5)
    ses = client("sesv2", simulator)
    for number in range(30):
        with pytest.raises(ClientError):
            ses.send_email(**simple(f"a{number}@r.example"))
    assert 5 < len(simulator.counts()) < 25


def test_a_time_out_leaves_the_client_without_an_answer(simulator: SimulatorClient) -> None:
    simulator.add_fault("timeout", next=1)
    with pytest.raises(ReadTimeoutError):
        client("sesv2", simulator, HASTY).send_email(**simple("a@r.example"))
    assert simulator.counts() == {"a@r.example": 1}


def test_a_silence_ends_with_the_connection(simulator: SimulatorClient) -> None:
    simulator.add_fault("timeout", next=1, seconds=0.05, accepted=0.0)
    with pytest.raises(ConnectionClosedError):
        client("sesv2", simulator).send_email(**simple("a@r.example"))
    assert simulator.counts() == {}


def test_a_slow_answer_is_the_true_one(simulator: SimulatorClient) -> None:
    simulator.add_fault("slow", next=1, seconds=0.2)
    started = time.monotonic()
    assert client("sesv2", simulator).send_email(**simple("a@r.example"))["MessageId"]
    assert time.monotonic() - started >= 0.2


@pytest.mark.parametrize("status", STATUSES)
def test_entries_are_refused_with_any_status(simulator: SimulatorClient, status: str) -> None:
    simulator.add_fault("entries", next=1, status=status)
    ses = client("sesv2", simulator)
    results = ses.send_bulk_email(**bulk("a@r.example", "b@r.example"))["BulkEmailEntryResults"]
    assert results == [{"Status": status, "Error": STATUSES[status]}] * 2
    assert simulator.counts() == {}


def test_a_share_of_the_entries_fails_and_comes_through_when_sent_again(simulator: SimulatorClient) -> None:
    simulator.add_fault("entries", share=0.3)
    ses = client("sesv2", simulator)
    left = [f"a{number}@r.example" for number in range(50)]
    for _ in range(30):
        results = ses.send_bulk_email(**bulk(*left))["BulkEmailEntryResults"]
        left = [address for address, result in zip(left, results, strict=True) if result["Status"] != "SUCCESS"]
        if not left:
            break
    assert not left
    assert set(simulator.counts().values()) == {1}
    assert len(simulator.counts()) == 50


def test_queues_and_topics_have_faults_too(simulator: SimulatorClient) -> None:
    sqs, sns = client("sqs", simulator), client("sns", simulator)
    queue = sqs.create_queue(QueueName="q")["QueueUrl"]
    simulator.add_fault("unavailable", operations=["ReceiveMessage", "CreateTopic"], next=2)
    with pytest.raises(ClientError, match="ServiceUnavailable"):
        sqs.receive_message(QueueUrl=queue)
    with pytest.raises(ClientError, match="ServiceUnavailable"):
        sns.create_topic(Name="t")
    assert "Messages" not in sqs.receive_message(QueueUrl=queue)


def test_faults_are_shown_and_taken_back(simulator: SimulatorClient) -> None:
    simulator.add_fault("throttle", probability=0.5)
    (shown,) = simulator.faults()
    assert (shown["kind"], shown["probability"], shown["calls_seen"]) == ("throttle", 0.5, 0)
    simulator.clear_faults()
    assert simulator.faults() == []
    with pytest.raises(Refused, match="A fault is one of"):
        simulator.add_fault("fire")


def test_the_first_fault_ordered_wins_and_each_counts_its_own_calls(simulator: SimulatorClient) -> None:
    simulator.add_fault("paused", calls=[2])
    simulator.add_fault("suspended", calls=[2, 3])
    ses, seen = client("sesv2", simulator), []
    for _ in range(4):
        try:
            ses.send_bulk_email(**bulk(entry("a@r.example")))
            seen.append("accepted")
        except ClientError as refusal:
            seen.append(refusal.response["Error"]["Code"])
    assert seen == ["accepted", "SendingPausedException", "AccountSuspendedException", "accepted"]


def test_every_kind_has_a_test_of_its_own(request: pytest.FixtureRequest) -> None:
    source = request.path.read_text()
    assert [kind for kind in KINDS if source.count(f'"{kind}"') == 0] == []

"""Rate and quota as a client meets them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from http.client import HTTPConnection
from typing import TYPE_CHECKING

import pytest
from botocore.config import Config

from tests.factories.ses import bulk, simple
from tests.fixtures.simulator import client

if TYPE_CHECKING:
    from collections.abc import Callable

    from newsletter.simulator.client import SimulatorClient

MORNING = datetime(2026, 5, 22, 6, 0, tzinfo=UTC)


def stopped() -> datetime:
    return MORNING


def people(number: int) -> list[str]:
    return [f"reader{each}@list.example" for each in range(number)]


def test_a_call_over_the_rate_gets_the_real_wire_form(start_simulator: Callable[..., SimulatorClient]) -> None:
    simulator = start_simulator(clock=stopped, max_send_rate=14.0)
    ses = client("sesv2", simulator)
    ses.send_bulk_email(**bulk(*people(50)))
    http = HTTPConnection(simulator.url.removeprefix("http://"))
    http.request(
        "POST",
        "/v2/email/outbound-bulk-emails",
        body=json.dumps(bulk("a@r.example")),
        headers={"Authorization": "AWS4-HMAC-SHA256", "Content-Type": "application/json"},
    )
    answer = http.getresponse()
    assert (answer.status, answer.reason) == (429, "Too Many Requests")
    assert answer.headers["x-amzn-errortype"] == "TooManyRequestsException"
    assert answer.headers["content-type"] == "application/x-amz-json-1.1"
    assert json.loads(answer.read()) == {"message": "Maximum sending rate exceeded."}
    assert "retry-after" not in answer.headers
    http.close()
    with pytest.raises(ses.exceptions.TooManyRequestsException, match=r"Maximum sending rate exceeded\.$"):
        ses.send_email(**simple("a@r.example"))
    simulator.advance(2.6)  # 50 taken of 14: 36 to pay back, and one to send
    with pytest.raises(ses.exceptions.TooManyRequestsException):
        ses.send_email(**simple("a@r.example"))
    simulator.advance(0.1)
    ses.send_email(**simple("a@r.example"))
    assert simulator.status()["mails"] == 51


def test_throttling_may_come_as_a_status_of_each_entry(start_simulator: Callable[..., SimulatorClient]) -> None:
    simulator = start_simulator(clock=stopped, max_send_rate=1.0, throttle_entries=True)
    ses = client("sesv2", simulator)
    ses.send_bulk_email(**bulk("a@r.example"))
    results = ses.send_bulk_email(**bulk("b@r.example", "no address"))["BulkEmailEntryResults"]
    assert [result["Status"] for result in results] == ["ACCOUNT_THROTTLED", "INVALID_PARAMETER"]
    assert results[0]["Error"] == "Maximum sending rate exceeded."


def test_the_rate_can_be_raised_while_it_runs(start_simulator: Callable[..., SimulatorClient]) -> None:
    simulator = start_simulator(clock=stopped, max_send_rate=1.0)
    ses = client("sesv2", simulator)
    ses.send_email(**simple("a@r.example"))
    simulator.set_options(max_send_rate=100.0)
    assert ses.get_account()["SendQuota"]["MaxSendRate"] == 100
    simulator.advance(1)
    ses.send_bulk_email(**bulk(*people(50)))
    ses.send_bulk_email(**bulk(*people(50)))


def test_the_quota_ends_a_bulk_call_in_the_middle_and_rolls_on(start_simulator: Callable[..., SimulatorClient]) -> None:
    simulator = start_simulator(clock=stopped, max_24_hour_send=60.0)
    ses = client("sesv2", simulator)
    ses.send_bulk_email(**bulk(*people(50)))
    simulator.advance(3600)
    request = bulk(*people(11), "success@simulator.amazonses.com")
    results = ses.send_bulk_email(**request)["BulkEmailEntryResults"]
    assert [result["Status"] for result in results] == ["SUCCESS"] * 10 + ["ACCOUNT_DAILY_QUOTA_EXCEEDED"] * 2
    with pytest.raises(ses.exceptions.TooManyRequestsException, match="Daily message quota exceeded"):
        ses.send_email(**simple("a@r.example"))
    simulator.advance(23 * 3600)
    assert ses.get_account()["SendQuota"]["SentLast24Hours"] == 10
    ses.send_bulk_email(**bulk(*people(50)))


def test_mails_to_the_mailbox_simulator_count_to_the_rate_only(start_simulator: Callable[..., SimulatorClient]) -> None:
    simulator = start_simulator(clock=stopped, max_send_rate=1.0)
    ses = client("sesv2", simulator)
    ses.send_email(**simple("success@simulator.amazonses.com"))
    assert ses.get_account()["SendQuota"]["SentLast24Hours"] == 0
    with pytest.raises(ses.exceptions.TooManyRequestsException):
        ses.send_email(**simple("a@r.example"))


def test_botocores_own_retries_get_through_and_would_send_twice(simulator: SimulatorClient) -> None:
    """The trap that transports must avoid: with its defaults, boto3 sends again what had been accepted."""
    simulator.add_fault("drop", next=1)
    ses = client("sesv2", simulator, Config(retries={"mode": "standard", "total_max_attempts": 3}))
    ses.send_email(**simple("a@r.example"))
    assert simulator.counts() == {"a@r.example": 2}
    assert simulator.twice() == {"a@r.example": 2}

"""The simulator's own API."""

from __future__ import annotations

import json
from http.client import HTTPConnection
from typing import TYPE_CHECKING, Any

import pytest

from newsletter.errors import FixConfiguration, Refused
from newsletter.simulator.options import Options
from tests.factories.ses import bulk, entry, simple
from tests.fixtures.simulator import client

if TYPE_CHECKING:
    from collections.abc import Callable

    from newsletter.simulator.client import SimulatorClient


def test_mails_are_found_by_recipient_and_by_tag(simulator: SimulatorClient) -> None:
    ses = client("sesv2", simulator)
    for week in (1, 2):
        people = [entry(f"r{number}@list.example", tag=f"w{week}-{number}") for number in range(50)]
        ses.send_bulk_email(**bulk(*people))
    assert [mail["tags"]["delivery"] for mail in simulator.mails(recipient="r7@list.example")] == ["w1-7", "w2-7"]
    assert [mail["recipients"] for mail in simulator.mails(tag=("delivery", "w2-3"))] == [["r3@list.example"]]
    assert list(simulator.mails(tag=("delivery", "none"))) == []
    assert simulator.counts().total() == 100
    assert len(simulator.twice()) == 50


def test_mails_come_in_pages_and_all_of_them(simulator: SimulatorClient) -> None:
    ses = client("sesv2", simulator)
    for number in range(410):
        ses.send_email(**simple(f"r{number}@list.example"))
    assert [mail["recipients"][0] for mail in simulator.mails()] == [f"r{number}@list.example" for number in range(410)]


def test_outcomes_can_be_ordered_for_an_address_or_a_domain(simulator: SimulatorClient) -> None:
    simulator.set_fates({"@gone.example": {"bounce": "Permanent/NoEmail"}, "Fine@gone.example": {"delivered": True}})
    ses = client("sesv2", simulator)
    ses.send_bulk_email(**bulk("a@gone.example", "fine@gone.example", "b@r.example"))
    assert [mail["fates"][0] for mail in simulator.mails()] == [
        {"bounce": "Permanent/NoEmail"},
        {"delivered": True},
        {"delivered": True},
    ]
    with pytest.raises(Refused, match="A bounce is one of"):
        simulator.set_fates({"a@b.example": {"bounce": "Soft"}})


def test_options_change_while_it_runs(simulator: SimulatorClient) -> None:
    assert simulator.set_options(hard_bounces=1.0)["hard_bounces"] == 1.0
    client("sesv2", simulator).send_bulk_email(**bulk("a@r.example"))
    assert "bounce" in next(simulator.mails())["fates"][0]
    for wrong in ({"colour": 1}, {"hard_bounces": 2}, {"sandbox": 1}, {"seed": 4}):
        with pytest.raises(Refused):
            simulator.set_options(**wrong)


def test_the_account_is_set_from_outside(simulator: SimulatorClient) -> None:
    shown = simulator.set_account(enforcement="PROBATION", production_access=False, sent=40_000)
    assert (shown["EnforcementStatus"], shown["ProductionAccessEnabled"]) == ("PROBATION", False)
    assert client("sesv2", simulator).get_account()["SendQuota"]["SentLast24Hours"] == 40_000
    with pytest.raises(Refused, match="An account says"):
        simulator.set_account(rate=5)


def test_what_is_not_there_is_said(simulator: SimulatorClient) -> None:
    with pytest.raises(Refused, match="No mail has the id x"):
        simulator.mail("x")
    with pytest.raises(Refused, match="does not exist"):
        simulator.set_identity("none.example", status="SUCCESS")
    http = HTTPConnection(simulator.url.removeprefix("http://"))
    http.request("GET", "/_simulator/secrets")
    assert http.getresponse().status == 404
    http.close()


def test_status_and_clock(start_simulator: Callable[..., SimulatorClient]) -> None:
    simulator = start_simulator(max_send_rate=14.0)
    simulator.advance(3600)
    status = simulator.status()
    assert status["ahead_seconds"] == 3600
    assert status["options"]["max_send_rate"] == 14
    assert status["url"] == simulator.url
    with pytest.raises(TimeoutError, match="did not come to what was waited for"):
        simulator.wait_for(lambda _: False, seconds=0.05)


@pytest.mark.parametrize("body", [b"{", b"[]", b'"x"'])
def test_a_body_that_is_no_object_is_refused(simulator: SimulatorClient, body: bytes) -> None:
    for path in ("/_simulator/faults", "/v2/email/outbound-emails"):
        http = HTTPConnection(simulator.url.removeprefix("http://"))
        http.request("POST", path, body=body, headers={"Authorization": "AWS4-HMAC-SHA256"})
        answer = http.getresponse()
        assert answer.status == 400
        assert "JSON" in json.loads(answer.read())["message"]
        http.close()


@pytest.mark.parametrize(
    "request_body",
    [
        {"Content": {"Raw": "text"}},
        {"Content": {"Simple": []}, "FromEmailAddress": 7},
        {"Content": {"Simple": {"Headers": [{"Name": "X"}]}}, "FromEmailAddress": "a@b.example",
         "Destination": {"ToAddresses": ["c@d.example"]}},
    ],
)  # fmt: skip
def test_a_request_of_the_wrong_form_is_refused(simulator: SimulatorClient, request_body: dict[str, object]) -> None:
    http = HTTPConnection(simulator.url.removeprefix("http://"))
    signed = {"Authorization": "AWS4-HMAC-SHA256"}
    http.request("POST", "/v2/email/outbound-emails", body=json.dumps(request_body), headers=signed)
    answer = http.getresponse()
    assert (answer.status, answer.headers["x-amzn-errortype"]) == (400, "BadRequestException")
    http.close()


@pytest.mark.parametrize(
    "wrong", [{"hard_bounces": 1.5}, {"hard_bounces": 0.7, "soft_bounces": 0.7}, {"max_send_rate": 0.0}]
)
def test_options_that_make_no_sense_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(FixConfiguration):
        Options(**wrong)

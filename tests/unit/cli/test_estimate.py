"""What a campaign comes to before it begins: counted, timed, priced, and nothing is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from newsletter.resources import folder

if TYPE_CHECKING:
    from collections.abc import Callable

    from newsletter.simulator.client import SimulatorClient
    from tests.unit.cli.conftest import Newsletter

EXAMPLES = folder("examples")
ISSUE = "2026-03-13"
SES = {"NEWSLETTER_TRANSPORT": "ses", "NEWSLETTER_PUBLIC_URL": "https://news.example.org"}


@pytest.fixture
def ready(newsletter: Newsletter) -> Newsletter:
    """`newsletter` with the example list, its people and a draft."""
    newsletter("list", "create", "--file", EXAMPLES / "list.toml", "--topics", EXAMPLES / "topics.toml")
    newsletter("subscribers", "import", EXAMPLES / "subscribers.csv", "--result", "result.csv")
    newsletter("issue", "add", *sorted(EXAMPLES.glob("*.txt")))
    return newsletter


@pytest.fixture
def ses(ready: Newsletter, start_simulator: Callable[..., SimulatorClient]) -> Callable[..., SimulatorClient]:
    """Have `ready` send through a simulated SES with these options."""

    def start(**options: object) -> SimulatorClient:
        simulator = start_simulator(**options)
        for name, value in {**SES, **simulator.environment}.items():
            ready.monkeypatch.setenv(name, value)
        return simulator

    return start


def test_into_files_there_is_only_a_count(ready: Newsletter) -> None:
    found = ready("campaign", "estimate", ISSUE, "--json").json
    assert (found["issue"], found["revision"], found["state"], found["list"]) == (ISSUE, 1, "draft", "imagerie")
    assert (found["recipients"], found["skipped"]) == (12, {"unsubscribed": 1})
    assert sum(found["languages"].values()) == 12
    assert 1 < found["variants"] <= 12
    assert [found[key] for key in ("rate", "seconds", "room", "cost_usd", "account")] == [None] * 5
    assert found["suffices"]
    assert found["complete"]


def test_what_is_counted_is_what_is_sent_then(ready: Newsletter) -> None:
    ready("issue", "finalize", ISSUE)
    found = ready("campaign", "estimate", ISSUE, "--json").json
    sent = ready("campaign", "send", ISSUE, "--json").json
    assert (found["recipients"], found["skipped"]) == (sent["sent"], sent["skipped"])
    assert "is sent" in ready("campaign", "estimate", ISSUE).err


def test_nothing_is_written(ready: Newsletter, ses: Callable[..., SimulatorClient]) -> None:
    ses()
    ready("campaign", "estimate", ISSUE)
    assert ready("campaign", "list", "--json").json == {"campaigns": []}
    assert ready("issue", "list", "--json").json["issues"][0]["state"] == "draft"


def test_with_a_rate_of_its_own_the_time_is_known(ready: Newsletter) -> None:
    found = ready("campaign", "estimate", ISSUE, "--json", NEWSLETTER_RATE="10").json
    assert (found["rate"], found["seconds"]) == (8.5, 1)
    assert "At 8.5 a second it takes 1 s." in ready("campaign", "estimate", ISSUE, NEWSLETTER_RATE="10").out


def test_the_account_says_how_fast_how_many_and_at_what_price(
    ready: Newsletter, ses: Callable[..., SimulatorClient]
) -> None:
    simulator = ses(max_send_rate=100.0, max_24_hour_send=50_000.0)
    simulator.set_account(sent=20_000)
    found = ready("campaign", "estimate", ISSUE, "--json", NEWSLETTER_PRICE_PER_THOUSAND="5").json
    assert [found[key] for key in ("rate", "room", "suffices", "cost_usd")] == [80, 30_000, True, 0.06]
    assert found["account"] == {
        "sandbox": False,
        "max_rate": 100,
        "quota": 50_000,
        "sent_24h": 20_000,
        "sending_enabled": True,
        "enforcement": "HEALTHY",
    }
    out = ready("campaign", "estimate", ISSUE).out
    assert "The quota of 24 hours has room for 30,000 more, which is enough." in out
    assert "0.10 for a thousand" in out


def test_a_quota_and_a_warm_up_that_stretch_it_are_shown_day_by_day(
    ready: Newsletter, ses: Callable[..., SimulatorClient]
) -> None:
    ses(max_24_hour_send=8.0)
    found = ready("campaign", "estimate", ISSUE, "--json").json
    assert not found["suffices"]
    assert [day["mails"] for day in found["days"]] == [8, 4]
    out = ready("campaign", "estimate", ISSUE).out
    assert "room for 8 more, which is not enough for one day" in out
    assert "By day (UTC)" in out
    slow = ready("campaign", "estimate", ISSUE, "--json", NEWSLETTER_WARMUP="2999-01-01: 3 5 9").json
    assert [day["mails"] for day in slow["days"]] == [3, 3, 3, 3], "before its first day, its first number holds"


def test_what_stands_in_the_way_is_said(ready: Newsletter, ses: Callable[..., SimulatorClient]) -> None:
    simulator = ses(sandbox=True, max_24_hour_send=0.0)
    estimated = ready("campaign", "estimate", ISSUE)
    assert "sandbox" in estimated.err
    assert "ask for a higher quota" in estimated.out
    simulator.set_account(sending_enabled=False)
    assert "switched off" in ready("campaign", "estimate", ISSUE).err
    assert ready("campaign", "estimate", ISSUE, "--json").json["account"]["sandbox"]


def test_an_account_that_does_not_answer_leaves_the_counts(
    ready: Newsletter, ses: Callable[..., SimulatorClient]
) -> None:
    ses().add_fault(
        "answer", operations=["GetAccount"], http_status=403, code="AccessDeniedException", message="not authorized"
    )
    found = ready("campaign", "estimate", ISSUE, "--json")
    assert (found.json["recipients"], found.json["account"], found.json["rate"]) == (12, None, None)
    assert "ses:GetAccount" in found.err


def test_the_list_has_to_be_known(newsletter: Newsletter) -> None:
    newsletter("issue", "add", *sorted(EXAMPLES.glob("*.txt")))
    assert "list create" in newsletter("campaign", "estimate", ISSUE, code=1).err

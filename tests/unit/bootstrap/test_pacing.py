"""Who is paced, and by what, as the settings say."""

from __future__ import annotations

import pytest

from newsletter.bootstrap.installation import Newsletter
from newsletter.bootstrap.pacing import pace
from newsletter.delivery.pace import Pace, Unpaced
from newsletter.errors import Hold
from newsletter.settings import read_settings
from newsletter.simulator.client import SimulatorClient
from subscribers.database import Database


def paced(database: Database, lane: str = "bulk", **settings: str) -> Pace:
    named = {f"NEWSLETTER_{name.upper()}": value for name, value in settings.items()}
    read = read_settings({"NEWSLETTER_PUBLIC_URL": "https://news.example.org", **named}, dotenv=None)
    return pace(Newsletter(settings=read, database=database), lane)


@pytest.mark.parametrize("transport", ["outbox", "smtp"])
def test_without_an_account_only_what_is_set_holds(sqlite_database: Database, transport: str) -> None:
    assert isinstance(paced(sqlite_database, transport=transport), Unpaced)
    slow = paced(sqlite_database, transport=transport, rate="2")
    assert slow.largest_call() == 1
    assert slow.reserve(100) == 0
    assert 0 < slow.reserve(1) <= 100 / 1.7


def test_a_warm_up_is_for_mails_that_leave(sqlite_database: Database) -> None:
    ceilings = "2999-01-01: 3"
    assert isinstance(paced(sqlite_database, transport="outbox", warmup=ceilings), Unpaced)
    few = paced(sqlite_database, transport="smtp", warmup=ceilings)
    assert [few.reserve(2), few.reserve(1)] == [0, 0]
    with pytest.raises(Hold, match="warm-up allows 3"):
        few.reserve(1)


def test_with_ses_the_account_says_it(database: Database, aws_environment: SimulatorClient) -> None:
    aws_environment.set_options(max_send_rate=100.0, max_24_hour_send=20.0)
    bulk, preview = (paced(database, lane, transport="ses") for lane in ("bulk", "preview"))
    assert bulk.reserve(16) == 0
    assert bulk.reserve(1) <= 16 / 80
    assert preview.reserve(1) == 0, "a test mail does not wait behind a campaign"
    assert bulk.largest_call() == 3, "what is left of the quota, before the test mail"
    with pytest.raises(Hold, match="of 20 recipients"):
        bulk.reserve(3)
    bulk.reserve(2)

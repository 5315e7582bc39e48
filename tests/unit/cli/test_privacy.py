"""Retention and sunset from the command line, and that no log ever shows an address."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import update

from newsletter.delivery.models import Campaign
from newsletter.delivery.notices.models import Notice
from newsletter.feedback.intake import Intake
from newsletter.resources import folder
from subscribers.clock import utc_now
from subscribers.database import open_database
from subscribers.models import Confirmation, List, Subscription
from subscribers.privacy.models import Sunset
from tests.factories.events import ses_event
from tests.factories.people import NOW, email
from tests.unit.cli.conftest import Newsletter
from tests.unit.feedback.conftest import Sent, make_sent

EXAMPLES = folder("examples")


def test_a_plan_says_what_goes_and_changes_nothing(newsletter: Newsletter, sqlite_url: str) -> None:
    database = open_database(sqlite_url)
    sent = make_sent(database, 4)
    sent.take(*(sent.event("Send", person) for person in range(1, 5)))
    with database.write() as session:
        session.execute(update(Campaign).values(state="sent", finished_at=NOW - timedelta(days=10_000)))
        long_ago = {"status": "pending", "updated_at": NOW - timedelta(days=10_000)}
        session.execute(update(Subscription).where(Subscription.subscriber_id == 4).values(**long_ago))
    database.close()
    plan = newsletter("privacy", "retain", "--plan", "--json").json["rows"]
    assert (plan["unconfirmed"], plan["deliveries"], plan["receipts"]) == (1, 4, 4)
    assert newsletter("privacy", "retain", "--plan", "--json").json["rows"] == plan
    status = newsletter("campaign", "status", "latest", "--json").json
    done = newsletter("privacy", "retain", "--json").json["rows"]
    assert {what: done[what] for what in ("unconfirmed", "deliveries", "receipts")} == {
        "unconfirmed": 1, "deliveries": 4, "receipts": 4,
    }  # fmt: skip
    assert newsletter("campaign", "status", "latest", "--json").json == status
    assert "Nothing" in newsletter("privacy", "retain").out


@pytest.fixture
def half_a_year(newsletter: Newsletter, sqlite_url: str) -> Iterator[Sent]:
    """A list that asks after six months, has listened for longer, and has two people; one of them read."""
    database = open_database(sqlite_url)
    sent = make_sent(database, 2)
    long_ago = utc_now() - timedelta(days=300)
    with database.write() as session:
        session.execute(update(List).values(policies={"sunset_months": 6}))
        session.add(Sunset(list_id=sent.stage.publication.id, since=long_ago))
        session.execute(update(Subscription).values(created_at=long_ago))
    assert newsletter("subscribers", "stats", "--json").json["subscribers"]["active"] == 2
    yield sent
    database.close()


def test_where_nothing_tells_who_reads_nobody_is_asked(newsletter: Newsletter, half_a_year: Sent) -> None:
    waits = newsletter("privacy", "sunset", code=3)
    assert "--track-opens" in waits.err
    assert newsletter("privacy", "sunset", "--json", code=3).json["lists"][0]["asked"] == 0
    assert half_a_year.campaign


def test_who_was_not_seen_is_asked_and_goes_when_the_mail_went_out(newsletter: Newsletter, half_a_year: Sent) -> None:
    sent, read = half_a_year, utc_now()
    Intake(sent.database, lambda: read, "queue").take([sent.event("Open", 1, mail_at=read)])
    plan = newsletter("privacy", "sunset", "--plan", "--json").json["lists"][0]
    assert (plan["asked"], plan["taken_off"], plan["waits"]) == (1, 0, "")
    assert newsletter("privacy", "sunset", "--json").json["lists"][0]["asked"] == 1
    with sent.database.write() as session:
        session.execute(update(Confirmation).values(expires_at=utc_now()))
        session.execute(update(Notice).values(state="sent"))
    assert newsletter("privacy", "sunset", "--json").json["lists"][0]["taken_off"] == 1
    assert newsletter("subscribers", "stats", "--json").json["subscribers"]["active"] == 1
    told = newsletter("subscribers", "export-person", email(2), "--json").json
    assert {"confirmations", "notices"} <= {each["table"] for each in told["held"]}


def test_no_log_ever_shows_an_address(
    newsletter: Newsletter, sqlite_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    who = "zoe.lovelace@reader.example"
    with caplog.at_level(logging.DEBUG):
        newsletter("list", "create", "--file", EXAMPLES / "list.toml", "--topics", EXAMPLES / "topics.toml")
        newsletter("subscribers", "add", who, "--name", "Zoe")
        newsletter("issue", "add", EXAMPLES / "2026-03-13.fr.txt", EXAMPLES / "2026-03-13.en.txt")
        newsletter("issue", "finalize", "2026-03-13")
        newsletter("campaign", "start", "2026-03-13")
        newsletter("worker", "--until-idle")
        database = open_database(sqlite_url)
        bounce = ses_event("Bounce", who, said={"diagnosticCode": f"550 {who} unknown"})
        Intake(database, utc_now, "queue").take([bounce, bounce.replace('"Bounce"', "Bounce"), f"nonsense {who}"])
        database.close()
        newsletter("subscribers", "add", who, code=1)
        newsletter("subscribers", "add", f"{who} x", code=1)
        newsletter("subscribers", "export-person", who, "-o", "zoe.txt")
        newsletter("privacy", "retain")
        newsletter("subscribers", "erase", who, "--yes")
        newsletter("subscribers", "add", who, code=1)
    assert caplog.records, "there is a log"
    assert [record.name for record in caplog.records if "lovelace" in caplog.handler.format(record).casefold()] == []

"""Mails through a simulated SES, whose SNS posts what became of them to `newsletter web`, as processes."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import func, select

from newsletter.delivery.models import Receipt
from newsletter.feedback.models import FeedbackEvent, Notice
from newsletter.resources import folder
from subscribers.database import Database
from subscribers.models import Suppression
from tests.acceptance.conftest import Newsletter
from tests.fixtures.patience import wait_until
from tests.fixtures.simulator import client, simulator_process
from tests.fixtures.workers import running

PEOPLE = 40
TOPIC = "arn:aws:sns:us-east-1:123456789012:events"


@pytest.mark.parametrize("version", ["1", "2"])
def test_sns_shakes_hands_and_every_event_reaches_the_ledger(
    tmp_path: Path, database: Database, database_url: str, version: str
) -> None:
    with simulator_process("--hard-bounces", "0.2") as simulator:
        ses, sns = client("sesv2", simulator), client("sns", simulator)
        newsletter = Newsletter(
            tmp_path,
            {
                "NEWSLETTER_DATABASE_URL": database_url,
                "NEWSLETTER_SECRET_KEY": "f" * 32,
                "NEWSLETTER_PUBLIC_URL": "https://news.example.org",
                "NEWSLETTER_TRANSPORT": "ses",
                "NEWSLETTER_SES_CONFIGURATION_SET": "events",
                "NEWSLETTER_SNS_TOPICS": TOPIC,
                "NEWSLETTER_SNS_TEST_ENDPOINT": simulator.url,
                **simulator.environment,
            },
        )
        sns.create_topic(Name="events", Attributes={"SignatureVersion": version})
        ses.create_configuration_set(ConfigurationSetName="events")
        destination = {
            "Enabled": True,
            "MatchingEventTypes": ["SEND", "DELIVERY", "BOUNCE"],
            "SnsDestination": {"TopicArn": TOPIC},
        }
        ses.create_configuration_set_event_destination(
            ConfigurationSetName="events", EventDestinationName="feedback", EventDestination=destination
        )
        with running(newsletter, "-m", "newsletter", "web", "--port", "0", "--json") as web:
            url = web.wait_for(r'"url": "([^"]+)"')[1]
            sns.subscribe(TopicArn=TOPIC, Protocol="http", Endpoint=f"{url}/feedback/sns")
            wait_until(lambda: sns.get_topic_attributes(TopicArn=TOPIC)["Attributes"]["SubscriptionsConfirmed"] == "1")
            _send(newsletter, tmp_path)
            told = simulator.status()["events_told"]
            wait_until(lambda: _count(database, Notice) == sum(told.values()) + 1)  # one is the handshake
    assert _count(database, FeedbackEvent) == sum(told.values())
    assert _count(database, Receipt) == PEOPLE == told["Send"]
    assert _count(database, Suppression) == told["Bounce"] > 0


def _send(newsletter: Newsletter, path: Path) -> None:
    rows = "".join(f"r{number}@list.example,Reader {number},en\n" for number in range(PEOPLE))
    (path / "people.csv").write_text(f"email,name,language\n{rows}", encoding="utf-8")
    examples = folder("examples")
    newsletter(
        "list", "create", "weekly", "--name", "Weekly", "--from", "Editors <we@example.org>",
        "--languages", "fr,en", "--topics", examples / "topics.toml",
    )  # fmt: skip
    newsletter("issue", "add", *sorted(examples.glob("*.txt")))
    newsletter("issue", "finalize", "2026-03-13")
    newsletter("subscribers", "import", "people.csv")
    newsletter("campaign", "send", "2026-03-13", "--list", "weekly", "--json")


def _count(database: Database, model: type) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0

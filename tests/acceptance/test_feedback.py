"""A campaign through SES, and what comes back of it, as processes on both databases: late, twice, shuffled, killed."""

from __future__ import annotations

import signal
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from newsletter.delivery.models import Campaign, Receipt
from newsletter.feedback.models import FeedbackEvent
from newsletter.simulator.client import SimulatorClient
from subscribers.database import Database
from tests.acceptance.conftest import Newsletter
from tests.acceptance.joined import ISSUE, KINDS, joined, ready
from tests.fixtures.forked import Forked
from tests.fixtures.patience import PATIENCE
from tests.fixtures.simulator import client, feedback_queue

PEOPLE = 150
TROUBLED = {
    "seed": 7, "jitter": 1.0, "doubled": 0.3, "late": 0.2, "late_by": 3600.0,
    "hard_bounces": 0.1, "soft_bounces": 0.1, "complaints": 0.05, "delays": 0.1, "opens": 0.3, "clicks": 0.2,
}  # fmt: skip


def _receipts(database: Database) -> dict[str, str]:
    """Return the message id of each delivery of which the database has a receipt."""
    with database.read() as session:
        rows = session.execute(
            select(Campaign.label, Receipt.subscriber_id, Receipt.message_id).join(
                Campaign, Campaign.id == Receipt.campaign_id
            )
        )
        return {f"{label}.{person}": message for label, person, message in rows}


def _accepted(simulator: SimulatorClient) -> dict[str, str]:
    """Return the same by the simulator's own record."""
    return {mail["tags"]["delivery"]: mail["id"] for mail in simulator.mails()}


@pytest.mark.parametrize("raw", [True, False], ids=["raw delivery", "in envelopes"])
def test_receipts_are_exactly_what_ses_took(
    tmp_path: Path,
    database: Database,
    database_url: str,
    start_simulator: Callable[..., SimulatorClient],
    raw: bool,  # noqa: FBT001 - a parameter
) -> None:
    simulator = start_simulator(**TROUBLED)
    newsletter = ready(
        tmp_path, database_url, simulator, feedback_queue(simulator, kinds=KINDS, raw=raw), people=PEOPLE
    )
    newsletter("campaign", "send", ISSUE, NEWSLETTER_SES_EVENTS_QUEUE_URL="")  # it would take them in itself
    first = newsletter("feedback", "consume", "--until-empty", "--json").json
    simulator.flush()
    second = newsletter("feedback", "consume", "--until-empty", "--json").json
    third = newsletter("feedback", "consume", "--until-empty", "--json").json

    assert _receipts(database) == _accepted(simulator)
    assert len(_accepted(simulator)) == PEOPLE
    told = simulator.status()["events_told"]
    for said in (first, second, third):
        assert said["events"] == said["applied"] + said["duplicates"] + said["quarantined"]
        assert said["quarantined"] == 0
    assert second["applied"] > 0, "some came late"
    assert first["duplicates"] + second["duplicates"] > 0
    assert third == {"events": 0, "applied": 0, "duplicates": 0, "quarantined": 0}
    assert first["events"] + second["events"] == sum(told.values())
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(FeedbackEvent)) == first["applied"] + second["applied"]
    _assert_counted(newsletter("feedback", "stats", "--json").json, simulator, first, second)
    _assert_reported(newsletter("campaign", "report", "--json").json, simulator)


def _assert_counted(
    stats: dict[str, Any], simulator: SimulatorClient, first: dict[str, int], second: dict[str, int]
) -> None:
    fates = [fate for mail in simulator.mails() for fate in mail["fates"]]
    kinds = stats["kinds"]
    assert sum(kinds.values()) == first["applied"] + second["applied"]
    assert kinds["sent"] == PEOPLE
    assert kinds["delivered"] == sum("bounce" not in fate for fate in fates)
    hard = [fate for fate in fates if fate.get("bounce", "").startswith("Permanent")]
    assert kinds["hard bounce"] == len(hard)
    assert kinds["complaint"] == sum("complaint" in fate for fate in fates)
    assert sum(count for day in stats["days"] for count in day["kinds"].values()) == sum(kinds.values())
    (stream,) = stats["streams"]
    assert stream["drained_at"] is not None
    assert stats["quarantined"] == 0


def _assert_reported(report: dict[str, Any], simulator: SimulatorClient) -> None:
    fates = [fate for mail in simulator.mails() for fate in mail["fates"]]
    total, bounces = report["total"], Counter(fate.get("bounce", "").partition("/")[0] for fate in fates)
    assert total["planned"] == total["sent"] == PEOPLE
    assert total["hard_bounced"] == bounces["Permanent"]
    assert total["delivered"] == bounces[""]
    assert total["delivered"] + total["hard_bounced"] + total["soft_bounced"] == PEOPLE
    assert total["complained"] == sum("complaint" in fate for fate in fates)
    opened = sum(bool(fate.get("opened")) for fate in fates)
    assert report["opens"]["opened"] == opened
    assert sum(link["clicks"] for link in report["links"]) == sum(bool(fate.get("clicked")) for fate in fates) > 0
    assert [link for link in report["links"] if link["item"]], "most links are an item's"


def test_killed_consumers_lose_nothing_and_apply_nothing_twice(
    tmp_path: Path, database: Database, database_url: str, start_simulator: Callable[..., SimulatorClient]
) -> None:
    simulator = start_simulator(doubled=0.2)
    queue = feedback_queue(simulator, kinds=KINDS, raw=True)
    newsletter = ready(tmp_path, database_url, simulator, queue, people=PEOPLE)
    newsletter("campaign", "send", ISSUE, NEWSLETTER_SES_EVENTS_QUEUE_URL="")  # it would take them in itself
    simulator.flush()
    for goal in (10, 60, 120):
        with _consumer(newsletter) as process:
            while process.poll() is None and len(_receipts(database)) < goal:
                time.sleep(0.002)
            process.send_signal(signal.SIGKILL)
    simulator.advance(61)  # what the dead had in hand shows again
    newsletter("feedback", "consume", "--until-empty", "--json")
    assert _receipts(database) == _accepted(simulator)
    assert newsletter("feedback", "stats", "--json").json["kinds"] == {"delivered": PEOPLE, "sent": PEOPLE}


def test_sigterm_ends_a_consumer_within_seconds(tmp_path: Path, sqlite_url: str, simulator: SimulatorClient) -> None:
    newsletter = joined(tmp_path, sqlite_url, simulator, feedback_queue(simulator, kinds=KINDS))
    simulator.add_fault("slow", operations=["ReceiveMessage"], seconds=0.0)
    with _consumer(newsletter) as process:
        simulator.wait_for(lambda _: simulator.faults()[0]["calls_seen"] > 0, seconds=PATIENCE)
        process.terminate()
        out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 128 + signal.SIGTERM, err
    assert '"applied": 0' in out


def test_what_cannot_be_read_is_left_for_a_person(tmp_path: Path, sqlite_url: str, simulator: SimulatorClient) -> None:
    queue = feedback_queue(simulator, kinds=KINDS)
    newsletter = joined(tmp_path, sqlite_url, simulator, queue)
    client("sqs", simulator).send_message(QueueUrl=queue, MessageBody="no event at all")
    said = newsletter("feedback", "consume", "--until-empty", "--json", code=3)
    assert said.json == {"events": 1, "applied": 0, "duplicates": 0, "quarantined": 1}
    assert "newsletter feedback quarantine" in said.err
    (kept,) = newsletter("feedback", "quarantine", "--json").json["quarantine"]
    assert kept.keys() >= {"number", "received_at", "stream", "reason", "body"}
    assert kept["body"] == "no event at all"
    assert newsletter("feedback", "quarantine", str(kept["number"])).out == "no event at all\n"
    assert "not JSON" in newsletter("feedback", "quarantine").out
    assert "1 messages are kept aside" in newsletter("feedback", "stats").out
    assert "feedback quarantine" in newsletter("feedback", "quarantine", "99", code=1).err


def test_without_a_queue_it_says_what_to_set(tmp_path: Path, sqlite_url: str) -> None:
    newsletter = Newsletter(tmp_path, {"NEWSLETTER_DATABASE_URL": sqlite_url})
    assert "NEWSLETTER_SES_EVENTS_QUEUE_URL is not set" in newsletter("feedback", "consume", code=1).err
    assert "Nothing has come back yet" in newsletter("feedback", "stats").out
    assert "No message was kept aside" in newsletter("feedback", "quarantine").out


def _consumer(newsletter: Newsletter) -> Forked:
    return newsletter.beside("-m", "newsletter", "feedback", "consume", "--json")

"""Events become rows: once, whatever order they come in, and nothing that comes is lost or in the way."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, text

from newsletter.delivery.models import Receipt
from newsletter.feedback.facts import Fact
from newsletter.feedback.intake import Tally
from newsletter.feedback.models import NO_CAMPAIGN, FeedbackCount, FeedbackEvent
from newsletter.feedback.packing import unpack
from newsletter.feedback.quarantine import quarantined
from tests.factories.events import KINDS, enveloped, message_id_of, on_bus, ses_event
from tests.factories.people import NOW, email
from tests.unit.feedback.conftest import STREAM, Sent, everything

if TYPE_CHECKING:
    from subscribers.database import Database


def counts(database: Database) -> dict[tuple[int, str, str, str], int]:
    with database.read() as session:
        rows = session.scalars(select(FeedbackCount))
        return {(row.campaign_id, row.domain, row.meaning, row.detail): row.events for row in rows}


def test_a_send_event_is_a_receipt(sent: Sent) -> None:
    assert sent.take(sent.event("Send", 1), sent.event("Send", 2)) == Tally(applied=2)
    assert sent.receipts() == {person: message_id_of(sent.delivery_id(person), NOW) for person in (1, 2)}


@pytest.mark.parametrize("kind", KINDS)
def test_whatever_happened_to_a_mail_it_was_accepted(sent: Sent, kind: str) -> None:
    sent.take(sent.event(kind, 3))
    assert set(sent.receipts()) == {3}


def test_who_was_in_doubt_is_settled_by_it(sent: Sent) -> None:
    sent.doubt(2, 3)
    sent.take(sent.event("Send", 2))
    assert (sent.state_of(2), sent.state_of(3)) == ("sent", "uncertain")
    with sent.database.read() as session:
        from newsletter.delivery.books import books

        balance = books(session, sent.campaign)
    assert balance.balanced
    assert (balance.sent, balance.uncertain) == (5, 1)


@pytest.mark.parametrize("form", [str, enveloped, on_bus])
def test_the_event_is_kept_as_ses_wrote_it(sent: Sent, form: type[str]) -> None:
    written = sent.event("Delivery", 1)
    sent.take(form(written))
    with sent.database.read() as session:
        row = session.scalars(select(FeedbackEvent)).one()
    assert row.body is not None
    assert json.loads(unpack(row.body)) == json.loads(written)
    assert (row.kind, row.meaning) == ("delivery", "delivered")
    assert (row.campaign_id, row.subscriber_id) == (sent.campaign, 1)


def test_twice_the_same_changes_nothing(sent: Sent) -> None:
    bodies = [sent.event(kind, 1) for kind in KINDS]
    assert sent.take(*bodies, *bodies) == Tally(applied=len(KINDS), duplicates=len(KINDS))
    before = everything(sent.database)
    assert sent.take(*map(enveloped, bodies)) == Tally(duplicates=len(KINDS))
    assert everything(sent.database) == before


def test_who_reads_is_counted_and_not_kept(sent: Sent) -> None:
    sent.take(sent.event("Open", 1), sent.event("Click", 1, after=3), sent.event("Open", 2))
    with sent.database.read() as session:
        rows = session.scalars(select(FeedbackEvent)).all()
    assert [(row.body, row.subscriber_id) for row in rows] == [(None, None)] * 3
    assert counts(sent.database) == {
        (sent.campaign, "", "opened", ""): 2,
        (sent.campaign, "", "clicked", ""): 1,
    }


def test_events_are_counted_by_campaign_day_and_domain(sent: Sent) -> None:
    elsewhere = ses_event("Send", "Zoe@Other.Example")
    tomorrow = sent.event("Delivery", 1, after=24 * 3600)
    sent.take(sent.event("Send", 1), sent.event("Send", 2), sent.event("Bounce", 2), elsewhere, tomorrow)
    assert counts(sent.database) == {
        (sent.campaign, "example.org", "sent", ""): 2,
        (sent.campaign, "example.org", "hard bounce", "Permanent/General"): 1,
        (sent.campaign, "example.org", "delivered", ""): 1,
        (NO_CAMPAIGN, "other.example", "sent", ""): 1,
    }
    with sent.database.read() as session:
        days = session.execute(select(FeedbackCount.meaning, FeedbackCount.day)).all()
    assert {meaning: day.isoformat() for meaning, day in days} == {
        "sent": "2026-03-06",
        "hard bounce": "2026-03-06",
        "delivered": "2026-03-07",
    }


def test_facts_of_a_delivery_add_up(sent: Sent) -> None:
    sent.take(sent.event("DeliveryDelay", 1))
    sent.take(sent.event("Delivery", 1), sent.event("Complaint", 1), sent.event("Delivery", 2))
    with sent.database.read() as session:
        facts = {row.subscriber_id: Fact(row.facts) for row in session.scalars(select(Receipt))}
    assert facts == {1: Fact.DELAYED | Fact.DELIVERED | Fact.COMPLAINED, 2: Fact.DELIVERED}


def test_mails_of_no_campaign_here_are_kept_and_prove_nothing(sent: Sent) -> None:
    strangers = [ses_event("Send", delivery_id=each) for each in (None, "test.1", "nonsense", f"{sent.label}.x")]
    strangers[1:] = [ses_event("Send", f"s{n}@x.example", delivery_id=f"other{n}.{n}") for n in range(3)]
    assert sent.take(*strangers) == Tally(applied=4)
    assert sent.receipts() == {}


def test_what_cannot_be_read_is_kept_aside_whole_with_the_reason(sent: Sent) -> None:
    assert sent.take("hello", sent.event("Send", 1), "{}") == Tally(applied=1, quarantined=2)
    assert sent.take("hello", sent.event("Send", 1)) == Tally(duplicates=2)
    with sent.database.read() as session:
        kept = {each.body: each for each in quarantined(session)}
    assert kept.keys() == {"hello", "{}"}
    assert kept["{}"].reason == "neither eventType nor notificationType says what it is"
    assert kept["hello"].stream == STREAM


@pytest.mark.parametrize(
    ("person", "message_id"),
    [("99999999999999999999999", "m"), ("1", "m" * 300)],
    ids=["a number no database takes", "an id that does not fit"],
)
def test_one_event_that_cannot_be_applied_is_in_nobodys_way(sent: Sent, person: str, message_id: str) -> None:
    poison = ses_event("Send", delivery_id=f"{sent.label}.{person}", message_id=message_id)
    tally = sent.take(sent.event("Send", 1), poison, sent.event("Send", 2))
    if sent.database.is_sqlite and person == "1":
        assert tally == Tally(applied=3)  # SQLite does not mind
        return
    assert tally == Tally(applied=2, quarantined=1)
    assert set(sent.receipts()) == {1, 2}
    with sent.database.read() as session:
        (kept,) = quarantined(session)
    assert kept.body == poison
    assert kept.reason.startswith("cannot be applied: ")
    assert email(1) not in kept.reason


def test_a_defect_of_ours_costs_no_event(sent: Sent) -> None:
    with sent.database.write() as session:
        session.execute(text("ALTER TABLE feedback_counts RENAME TO elsewhere"))
    assert sent.take(sent.event("Send", 1)) == Tally(quarantined=1)
    with sent.database.read() as session:
        assert session.scalars(select(FeedbackEvent)).all() == []
        assert [each.body for each in quarantined(session)] == [sent.event("Send", 1)]

"""Stored events are read again by other rules: the difference is shown first, then made, and can be made undone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy import select

from newsletter.delivery.books import books
from newsletter.feedback.events import Event
from newsletter.feedback.intake import Intake
from newsletter.feedback.models import AddressEvidence, FeedbackCount, FeedbackTotal
from newsletter.feedback.replaying.difference import Difference
from newsletter.feedback.replaying.replay import Replay
from newsletter.feedback.replaying.stored import Scope
from newsletter.feedback.rules import Meaning, meaning_of
from subscribers.database import Database
from subscribers.models import Subscription, Suppression
from subscribers.suppression import Reason, reinstate, suppress
from tests.factories.people import NOW, email
from tests.fixtures.thoroughness import examples
from tests.unit.feedback.conftest import STREAM, TABLES, Sent, everything, of_week, weeks
from tests.unit.feedback.happenings import Happening, copied, happenings

OTHERWISE = {
    Meaning.HARD: Meaning.SOFT,
    Meaning.SOFT: Meaning.HARD,
    Meaning.REFUSED: Meaning.HARD,
    Meaning.WITHHELD: Meaning.LISTED,
    Meaning.COMPLAINT: Meaning.REMARK,
    Meaning.NOT_SPAM: Meaning.COMPLAINT,
    Meaning.UNRENDERED: Meaning.NOTED,
}
FULL: dict[str, Any] = {"bounceType": "Transient", "bounceSubType": "MailboxFull", "said": {"status": "4.2.2"}}


def other_rules(event: Event) -> Meaning:
    meaning = meaning_of(event)
    return OTHERWISE.get(meaning, meaning)


def replayed(sent: Sent, rules: object = other_rules, *, apply: bool = True, scope: Scope | None = None) -> Difference:
    replay = Replay(database=sent.database, clock=sent.stage.time.clock, rules=rules, soft_bounces=2)  # type: ignore[arg-type]  # rules of the test
    return replay.run(scope or Scope(), apply=apply)


def known(database: Database) -> dict[str, list[Any]]:
    """Everything, but for addresses of which nothing is known, and counts of none."""
    found = everything(database, [table for table in TABLES if table is not AddressEvidence])
    counts = (FeedbackCount.__tablename__, FeedbackTotal.__tablename__)
    counted = {table: [row for row in found.pop(table) if not row.endswith("'events': 0}")] for table in counts}
    with database.read() as session:
        rows = session.scalars(select(AddressEvidence).order_by(AddressEvidence.email)).all()
    told = [(row.email, row.bounced_at, row.bounce, row.complained_at, row.complaint, row.cleared_at, row.listed)
            for row in rows]  # fmt: skip
    return {**found, **counted, "addresses": [row for row in told if any(row[1:])]}


def suppressed(database: Database) -> dict[str, str]:
    with database.read() as session:
        return {row.email: row.reason for row in session.scalars(select(Suppression))}


@settings(max_examples=examples(30), suppress_health_check=list(HealthCheck))
@given(what=happenings)
def test_other_rules_and_back_again_leave_everything_as_it_was(template: Path, what: list[Happening]) -> None:
    with copied(template) as sent:
        Intake(sent.database, sent.stage.time.clock, STREAM, soft_bounces=2).take([each.event(sent) for each in what])
        before = known(sent.database)
        there = replayed(sent)
        back = replayed(sent, meaning_of)
        assert {(new, old): n for (old, new), n in there.changed.items()} == back.changed
        assert known(sent.database) == before


@settings(max_examples=examples(20), suppress_health_check=list(HealthCheck))
@given(what=happenings)
def test_what_is_shown_is_what_is_done_and_once(template: Path, what: list[Happening]) -> None:
    with copied(template) as sent:
        Intake(sent.database, sent.stage.time.clock, STREAM, soft_bounces=2).take([each.event(sent) for each in what])
        before = known(sent.database)
        shown = replayed(sent, apply=False).as_json()
        assert known(sent.database) == before
        assert replayed(sent).as_json() == shown
        again = replayed(sent).as_json()
        assert not any(value for name, value in again.items() if name != "events")


def test_what_counts_for_addresses_follows_the_rules(sent: Sent) -> None:
    sent.take(sent.event("Bounce", 1), sent.event("Bounce", 2, **FULL), sent.event("Complaint", 3))
    assert suppressed(sent.database) == {email(1): "bounce", email(3): "complaint"}
    found = replayed(sent)
    assert suppressed(sent.database) == {email(2): "bounce"}
    assert found.as_json() == {
        "events": 3,
        "changed": [
            {"from": "complaint", "to": "remark", "events": 1},
            {"from": "hard bounce", "to": "soft bounce", "events": 1},
            {"from": "soft bounce", "to": "hard bounce", "events": 1},
        ],
        "suppressed": 1, "reinstated": 2, "revised": 0, "failed": 0, "sent": 0, "unsubscribed": 0, "for_a_person": 0,
    }  # fmt: skip
    with sent.database.read() as session:
        statuses = {row.subscriber_id: row.status for row in session.scalars(select(Subscription))}
    assert [statuses[person] for person in (1, 2, 3)] == ["active", "suppressed", "active"]


def test_the_ledger_follows_and_balances(sent: Sent) -> None:
    sent.take(sent.event("Send", 1), sent.event("Rendering Failure", 1))
    assert sent.state_of(1) == "failed"
    assert replayed(sent).sent == 1
    assert sent.state_of(1) == "sent"
    with sent.database.read() as session:
        assert books(session, sent.campaign).balanced
        assert books(session, sent.campaign).sent == 6
    assert replayed(sent, meaning_of).failed == 1
    assert sent.state_of(1) == "failed"


@pytest.mark.parametrize("applied", [True, False])
def test_what_a_person_decided_stays(sent: Sent, applied: bool) -> None:  # noqa: FBT001 - a parameter
    sent.take(sent.event("Bounce", 1, **FULL), sent.event("Bounce", 2), sent.event("Bounce", 3))
    with sent.database.write() as session:
        suppress(session, email(4), Reason.MANUAL, source="cli", now=NOW)
        reinstate(session, email(2), source="cli", now=NOW)
    replayed(sent, apply=applied)
    replayed(sent, meaning_of, apply=applied)
    assert suppressed(sent.database) == {email(3): "bounce", email(4): "manual"}


def test_only_what_is_asked_for_is_read_again(sent: Sent) -> None:
    (week,) = weeks(sent, 1)
    sent.take(sent.event("Bounce", 1), of_week(week, "Bounce", 2), sent.event("Open", 3))
    with sent.database.read() as session:
        assert session.scalar(select(AddressEvidence.email).limit(1))
    assert replayed(sent, apply=False).events == 2
    assert replayed(sent, apply=False, scope=Scope(campaign_id=sent.campaign)).events == 1
    assert replayed(sent, scope=Scope(since=week.at)).events == 1
    assert suppressed(sent.database) == {email(1): "bounce"}


def test_stopped_in_between_it_goes_on_where_it_was(sent: Sent) -> None:
    sent.take(*(sent.event("Bounce", person) for person in range(1, 7)))
    replay = Replay(database=sent.database, clock=sent.stage.time.clock, rules=other_rules, soft_bounces=2, page_size=2)
    looks = iter([False, False, True])
    stopping = Replay(**{**vars(replay), "wait": lambda _: next(looks)})
    first = stopping.run(Scope(), apply=True)
    assert (first.events, len(suppressed(sent.database))) == (4, 2)
    assert replay.run(Scope(), apply=True).changed == {(Meaning.HARD, Meaning.SOFT): 2}
    assert suppressed(sent.database) == {}


def test_another_limit_of_soft_bounces_is_seen(sent: Sent) -> None:
    several = weeks(sent, 3)
    sent.take(*(of_week(week, "Bounce", 1, **FULL) for week in several))
    assert suppressed(sent.database) == {}
    stricter = Replay(database=sent.database, clock=sent.stage.time.clock, soft_bounces=3)
    assert stricter.rejudge(apply=False).suppressions()["suppressed"] == 1
    assert suppressed(sent.database) == {}
    stricter.rejudge(apply=True)
    assert suppressed(sent.database) == {email(1): "bounce"}
    laxer = Replay(database=sent.database, clock=sent.stage.time.clock, soft_bounces=4)
    assert laxer.rejudge(apply=True).suppressions()["reinstated"] == 1
    assert suppressed(sent.database) == {}

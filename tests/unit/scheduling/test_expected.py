"""How much mail is still to come."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import update

from newsletter.delivery.models import Campaign
from newsletter.scheduling.expected import expected_later
from subscribers.database import Database
from subscribers.lists import ListStore
from subscribers.publication import Policies
from tests.factories.campaigns import Stage, make_revision, make_stage
from tests.factories.people import Choice, make_people
from tests.factories.slots import at, give_slots

MONDAY = at("2026-03-02T12:00")
FRIDAY = at("2026-03-06T08:00")
CHOICES = (Choice(9), Choice(1, status="unsubscribed"))
MONTHLY = (Choice(6, digest="monthly"), Choice(4, digest="monthly", status="pending"))


def expected(stage: Stage, hours: float = 24) -> int:
    with stage.database.read() as session:
        return expected_later(session, stage.time.clock(), hours)


def two_lists(database: Database) -> tuple[Stage, Stage]:
    first = make_stage(database, 20, CHOICES)
    second = make_stage(database, 0, slug="second")
    make_people(database, second.publication, 10, CHOICES, first=1001)
    for stage in (first, second):
        stage.time.now = FRIDAY - timedelta(hours=1)
    return first, second


def test_it_is_what_is_scheduled_within_the_time(database: Database) -> None:
    first, second = two_lists(database)
    assert expected(first) == 0
    first.schedule(FRIDAY, now=MONDAY)
    second.schedule(FRIDAY + timedelta(hours=20), now=MONDAY)
    assert expected(first) == 18 + 9
    assert expected(first, hours=2) == 18


def test_it_is_what_is_ready_for_slots_within_the_time(database: Database) -> None:
    first, second = two_lists(database)
    for stage in (first, second):
        give_slots(database, stage.publication, "fri 08:00", "fri 09:00", now=MONDAY)
    assert expected(first) == 18 + 9, "two slots send an issue once"
    make_revision(database, second.publication, 2, finalized=False)
    assert expected(first) == 18, "a draft does not go"
    assert expected(first, hours=0.5) == 0


def test_a_digest_counts_those_who_chose_it_and_an_issue_the_others(database: Database) -> None:
    stage = make_stage(
        database, 20, (*CHOICES, Choice(6, digest="monthly"), Choice(4, digest="monthly", status="pending"))
    )
    stage.time.now = FRIDAY - timedelta(hours=1)
    make_revision(database, stage.publication, 1, day=date(2026, 2, 28), digest=True)
    with database.write() as session:
        ListStore(session).edit(stage.publication.slug, policies=Policies(digest_offered=True))
    give_slots(database, stage.publication, "first fri 08:00", now=MONDAY)
    assert expected(stage) == 6
    give_slots(database, stage.publication, "first fri 08:00", "fri 08:00", now=MONDAY)
    assert expected(stage) == 6 + 9


def test_what_has_begun_or_waits_for_a_person_is_not_to_come(database: Database) -> None:
    first, second = two_lists(database)
    begun, held = first.schedule(FRIDAY, now=MONDAY), second.schedule(FRIDAY, now=MONDAY)
    with database.write() as session:
        session.execute(update(Campaign).where(Campaign.id == begun).values(state="planning"))
        session.execute(update(Campaign).where(Campaign.id == held).values(held_back="missed"))
    assert expected(first) == 0

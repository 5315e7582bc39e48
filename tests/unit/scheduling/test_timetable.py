"""The slots of lists, as people set and read them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from newsletter.scheduling.models import Schedule
from newsletter.scheduling.slots import parse_slot
from newsletter.scheduling.timetable import due, set_slots
from subscribers.database import Database
from subscribers.models import Subscriber
from tests.factories.people import Choice, make_list, make_people
from tests.factories.slots import at, give_slots, slots

MONDAY = at("2026-03-02T12:00")


def test_a_list_sends_at_the_slots_it_was_given_and_at_no_others(database: Database) -> None:
    publication = make_list(database)
    give_slots(database, publication, "fri 08:00 Europe/Paris", "tue 18:30", now=MONDAY)
    assert [(str(each.slot), each.next_fire_at) for each in slots(database, publication)] == [
        ("tue 18:30 UTC", at("2026-03-03T18:30")),
        ("fri 08:00 Europe/Paris", at("2026-03-06T07:00")),
    ]
    give_slots(database, publication, "fri 08:00 Europe/Paris", now=MONDAY)
    assert [str(each.slot) for each in slots(database, publication)] == ["fri 08:00 Europe/Paris"]
    give_slots(database, publication, now=MONDAY)
    assert slots(database, publication) == []


def test_a_slot_that_stays_keeps_its_next_time_and_gets_the_new_policy(database: Database) -> None:
    """It may be due at this moment: to set it again is not to let it fall out."""
    publication = make_list(database)
    give_slots(database, publication, "fri 08:00", now=MONDAY)
    (before,) = slots(database, publication)
    give_slots(database, publication, "fri 08:00", "sat 08:00", now=at("2026-03-06T08:01"), catch_up_hours=2)
    after = next(each for each in slots(database, publication) if each.id == before.id)
    assert (after.next_fire_at, after.catch_up_hours) == (at("2026-03-06T08:00"), 2)


def test_a_slot_that_is_given_back_is_the_same_one_and_makes_nothing_up(database: Database) -> None:
    publication = make_list(database)
    give_slots(database, publication, "fri 08:00", now=MONDAY)
    (before,) = slots(database, publication)
    give_slots(database, publication, now=MONDAY)
    give_slots(database, publication, "fri 08:00", now=MONDAY + timedelta(days=21))
    (after,) = slots(database, publication)
    assert (after.id, after.next_fire_at) == (before.id, at("2026-03-27T08:00"))


def test_the_same_slot_twice_is_one(database: Database) -> None:
    publication = make_list(database)
    give_slots(database, publication, "fri 08:00", "Fridays 8:00 utc", now=MONDAY)
    assert len(slots(database, publication)) == 1
    again = Schedule(
        list_id=publication.id, weekdays="fri", time="08:00", timezone="UTC", local_time=True, created_at=MONDAY
    )
    with pytest.raises(IntegrityError), database.write() as session:
        session.add(again)


def test_lists_do_not_see_each_others_slots(database: Database) -> None:
    first, second = make_list(database, "first"), make_list(database, "second")
    give_slots(database, first, "fri 08:00", now=MONDAY)
    give_slots(database, second, "fri 08:00", now=MONDAY)
    give_slots(database, second, now=MONDAY)
    assert len(slots(database, first)) == 1


def test_what_is_due_is_the_earliest_first(database: Database) -> None:
    publication = make_list(database)
    give_slots(database, publication, "fri 08:00", "fri 07:00", "sat 08:00", now=MONDAY)
    with database.read() as session:
        found = due(session, at("2026-03-06T08:00"))
        assert [str(each.slot) for each in found] == ["fri 07:00 UTC", "fri 08:00 UTC"]
        assert due(session, at("2026-03-06T06:59")) == []


def test_by_the_readers_own_clocks_it_is_due_when_the_first_of_them_has_it(database: Database) -> None:
    publication = make_list(database)
    make_people(database, publication, 2, (Choice(),))
    with database.write() as session:
        session.execute(update(Subscriber).where(Subscriber.id == 1).values(timezone="Asia/Tokyo"))
        set_slots(session, publication.id, [parse_slot("fri 08:00 Europe/Paris", "UTC")], local_time=True, now=MONDAY)
    (found,) = slots(database, publication)
    assert (found.local_time, found.next_fire_at) == (True, at("2026-03-05T23:00"))
    give_slots(database, publication, "fri 08:00 Europe/Paris", now=MONDAY)
    (found,) = slots(database, publication)
    assert (found.local_time, found.next_fire_at) == (False, at("2026-03-06T07:00"))

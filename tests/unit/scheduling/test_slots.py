"""Slots: read however they are written, and coming round once a date, for ever."""

from __future__ import annotations

import calendar
import datetime as dt
from itertools import islice, pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.delivery.wall_time import moment
from newsletter.errors import Refused
from newsletter.scheduling.slots import Fire, Slot, fires, next_fire, parse_slot, stored_slot

ZONES = sorted(available_timezones())
EVERY_DAY = tuple(range(7))
TIMES = st.times().map(lambda time: time.replace(second=0, microsecond=0))
DAYS = st.sets(st.integers(0, 6), min_size=1).map(lambda days: tuple(sorted(days)))
WEEKLY = st.builds(Slot, days=DAYS, time=TIMES, timezone=st.sampled_from(ZONES))
MONTHLY = st.builds(
    Slot, days=DAYS, time=TIMES, timezone=st.sampled_from(ZONES), week=st.sampled_from([1, 2, 3, 4, -1])
)
SLOTS = WEEKLY | MONTHLY
DATES = st.dates(dt.date(1990, 1, 1), dt.date(2040, 1, 1))


def instant(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("Fridays 08:00 Europe/Paris", "fri 08:00 Europe/Paris"),
        ("every Friday at 8 am, europe/paris", "fri 08:00 Europe/Paris"),
        ("Mon & Thu 18h30", "mon,thu 18:30 Asia/Tokyo"),
        ("thurs. 8", "thu 08:00 Asia/Tokyo"),
        ("tues and weds at 12pm UTC", "tue,wed 12:00 UTC"),
        ("12 am sundays", "sun 00:00 Asia/Tokyo"),
        ("weekdays 7.15 UTC", "mon,tue,wed,thu,fri 07:15 UTC"),
        ("sat-mon 9:00 EST5EDT", "mon,sat,sun 09:00 EST5EDT"),
        ("first Monday of the month at 8", "first mon 08:00 Asia/Tokyo"),
        ("monthly, on the 2nd Tuesday, 7.30 UTC", "second tue 07:30 UTC"),
        ("last weekday 18:00 UTC", "last mon,tue,wed,thu,fri 18:00 UTC"),
        ("first day of every month, 6am UTC", "first day 06:00 UTC"),
        ("daily 23:59 America/Port-au-Prince", "mon,tue,wed,thu,fri,sat,sun 23:59 America/Port-au-Prince"),
    ],
)
def test_slots_are_read_however_people_write_them(written: str, canonical: str) -> None:
    assert str(parse_slot(written, "Asia/Tokyo")) == canonical


@given(SLOTS)
def test_what_is_printed_is_read_back(slot: Slot) -> None:
    assert parse_slot(str(slot), "UTC") == stored_slot(slot.weekdays, slot.clock, slot.timezone) == slot


@pytest.mark.parametrize(
    ("written", "lacking"),
    [
        ("fri", "one time of day"),
        ("08:00", "a day of the week"),
        ("fri 8:00 9:00", "one time of day"),
        ("fri 8:00 UTC Europe/Paris", "one time zone"),
        ("fri 25:00", "“25:00”"),
        ("fri 13pm", "“13pm”"),
        ("fri-someday 8:00", "“fri-someday”"),
        ("fri 08:00 Paris", "“Paris”"),
        ("friday of the month 08:00", "one of first, second, third, fourth, last"),
        ("first last fri 08:00", "one of first, second, third, fourth, last"),
        ("first 08:00", "a day of the week"),
    ],
)
def test_what_cannot_be_read_is_refused_with_an_example(written: str, lacking: str) -> None:
    with pytest.raises(Refused, match="fri 08:00 Europe/Paris") as refusal:
        parse_slot(written, "UTC")
    assert lacking in str(refusal.value)


@given(slot=WEEKLY, first=DATES)
def test_it_comes_round_once_a_date_ever_later_and_at_its_time_where_there_is_one(slot: Slot, first: dt.date) -> None:
    where = ZoneInfo(slot.timezone)
    start = dt.datetime.combine(first, dt.time(), dt.UTC)
    found: list[Fire] = []
    while len(found) < 60:
        found.append(next_fire(slot, found[-1].at if found else start))
    assert all(before.at < after.at for before, after in pairwise(found))
    assert len({fire.wall for fire in found}) == len(found)
    assert all(fire.wall.time() == slot.time and fire.wall.weekday() in slot.days for fire in found)
    for fire in found:
        shown = fire.at.astimezone(where).replace(tzinfo=None, fold=0)
        twin = dt.datetime.combine(fire.wall, slot.time, where).astimezone(dt.UTC).astimezone(where)
        exists = twin.replace(tzinfo=None, fold=0) == fire.wall
        assert shown == fire.wall if exists else shown > fire.wall
    days = {fire.wall.date() for fire in found}
    between = [found[0].wall.date() + dt.timedelta(n) for n in range((found[-1].wall - found[0].wall).days)]
    left_out = [day for day in between if day.weekday() in slot.days and day not in days]
    # a date without any slot: a zone left the date out, and its slot falls on the same instant as the next one's
    ends = {moment(dt.datetime.combine(day, slot.time), where).at for day in left_out}
    assert ends <= {fire.at for fire in found}


@given(slot=MONTHLY, first=DATES)
def test_a_slot_of_digests_comes_round_once_in_every_month(slot: Slot, first: dt.date) -> None:
    days = [fire.wall.date() for fire in islice(fires(slot, first.replace(day=1)), 14)]
    first_month = first.year * 12 + first.month
    assert [day.year * 12 + day.month for day in days] == list(range(first_month, first_month + 14))
    for day in days:
        alike = [each for each in _month(day) if each.weekday() in slot.days]
        assert day == alike[slot.week - 1 if slot.week > 0 else slot.week]


@given(slot=SLOTS, day=DATES, time=st.times())
def test_the_next_one_is_the_first_of_all_that_come_after(slot: Slot, day: dt.date, time: dt.time) -> None:
    at = dt.datetime.combine(day, time, dt.UTC)
    long_before = (at - dt.timedelta(days=30)).date()
    later = next(fire for fire in fires(slot, long_before) if fire.at > at)
    assert next_fire(slot, at) == later


def _month(day: dt.date) -> list[dt.date]:
    number = calendar.monthrange(day.year, day.month)[1]
    return [day.replace(day=each) for each in range(1, number + 1)]


def test_half_past_two_in_rome() -> None:
    """Clocks go forward on 29 March 2026 and back on 25 October."""
    slot = parse_slot("daily 02:30 Europe/Rome", "UTC")
    spring = [fire.at for fire in islice(fires(slot, dt.date(2026, 3, 28)), 3)]
    assert spring == [instant("2026-03-28T01:30Z"), instant("2026-03-29T01:00Z"), instant("2026-03-30T00:30Z")]
    autumn = [fire.at for fire in islice(fires(slot, dt.date(2026, 10, 24)), 3)]
    assert autumn == [instant("2026-10-24T00:30Z"), instant("2026-10-25T00:30Z"), instant("2026-10-26T01:30Z")]


def test_a_day_that_a_zone_left_out_is_made_up_for_once() -> None:
    """Samoa had no 30 December 2011."""
    friday = Slot(days=(4,), time=dt.time(8), timezone="Pacific/Apia")
    assert next_fire(friday, instant("2011-12-29T00:00Z")).at == instant("2011-12-30T10:00Z")
    midnight = Slot(days=EVERY_DAY, time=dt.time(), timezone="Pacific/Apia")
    first = next_fire(midnight, instant("2011-12-29T11:00Z"))
    second = next_fire(midnight, first.at)
    assert (first.at, second.at) == (instant("2011-12-30T10:00Z"), instant("2011-12-31T10:00Z"))


def test_by_the_readers_own_clocks_it_comes_round_with_the_first_of_them() -> None:
    slot = parse_slot("fri 08:00 Europe/Paris", "UTC")
    readers = {"America/New_York", "Pacific/Auckland", None, "Mars/Olympus"}
    fire = next_fire(slot, instant("2026-11-25T00:00Z"), readers)
    assert (fire.wall, fire.at) == (instant("2026-11-27T08:00"), instant("2026-11-26T19:00Z"))

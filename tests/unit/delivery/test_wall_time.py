"""What a wall time means, against the definition: the first instant at which clocks show it, or more."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsletter.delivery.wall_time import Shown, at_their_own, moment, read_wall
from newsletter.errors import Refused
from tests.fixtures.thoroughness import examples

ZONES = sorted(available_timezones())
WALLS = st.datetimes(datetime.fromisoformat("1971-01-02"), datetime.fromisoformat("2045-12-30")).map(
    lambda wall: wall.replace(microsecond=0)
)
ROME, APIA = ZoneInfo("Europe/Rome"), ZoneInfo("Pacific/Apia")


def shown(instant: datetime, where: ZoneInfo) -> datetime:
    return instant.astimezone(where).replace(tzinfo=None, fold=0)


def changes(where: ZoneInfo, first: int, last: int) -> list[datetime]:
    """Return the instants of those years at which the clocks of a zone are turned."""
    found = []
    step = timedelta(days=14)
    before = datetime(first, 1, 1, tzinfo=UTC)
    while before.year <= last:
        low, high = before, before + step
        if low.astimezone(where).utcoffset() != high.astimezone(where).utcoffset():
            while high - low > timedelta(seconds=1):
                middle = low + (high - low) // timedelta(seconds=2) * timedelta(seconds=1)
                same = middle.astimezone(where).utcoffset() == low.astimezone(where).utcoffset()
                low, high = (middle, high) if same else (low, middle)
            found.append(high)
        before += step
    return found


def by_definition(wall: datetime, where: ZoneInfo) -> datetime:
    """Look at every minute of five days, then at every second of one minute."""
    instant = wall.replace(tzinfo=UTC) - timedelta(days=2)
    while shown(instant, where) < wall:
        instant += timedelta(minutes=1)
    instant -= timedelta(minutes=1)
    while shown(instant, where) < wall:
        instant += timedelta(seconds=1)
    return instant


@given(wall=WALLS, zone=st.sampled_from(ZONES))
@settings(max_examples=examples(30))
def test_it_is_the_first_instant_that_shows_it_or_more(wall: datetime, zone: str) -> None:
    assert moment(wall, ZoneInfo(zone)).at == by_definition(wall, ZoneInfo(zone))


@pytest.mark.parametrize("seconds", [-5400, -1800, 0, 1800, 5400])
def test_around_every_change_of_every_zone(seconds: int) -> None:
    """Three years with the oddest of changes: a day left out, half an hour, two hours, at midnight."""
    for zone in ZONES:
        where = ZoneInfo(zone)
        for change in changes(where, 2010, 2012):
            wall = shown(change, where) + timedelta(seconds=seconds)
            found = moment(wall, where)
            exists = shown(found.at, where) == wall
            assert exists == (found.shown is not Shown.NEVER), (zone, wall)
            just_before = shown(found.at - timedelta(seconds=1), where)
            assert just_before < wall, (zone, wall)


@pytest.mark.parametrize(
    ("wall", "where", "at", "often"),
    [
        ("2026-10-25T02:30", ROME, "2026-10-25T00:30Z", Shown.TWICE),
        ("2026-03-29T02:30", ROME, "2026-03-29T01:00Z", Shown.NEVER),
        ("2026-03-29T03:00", ROME, "2026-03-29T01:00Z", Shown.ONCE),
        ("2011-12-30T08:00", APIA, "2011-12-30T10:00Z", Shown.NEVER),
        ("2026-11-27T08:00", ZoneInfo("Europe/Paris"), "2026-11-27T07:00Z", Shown.ONCE),
    ],
)
def test_known_days(wall: str, where: ZoneInfo, at: str, often: Shown) -> None:
    found = moment(datetime.fromisoformat(wall), where)
    assert (found.at, found.shown) == (datetime.fromisoformat(at), often)


@pytest.mark.parametrize("text", ["2026-11-27T08:00", " 2026-11-27 08:00 ", "2026-11-27T08:00:00.25"])
def test_times_are_read_as_people_write_them(text: str) -> None:
    assert read_wall(text) == datetime.fromisoformat("2026-11-27T08:00")


def test_a_time_may_say_its_offset() -> None:
    assert read_wall("2026-11-27T08:00+01:00").astimezone(UTC) == datetime(2026, 11, 27, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["", "tomorrow", "2026-11-27", "2026-13-01T08:00", "0001-01-01T00:00", "9999-12-31T23:59"]
)
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(Refused, match="write it like 2026-11-27T08:00"):
        read_wall(text)


def test_readers_without_a_zone_or_with_one_nobody_knows_have_that_of_the_list() -> None:
    found = at_their_own(read_wall("2026-11-27T08:00"), ["Asia/Tokyo", None, "Mars/Olympus"], "Europe/Paris")
    paris = datetime(2026, 11, 27, 7, tzinfo=UTC)
    assert found == {"Asia/Tokyo": datetime(2026, 11, 26, 23, tzinfo=UTC), None: paris, "Mars/Olympus": paris}

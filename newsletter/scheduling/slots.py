"""A slot of a list, as in `fri 08:00 Europe/Paris`: how people write it, and when it comes round. Pure.

One that comes round once a month, as in `first mon 08:00`, is that of the list's digest.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from newsletter.delivery.wall_time import moment
from newsletter.errors import Refused
from subscribers.timezones import is_zone, zone, zone_name

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_NAMES = {name: day for day, name in enumerate(_DAYS)} | {
    name: day for day, name in enumerate(("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"))
}
_NAMES["thur"] = 3
_SEVERAL = {"day": range(7), "daily": range(7), "weekday": range(5), "weekend": range(5, 7)}
_FILLING = {"and", "at", "every", "each", "on", "in", "the", "&", "+"}
_ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "last": -1}
_WEEKS = _ORDINALS | {"1st": 1, "2nd": 2, "3rd": 3, "4th": 4}
_OF_THE_MONTH = {"of", "month", "monthly"}
_BETWEEN = re.compile(r"[\s,;]+")
_TIME = re.compile(r"(\d{1,2})(?:[:.h](\d{2})|h)?(am|pm)?")
_NOON = 12
_LIKE = "write it like 'fri 08:00 Europe/Paris' or 'mon,thu 18:30 America/New_York', a digest's 'first mon 08:00'"


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """Days of the week, or one day a month, a time of day, a zone."""

    days: tuple[int, ...]
    """Monday is 0; ascending, each once."""
    time: dt.time
    timezone: str
    week: int = 0
    """Of a digest's: which of these days in the month, 1 to 4, or -1 for the last. 0: all of them, in every week."""

    def __str__(self) -> str:
        return f"{self.weekdays} {self.clock} {self.timezone}"

    @property
    def is_monthly(self) -> bool:
        """Whether it comes round once a month: then it sends digests, and nothing else."""
        return self.week != 0

    @property
    def weekdays(self) -> str:
        """As they are written: `mon,fri`, `first mon`, `last day`."""
        if not self.is_monthly:
            return ",".join(_DAYS[day] for day in self.days)
        ordinal = next(word for word, week in _ORDINALS.items() if week == self.week)
        return f"{ordinal} {'day' if len(self.days) == len(_DAYS) else ','.join(_DAYS[day] for day in self.days)}"

    @property
    def clock(self) -> str:
        """The time as it is written: `08:00`."""
        return f"{self.time:%H:%M}"


@dataclass(frozen=True, slots=True)
class Fire:
    """One time that a slot comes round."""

    wall: dt.datetime
    """What the clock shows; naive. A time that clocks show twice is one and the same."""
    at: dt.datetime
    """The instant."""


def parse_slot(text: str, default_zone: str) -> Slot:
    """Read what somebody wrote, in `default_zone` where it names none. Raises Refused for what cannot be read."""
    days: set[int] = set()
    times: list[dt.time] = []
    zones: list[str] = []
    weeks: list[int] = []
    of_month = False
    words = [word for word in _BETWEEN.split(_glued(text)) if word and word.lower() not in _FILLING]
    for word in words:
        if (week := _WEEKS.get(word.lower())) is not None:
            weeks.append(week)
        elif word.lower() in _OF_THE_MONTH:
            of_month = True
        elif (meant := _days(word.lower())) is not None:
            days.update(meant)
        elif (time := _time(word.lower())) is not None:
            times.append(time)
        elif is_zone(word):
            zones.append(zone_name(word))
        else:
            raise Refused(f"“{word}” in “{text}” is no day, no time of day and no time zone: {_LIKE}.")
    needs = (
        ("a day of the week", bool(days)),
        ("one time of day", len(times) == 1),
        ("one time zone", len(zones) <= 1),
        (f"one of {', '.join(_ORDINALS)} for the day of the month", len(weeks) == (1 if of_month or weeks else 0)),
    )
    for lacking, is_there in needs:
        if not is_there:
            raise Refused(f"“{text}” needs {lacking}: {_LIKE}.")
    zone_of_it = zones[0] if zones else default_zone
    return Slot(days=tuple(sorted(days)), time=times[0], timezone=zone_of_it, week=weeks[0] if weeks else 0)


def stored_slot(weekdays: str, clock: str, timezone: str) -> Slot:
    """Return the slot of its own three words; the zone may be one that this machine does not know (any more)."""
    ordinal, _, named = weekdays.rpartition(" ")
    days = tuple(range(len(_DAYS))) if named == "day" else tuple(_DAYS.index(day) for day in named.split(","))
    return Slot(days=days, time=dt.time.fromisoformat(clock), timezone=timezone, week=_ORDINALS.get(ordinal, 0))


def next_fire(slot: Slot, after: dt.datetime, readers: Collection[str | None] = ()) -> Fire:
    """Return the first time that the slot comes round after the instant `after`.

    With `readers`' zones, it comes round when the first of them, or the slot's own, shows its time. Where clocks show
    the time twice it is the first of the two, where they skip it the first instant after the gap; so every date has one
    instant, and a later date never an earlier one.
    """
    first = (after - dt.timedelta(days=3)).date()  # west of everything, a day that a zone has left out between
    return next(fire for fire in fires(slot, first, readers) if fire.at > after)


def fires(slot: Slot, first: dt.date, readers: Collection[str | None] = ()) -> Iterator[Fire]:
    """Yield the times that the slot comes round, from the date `first` on, for ever."""
    zones = {slot.timezone, *(name for name in readers if name and is_zone(name))}
    for number in range(dt.date.max.toordinal() - first.toordinal()):
        day = first + dt.timedelta(days=number)
        if _is_on(slot, day):
            wall = dt.datetime.combine(day, slot.time)
            yield Fire(wall, min(moment(wall, zone(name)).at for name in zones))


def _is_on(slot: Slot, day: dt.date) -> bool:
    if day.weekday() not in slot.days or not slot.is_monthly:
        return day.weekday() in slot.days
    days_of_month = calendar.monthrange(day.year, day.month)[1]
    numbers = range(1, day.day + 1) if slot.week > 0 else range(day.day, days_of_month + 1)
    return abs(slot.week) == sum(day.replace(day=number).weekday() in slot.days for number in numbers)


def _glued(text: str) -> str:
    """Return `text` with `8 am` in one piece."""
    return re.sub(r"(\d)\s+([ap]m)\b", r"\1\2", text, flags=re.IGNORECASE)


def _days(word: str) -> Collection[int] | None:
    """Return the days that a word names: `fri`, `Fridays`, `weekdays`, `mon-fri`."""
    begin, dash, end = word.partition("-")
    if dash:
        first, last = _NAMES.get(begin), _NAMES.get(end)
        return None if first is None or last is None else [(first + n) % 7 for n in range((last - first) % 7 + 1)]
    for form in (word.rstrip("."), word.rstrip(".").removesuffix("s")):
        if form in _NAMES:
            return (_NAMES[form],)
        if form in _SEVERAL:
            return _SEVERAL[form]
    return None


def _time(word: str) -> dt.time | None:
    found = _TIME.fullmatch(word)
    if found is None:
        return None
    hour, minute, half = int(found[1]), int(found[2] or 0), found[3]
    if half and not 1 <= hour <= _NOON:
        return None
    if half:
        hour = hour % _NOON + (_NOON if half == "pm" else 0)
    try:
        return dt.time(hour, minute)
    except ValueError:
        return None

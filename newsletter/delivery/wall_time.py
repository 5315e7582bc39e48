"""From what a clock on the wall shows to the instant that is meant, in zones that turn their clocks. Pure.

Shown twice (clocks go back): the first of the two. Never shown (clocks go forward, or a day is left out): the first
instant after the gap.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import TYPE_CHECKING

from newsletter.errors import Refused
from subscribers.timezones import is_zone, zone

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import tzinfo

_SECOND = timedelta(seconds=1)
_DAY_ALONE = len("2026-11-27")
_YEARS = (1971, 9000)
"""Beyond these a zone's offset may lead out of what a datetime can hold."""


class Shown(Enum):
    """How often the clocks of a zone show a wall time."""

    ONCE = "once"
    TWICE = "twice"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Moment:
    """The instant that a wall time means."""

    at: datetime
    """Aware, UTC."""
    shown: Shown


def moment(wall: datetime, where: tzinfo) -> Moment:
    """Return what `wall` (naive) means in the zone `where`."""
    first, second = (wall.replace(tzinfo=where, fold=fold).astimezone(UTC) for fold in (0, 1))
    if _wall(first, where) == wall:
        return Moment(first, Shown.ONCE if first == second else Shown.TWICE)
    return Moment(_end_of_gap(wall, where, second, first), Shown.NEVER)


def read_wall(text: str) -> datetime:
    """Read `2026-11-27T08:00`: naive, or aware where it says its offset. Raises Refused."""
    try:
        found = datetime.fromisoformat(text.strip()).replace(microsecond=0)
    except ValueError:
        found = None
    if found is None or len(text.strip()) <= _DAY_ALONE or not _YEARS[0] <= found.year <= _YEARS[1]:
        raise Refused(f"“{text}” is no time: write it like 2026-11-27T08:00.")
    return found


def at_their_own(wall: datetime, timezones: Iterable[str | None], fallback: str) -> dict[str | None, datetime]:
    """Return the instant of `wall` for each of `timezones`; in the zone `fallback` where it is None or unknown."""
    return {name: moment(wall, zone(name if name and is_zone(name) else fallback)).at for name in timezones}


def _wall(instant: datetime, where: tzinfo) -> datetime:
    return instant.astimezone(where).replace(tzinfo=None, fold=0)


def _end_of_gap(wall: datetime, where: tzinfo, before: datetime, after: datetime) -> datetime:
    """Return the first instant that shows `wall` or more; the clocks jump between `before` and `after`."""
    while after - before > _SECOND:
        middle = before + (after - before) // (2 * _SECOND) * _SECOND
        if _wall(middle, where) >= wall:
            after = middle
        else:
            before = middle
    return after

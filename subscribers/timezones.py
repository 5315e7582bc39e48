"""Time zones by their names in the IANA data base. Pure."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, available_timezones

from subscribers.errors import Refused
from subscribers.sentences import Sentence

if TYPE_CHECKING:
    from collections.abc import Mapping

UTC = "UTC"


def zone_name(text: str) -> str:
    """Return the name as the data base spells it, whatever the case of `text`. Raises Refused for an unknown one."""
    found = _names().get(text.strip().lower())
    if found is None:
        raise Refused(Sentence("There is no time zone “{name}”: write one like Europe/Paris.", name=text.strip()))
    return found


def is_zone(text: str) -> bool:
    """Return whether there is a zone of that name."""
    return text.strip().lower() in _names()


@cache
def zone(name: str) -> ZoneInfo:
    """Return the zone of that name. Raises Refused for an unknown one."""
    return ZoneInfo(zone_name(name))


@cache
def _names() -> Mapping[str, str]:
    """Return the names by their lower-case form."""
    return {name.lower(): name for name in available_timezones()}


@cache
def zones_of_places() -> tuple[str, ...]:
    """Return the zones that people choose from, Region/City, in alphabetical order."""
    regions = (
        "Africa",
        "America",
        "Antarctica",
        "Arctic",
        "Asia",
        "Atlantic",
        "Australia",
        "Europe",
        "Indian",
        "Pacific",
    )
    return tuple(sorted(name for name in available_timezones() if name.partition("/")[0] in regions))

"""When a campaign is to begin, and what keeps one whose time has come from beginning. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from newsletter.delivery.wall_time import Shown, at_their_own, moment
from newsletter.errors import Refused
from subscribers.timezones import zone

if TYPE_CHECKING:
    from collections.abc import Collection

    from newsletter.delivery.campaigns import CampaignInfo

ON_TIME = timedelta(minutes=5)
"""What begins no later than this was not late: a restart, a busy machine."""


class HeldBack(StrEnum):
    """Why a campaign that is due does not begin by itself: a person has to say what is to become of it."""

    EDITED = "edited"
    """The issue has a newer revision than the one that was approved."""
    MISSED = "missed"
    """Nothing ran when it was due, and it is too late to begin without asking."""
    NOBODY = "nobody"
    """Nobody on the list may get mail: it would be over before it began."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Appointment:
    """When a campaign is to begin, as somebody said it."""

    at: datetime
    """The instant."""
    wall: datetime
    """What a clock in `timezone` shows then; naive."""
    timezone: str
    local_time: bool = False
    """Everybody gets it when a clock of their own zone shows `wall`; `timezone` is for those who have none."""

    def __str__(self) -> str:
        shown = f"{self.wall:%Y-%m-%d %H:%M} {self.timezone}"
        return f"{shown}, each reader by their own clock" if self.local_time else shown


def appoint(wall: datetime, timezone: str) -> tuple[Appointment, str]:
    """Return the appointment that `wall` means in `timezone`, with a remark ("" for none).

    A `wall` that says its offset itself means what it says.
    """
    where = zone(timezone)
    if wall.tzinfo is not None:
        at = wall.astimezone(UTC)
        return Appointment(at=at, wall=at.astimezone(where).replace(tzinfo=None, fold=0), timezone=timezone), ""
    found = moment(wall, where)
    appointment = Appointment(at=found.at, wall=wall, timezone=timezone)
    if found.shown is Shown.TWICE:
        return appointment, f"Clocks in {timezone} show {wall:%H:%M} twice that day: the first of the two is meant."
    if found.shown is Shown.NEVER:
        local = found.at.astimezone(where)
        return appointment, f"Clocks in {timezone} skip {wall:%H:%M} that day: it begins at {local:%H:%M}."
    return appointment, ""


def appoint_by_own_clocks(
    wall: datetime, timezone: str, readers: Collection[str | None], *, now: datetime
) -> tuple[Appointment, str]:
    """Return the appointment at which the first of the `readers`' zones shows `wall`, with a remark ("" for none).

    Where that is past in some zones but not in all, it begins now. Raises Refused for a `wall` that says its offset.
    """
    if wall.tzinfo is not None:
        raise Refused("With --local-time the time is each reader's own: leave its offset out.")
    instants = at_their_own(wall, {*readers, None}, timezone).values()
    first, last = min(instants), max(instants)
    at = max(first, now) if last > now else first
    appointment = Appointment(at=at, wall=wall, timezone=timezone, local_time=True)
    passed = "In some of the readers' zones that is past: they get it at once." if first <= now < last else ""
    return appointment, passed


def appointment(info: CampaignInfo) -> Appointment | None:
    """Return when a campaign is, or was, to begin; None: somebody began it by hand."""
    if info.scheduled_at is None or info.wall_time is None or info.timezone is None:
        return None
    wall = datetime.fromisoformat(info.wall_time)
    return Appointment(at=info.scheduled_at, wall=wall, timezone=info.timezone, local_time=bool(info.local_time))


def as_json(info: CampaignInfo) -> dict[str, Any]:
    """Return what a scheduled campaign has beside the others, in the documented form."""
    found = appointment(info)
    if found is None:
        return {}
    held = held_back(info)
    return {
        "scheduled_at": found.at.isoformat(),
        "wall_time": found.wall.isoformat(),
        "timezone": found.timezone,
        "local_time": found.local_time,
        "held_back": held.value if held else None,
    }


def too_late(due: datetime, now: datetime, catch_up_hours: float) -> bool:
    """Return whether what was due at `due` may not begin at `now` without asking."""
    return now - due > max(ON_TIME, timedelta(hours=catch_up_hours))


def held_back(info: CampaignInfo) -> HeldBack | None:
    """Return what keeps a scheduled campaign from beginning; None: nothing, or it has begun.

    An edit shows at once, before the campaign is due.
    """
    if not info.waits:
        return None
    if info.newest_revision > info.revision:
        return HeldBack.EDITED
    return HeldBack(info.held_back) if info.held_back else None


def why(info: CampaignInfo) -> str:
    """Return what keeps a scheduled campaign from beginning, and what to do, for a person; "" for nothing."""
    issue, held = f"{info.list}/{info.issue}", held_back(info)
    again = f"`newsletter campaign schedule {issue} --at …`"
    if held is HeldBack.EDITED:
        return (
            f"issue {info.issue} was edited (revision {info.newest_revision}) after revision {info.revision} was "
            f"approved, so it does not begin: `newsletter issue finalize {issue}`, then approve it with {again}"
        )
    if held is HeldBack.MISSED:
        return (
            f"nothing ran when it was due, and it is too late to begin without asking: `newsletter campaign start "
            f"{issue}` begins it now, {again} another time, `newsletter campaign cancel {info.id}` never"
        )
    if held is HeldBack.NOBODY and info.is_digest:
        return (
            f"it goes to nobody: nobody on the list {info.list} has chosen the monthly digest, or the list does not "
            f"offer it (any more); `newsletter campaign start {issue}` begins it when somebody has"
        )
    if held is HeldBack.NOBODY:
        return (
            f"nobody on the list may get mail: bring people to it with `newsletter subscribers import FILE --list "
            f"{info.list}`, then `newsletter campaign start {issue}`"
        )
    return ""

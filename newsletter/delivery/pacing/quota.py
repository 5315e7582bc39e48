"""How many in 24 hours: what SES has counted, and what we have promised since. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
UNCOUNTED = MINUTE
"""A mail that was promised so long before SES was asked may still not be in its count: it waited for its slot, or is on
its way."""
_RECOUNT = UNCOUNTED + MINUTE
_WORTH_WAKING_FOR = 100
"""A hundredth of the quota: for less, nobody goes on."""
_UNKNOWN = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """The 24 hours before now, in recipients."""

    most: int
    sent: int
    """As SES counted when it was asked last."""
    since: int
    """Promised since then or shortly before; some of it may be in `sent` as well."""
    kept: int = 0
    """For what is scheduled later the same day."""

    def room(self) -> int:
        """Return how many more there may be, at the least; below 0 where more is kept than there is."""
        return self.most - self.kept - self.sent - self.since


def minute_of(moment: datetime) -> datetime:
    """Return the beginning of the minute: promises are counted by it."""
    return moment.replace(second=0, microsecond=0)


def counted_from(asked_at: datetime) -> datetime:
    """Return the first minute whose promises may not be in the answer to a question of that moment."""
    return minute_of(asked_at - UNCOUNTED)


def remembered_from(now: datetime) -> datetime:
    """Return the first minute of which something may lie within the 24 hours before `now`."""
    return minute_of(now - DAY)


def room_back(quota: Quota, recipients: int, history: Iterable[tuple[datetime, int]], now: datetime) -> datetime:
    """Return when there will be room for `recipients`, and for more than a handful.

    `history`: what was promised in which minute, oldest first; each leaves the 24 hours in its turn. Where all that
    stands in the way are promises that SES may have counted already, two minutes tell. Where the history does not say
    (somebody else sends through the account, too), it is an hour from `now`.
    """
    wanted = max(recipients, quota.most // _WORTH_WAKING_FOR)
    missing = quota.sent + quota.kept + wanted - quota.most
    if missing <= 0:
        return now + _RECOUNT
    for minute, promised in history:
        missing -= promised
        if missing <= 0:
            return max(now + MINUTE, minute + MINUTE + DAY)
    return now + _UNKNOWN

"""A new domain or address is known to nobody: so many on its first day, more on the next, then as many as wished. Pure.

https://docs.aws.amazon.com/ses/latest/dg/dedicated-ip-warming.html. Days begin at midnight UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta


@dataclass(frozen=True, slots=True)
class Warmup:
    """A plan of ceilings."""

    first_day: date
    ceilings: tuple[int, ...]
    """The most recipients of each day, from `first_day` on; afterwards there is no ceiling."""

    def ceiling(self, day: date) -> int | None:
        """Return the most recipients of `day`; None: no ceiling. Before the first day its ceiling holds as well."""
        index = max(0, (day - self.first_day).days)
        return self.ceilings[index] if index < len(self.ceilings) else None


def day_after(day: date) -> datetime:
    """Return the moment the next day begins."""
    return datetime.combine(day + timedelta(days=1), time(), UTC)

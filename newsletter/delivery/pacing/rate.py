"""How fast: every call gets a slot on a line of time that all workers share. Pure.

This is the generic cell rate algorithm (ITU-T I.371): a call of n recipients begins when the line is free, and keeps it
busy for n/rate seconds. Time that nobody used is gone. Calls that begin within one second are therefore fewer than
`rate` recipients, but for the last of them: at most `ceil(rate) - 1 + largest`. The largest call is chosen so that this
stays within what SES allows in a second, for both lines together.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from math import ceil, floor

SHARE = 0.85
"""Of what is allowed in a second: the average. What is left over pays for calls that are larger than one."""
_PREVIEW_SHARE = 0.1
_PREVIEW_MOST = 5.0
"""Recipients a second: test mails go to a handful of addresses."""
_TWO_CALLS = 2
"""Two lines can begin a call at the same moment."""

_STEP = 0.1
_STEP_SECONDS = 10.0
_LOWEST = 1 / 16
_PAUSE = 1.0


class Lane(StrEnum):
    """Which mails: those of campaigns, or test mails, which never wait behind a campaign."""

    BULK = "bulk"
    PREVIEW = "preview"


@dataclass(frozen=True, slots=True)
class Allowance:
    """What one lane may do."""

    line: Lane
    """The line that its calls stand in."""
    rate: float
    """Recipients a second, on average."""
    largest: int
    """Recipients of one call."""

    def slowed(self, factor: float) -> Allowance:
        """Return the same at `factor` (0 … 1] of its rate."""
        rate = self.rate * factor
        return Allowance(self.line, rate, min(self.largest, max(1, floor(rate))))


def allowance(limit: float, lane: Lane) -> Allowance:
    """Return what `lane` may do where `limit` recipients are allowed in a second.

    An account that is too slow for two lines (below about 14 a second) has one: a test mail then waits for the calls
    that were promised before it, some seconds.
    """
    rate = SHARE * limit
    if limit - rate < _TWO_CALLS:
        return Allowance(Lane.BULK, rate, max(1, floor(limit) - ceil(rate) + 1))
    preview = min(_PREVIEW_MOST, _PREVIEW_SHARE * rate)
    if lane is Lane.PREVIEW:
        return Allowance(Lane.PREVIEW, preview, 1)
    return Allowance(Lane.BULK, rate - preview, floor(limit) - ceil(preview) - ceil(rate - preview) + 1)


def slot(free_at: datetime | None, now: datetime, recipients: int, rate: float) -> tuple[datetime, datetime]:
    """Return when a call may begin, and when the line is free again after it. `free_at` None: it never was used."""
    begin = now if free_at is None else max(free_at, now)
    return begin, begin + timedelta(microseconds=ceil(recipients / rate * 1_000_000))


@dataclass(frozen=True, slots=True)
class Slowing:
    """How much slower than allowed we go, since the other side found us too fast."""

    factor: float = 1.0
    since: datetime | None = None

    def at(self, now: datetime) -> float:
        """Return the factor at `now`: it rises by a tenth every ten seconds until all is as before."""
        if self.since is None:
            return 1.0
        steps = (now - self.since).total_seconds() // _STEP_SECONDS
        return min(1.0, self.factor + _STEP * max(0.0, steps))

    def throttled(self, now: datetime) -> Slowing:
        """Return what holds after a refusal at `now`: half the rate, and a pause first.

        Refusals that come during the pause are of calls that had their slots before: they change nothing.
        """
        if self.since is not None and now < self.resumes_at(self.since):
            return self
        return Slowing(max(_LOWEST, self.at(now) / 2), now)

    def resumes_at(self, now: datetime) -> datetime:
        """Return the end of the pause that began at `now`; the slower we are, the longer it is."""
        return now + timedelta(seconds=_PAUSE / self.factor)


AS_ALLOWED = Slowing()

"""How long so many mails take, and whether the account lets them through in one day. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from math import floor
from typing import TYPE_CHECKING

from newsletter.delivery.pacing.rate import Lane
from newsletter.delivery.pacing.warmup import day_after

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, datetime

    from newsletter.delivery.pacing.gauge import Gauge, Rules

_FORESEEN = 366
"""Days that are looked ahead."""


@dataclass(frozen=True, slots=True)
class Share:
    """What goes out on one day (UTC)."""

    day: date
    mails: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """What becomes of a campaign that begins now and has everything to itself."""

    rate: float | None
    """Recipients a second, as things stand; None: no limit is known."""
    seconds: float | None
    """How long mails are on their way out, without the nights in between."""
    room: int | None
    """How many the quota of 24 hours lets through from now on; None: there is no limit."""
    days: tuple[Share, ...]
    complete: bool
    """False: not everybody gets their mail within a year."""


def forecast(mails: int, gauge: Gauge, rules: Rules, *, now: datetime) -> Forecast:
    """Return how so many mails fare; `gauge` with an account that was just looked at, if there is one."""
    allowed, quota = gauge.allowance(rules, Lane.BULK, now), gauge.quota(rules)
    days = tuple(_days(mails, gauge, rules, now))
    return Forecast(
        rate=allowed.rate if allowed else None,
        seconds=mails / allowed.rate if allowed else None,
        room=max(0, quota.room()) if quota else None,
        days=days,
        complete=sum(share.mails for share in days) == mails,
    )


def _days(mails: int, gauge: Gauge, rules: Rules, now: datetime) -> Iterator[Share]:
    """Yield what goes out on which day; what was sent on one is taken to be out of the quota on the next."""
    allowed, quota = gauge.allowance(rules, Lane.BULK, now), gauge.quota(rules)
    begin, room = now, quota.room() if quota else mails
    for _ in range(_FORESEEN):
        end = day_after(begin.date())
        fast = floor(allowed.rate * (end - begin).total_seconds()) if allowed else mails
        warm = gauge.left_today(rules, begin.date())
        share = max(0, min(mails, room, fast, mails if warm is None else warm))
        if share:
            yield Share(begin.date(), share)
        mails -= share
        if not mails:
            return
        begin, room = end, quota.most if quota else mails

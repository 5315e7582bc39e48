"""One request of a worker, answered: when its call may begin, or why it may not. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from newsletter.delivery.pacing.gauge import LOOK_EVERY, Gauge, Rules, promise
from newsletter.delivery.pacing.quota import Quota, room_back
from newsletter.delivery.pacing.rate import Lane, slot
from newsletter.delivery.pacing.warmup import day_after

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

NO_LIMIT = 1_000_000
"""Recipients of one call: more than any transport takes."""
UNDER_WAY = timedelta(minutes=10)
"""Whoever sent (or waited to) within so long goes on with what was known; whoever begins asks the account first."""
_SMALLER_CALL = timedelta(seconds=1)
"""There is room, but not for a call of that size: come back with what `largest_call` says."""
_UNKNOWN = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Granted:
    """The call may begin."""

    begin: datetime
    wait: float
    """Seconds until then."""


@dataclass(frozen=True, slots=True)
class Held:
    """Nothing may go out before `until`; nothing was taken."""

    reason: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Stopped:
    """Nothing may go out until a person acts; nothing was taken."""

    reason: str


@dataclass(frozen=True, slots=True)
class LookFirst:
    """The account has to be asked, by whoever gets this answer; then the same request again."""

    asked_at: datetime
    needed: bool
    """Without an answer nothing goes out; otherwise what was known last still holds."""


Answer = Granted | Held | Stopped | LookFirst


def decide(
    gauge: Gauge,
    rules: Rules,
    lane: Lane,
    recipients: int,
    *,
    now: datetime,
    history: Callable[[], Iterable[tuple[datetime, int]]],
) -> tuple[Gauge, Answer]:
    """Return the answer to a request for a call of `recipients`, and the gauge after it.

    `history`: what was promised in which minute of the last 24 hours, oldest first; asked only where it matters.
    """
    if rules.asks_account:
        look = _look_first(gauge, now)
        if look is not None:
            return replace(gauge, next_look_at=now + LOOK_EVERY), look
        if gauge.account is not None and (refusal := gauge.account.refusal()):
            return gauge, Stopped(refusal)
    begin, after = _taken(gauge, rules, lane, recipients, now)
    held = _held(gauge, rules, lane, recipients, now=now, begin=begin, history=history)
    if held is None:
        return after, Granted(begin, (begin - now).total_seconds())
    gauge = replace(gauge, next_look_at=min(gauge.next_look_at or held.until, held.until))
    if lane is Lane.BULK:
        gauge = replace(gauge, hold_reason=held.reason, hold_until=held.until)
    return gauge, held


def largest_call(gauge: Gauge, rules: Rules, lane: Lane, now: datetime) -> int:
    """Return how many recipients a call may have at `now`, 1 or more; `NO_LIMIT` where nothing says so."""
    if rules.asks_account and gauge.account is None:
        return 1
    limits = [gauge.left_today(rules, now.date())] if lane is Lane.BULK else []
    if (quota := gauge.quota(rules)) is not None:
        limits.append(_for_lane(quota, lane).room())
    if (allowed := gauge.allowance(rules, lane, now)) is not None:
        limits.append(allowed.largest)
    return max(1, min((limit for limit in limits if limit is not None), default=NO_LIMIT))


def _look_first(gauge: Gauge, now: datetime) -> LookFirst | None:
    latest = [moment for moment in (gauge.bulk_free_at, gauge.preview_free_at, gauge.hold_until) if moment is not None]
    under_way = bool(latest) and max(latest) >= now - UNDER_WAY
    fresh = gauge.looked_at is not None and gauge.looked_at >= now - UNDER_WAY
    if gauge.account is None or not (fresh or under_way):
        return LookFirst(now, needed=True)
    return LookFirst(now, needed=False) if gauge.next_look_at is None or now >= gauge.next_look_at else None


def _taken(gauge: Gauge, rules: Rules, lane: Lane, recipients: int, now: datetime) -> tuple[datetime, Gauge]:
    """Return when the call may begin, and the gauge with it in its line and counted."""
    begin = now
    if (allowed := gauge.allowance(rules, lane, now)) is not None:
        if allowed.line is Lane.BULK:
            begin, free_at = slot(gauge.bulk_free_at, now, recipients, allowed.rate)
            gauge = replace(gauge, bulk_free_at=free_at)
        else:
            begin, free_at = slot(gauge.preview_free_at, now, recipients, allowed.rate)
            gauge = replace(gauge, preview_free_at=free_at)
    if lane is Lane.BULK:
        gauge = replace(gauge, hold_reason="", hold_until=None)
    return begin, promise(gauge, recipients, begin)


def _held(
    gauge: Gauge,
    rules: Rules,
    lane: Lane,
    recipients: int,
    *,
    now: datetime,
    begin: datetime,
    history: Callable[[], Iterable[tuple[datetime, int]]],
) -> Held | None:
    quota = gauge.quota(rules)
    if gauge.used_up_until is not None and now < gauge.used_up_until:
        until = room_back(_believed(quota), recipients, history(), now) if quota else now + _UNKNOWN
        return Held("Amazon SES says that the quota of 24 hours is used up", max(until, gauge.used_up_until))
    if quota is not None and recipients > (room := _for_lane(quota, lane).room()):
        return Held(
            _said_of(quota, lane),
            now + _SMALLER_CALL if room > 0 else room_back(_for_lane(quota, lane), recipients, history(), now),
        )
    day = begin.date()
    left = gauge.left_today(rules, day)
    if lane is Lane.BULK and left is not None and recipients > left:
        reason = f"The warm-up allows {left + gauge.promised_on(day):,} recipients on {day} (UTC), and no more"
        return Held(reason, now + _SMALLER_CALL if left > 0 else day_after(day))
    return None


def _for_lane(quota: Quota, lane: Lane) -> Quota:
    """Test mails may take what is kept for later: they are a handful."""
    return quota if lane is Lane.BULK else replace(quota, kept=0)


def _believed(quota: Quota) -> Quota:
    """Return the quota as SES's refusal has it, though its count may lag behind."""
    return replace(quota, sent=max(quota.sent, quota.most))


def _said_of(quota: Quota, lane: Lane) -> str:
    kept = f", and {quota.kept:,} are kept for what is scheduled" if quota.kept and lane is Lane.BULK else ""
    return (
        f"The quota of 24 hours is used up: of {quota.most:,} recipients Amazon SES has counted {quota.sent:,}, "
        f"{quota.since:,} were promised since{kept}"
    )

"""What all workers share: how far the lines are taken, what the account allows, what was promised. Pure.

One value, one row. Every moment in it is by the clock that `now` is read from: the database's.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from newsletter.delivery.account import UNLIMITED
from newsletter.delivery.pacing.quota import Quota, minute_of
from newsletter.delivery.pacing.rate import AS_ALLOWED, Allowance, Lane, Slowing, allowance

if TYPE_CHECKING:
    from newsletter.delivery.account import AccountState
    from newsletter.delivery.pacing.warmup import Warmup

LOOK_EVERY = timedelta(seconds=60)
_LOOK_SOONEST = timedelta(seconds=5)
_USED_UP = timedelta(minutes=5)
"""For so long an answer that the quota is used up is believed, whatever the account's own count says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What this installation has set."""

    asks_account: bool = False
    """Whether there is an account that says how much it allows."""
    cap: float | None = None
    """Recipients that are allowed in a second, where that is less than the account says."""
    warmup: Warmup | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Gauge:
    """How things stand."""

    at: datetime | None = None
    """When it was last written."""
    bulk_free_at: datetime | None = None
    preview_free_at: datetime | None = None
    slowing: Slowing = AS_ALLOWED
    account: AccountState | None = None
    """None: never asked."""
    looked_at: datetime | None = None
    """When the question was asked that `account` answers."""
    next_look_at: datetime | None = None
    look_error: str = ""
    """Why the last question got no answer."""
    since_look: int = 0
    kept_for_later: int = 0
    used_up_until: datetime | None = None
    """Until then SES's own word stands that the quota is used up."""
    minute: datetime | None = None
    this_minute: int = 0
    """Promised in `minute`, the last one in which anything was."""
    day: date | None = None
    today: int = 0
    """Promised on `day`."""
    hold_reason: str = ""
    hold_until: datetime | None = None
    """Why and until when campaigns wait; None: they do not."""

    def allowance(self, rules: Rules, lane: Lane, now: datetime) -> Allowance | None:
        """Return what `lane` may do at `now`; None: there is no limit."""
        account = self._account(rules)
        said = [] if account is None else [account.max_rate]
        limit = min(said if rules.cap is None else [*said, rules.cap], default=None)
        return None if limit is None else allowance(limit, lane).slowed(self.slowing.at(now))

    def quota(self, rules: Rules) -> Quota | None:
        """Return the state of the 24 hours; None: there is no limit."""
        account = self._account(rules)
        if account is None or account.quota == UNLIMITED:
            return None
        return Quota(most=account.quota, sent=account.sent, since=self.since_look, kept=self.kept_for_later)

    def left_today(self, rules: Rules, day: date) -> int | None:
        """Return how many more the warm-up allows on `day`; None: as many as wished."""
        ceiling = rules.warmup.ceiling(day) if rules.warmup else None
        return None if ceiling is None else ceiling - self.promised_on(day)

    def promised_on(self, day: date) -> int:
        """Return how many were promised on that day, or on the one that was counted last."""
        return self.today if self.day is not None and day <= self.day else 0

    def _account(self, rules: Rules) -> AccountState | None:
        return self.account if rules.asks_account else None  # what is there may be of another transport's time


def after_jump(gauge: Gauge, now: datetime) -> Gauge:
    """Return the gauge with its moments moved back by as much as the clock was; else nothing would go out till then."""
    if gauge.at is None or now >= gauge.at:
        return gauge
    back = gauge.at - now
    moved: dict[str, Any] = {
        field.name: value - back for field in fields(gauge) if isinstance(value := getattr(gauge, field.name), datetime)
    }
    if gauge.minute is not None:
        moved["minute"] = minute_of(moved["minute"])
    if gauge.day is not None:
        moved["day"] = min(gauge.day, now.date())
    since = gauge.slowing.since
    return replace(gauge, **moved, slowing=replace(gauge.slowing, since=since and since - back))


def promise(gauge: Gauge, recipients: int, begin: datetime) -> Gauge:
    """Return the gauge with so many more counted, to the minute and the day of their slot.

    The lines are not equally far ahead: what belongs to a minute or a day before the last one counts to the last one.
    """
    minute, day = minute_of(begin), begin.date()
    same = gauge.minute is not None and minute <= gauge.minute
    return replace(
        gauge,
        since_look=gauge.since_look + recipients,
        this_minute=(gauge.this_minute if same else 0) + recipients,
        minute=max(minute, gauge.minute or minute),
        today=gauge.promised_on(day) + recipients,
        day=max(day, gauge.day or day),
    )


def throttled(gauge: Gauge, now: datetime) -> Gauge:
    """Return the gauge after SES found us too fast: both lines pause, and the account is looked at again soon."""
    slowing = gauge.slowing.throttled(now)
    if slowing is gauge.slowing:
        return gauge
    pause = slowing.resumes_at(now)
    return replace(
        _look_soon(gauge, now),
        slowing=slowing,
        bulk_free_at=max(gauge.bulk_free_at or pause, pause),
        preview_free_at=max(gauge.preview_free_at or pause, pause),
    )


def used_up(gauge: Gauge, now: datetime) -> Gauge:
    """Return the gauge after SES said that the quota is used up."""
    return replace(_look_soon(gauge, now), used_up_until=now + _USED_UP)


def seen(gauge: Gauge, account: AccountState, asked_at: datetime, *, since: int, kept: int) -> Gauge:
    """Return the gauge after an answer to the question of `asked_at`; an older one than we have changes nothing.

    `since`: promised from `quota.counted_from(asked_at)` on.
    """
    if gauge.looked_at is not None and gauge.looked_at > asked_at:
        return gauge
    again = _LOOK_SOONEST if account.refusal() else LOOK_EVERY
    return replace(
        gauge,
        account=account,
        looked_at=asked_at,
        next_look_at=asked_at + again,
        look_error="",
        since_look=since,
        kept_for_later=kept,
    )


def not_seen(gauge: Gauge, error: str) -> Gauge:
    """Return the gauge after a question that got no answer; what was known last stays."""
    return replace(gauge, look_error=error)


def _look_soon(gauge: Gauge, now: datetime) -> Gauge:
    soon = now if gauge.looked_at is None else max(now, gauge.looked_at + _LOOK_SOONEST)
    return replace(gauge, next_look_at=min(gauge.next_look_at or soon, soon))

"""What whoever watches a campaign should know of its pace."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from newsletter.delivery.pacing.rows import read_gauge

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

_NEWS = timedelta(hours=1)
"""What was said of the account longer ago is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Campaigns wait, and go on by themselves."""

    reason: str
    until: datetime

    def as_json(self) -> dict[str, Any]:
        """Return the documented form."""
        return {"reason": self.reason, "until": self.until.isoformat()}


@dataclass(frozen=True, slots=True, kw_only=True)
class PaceState:
    """The pace of the whole installation."""

    hold: Waiting | None
    warnings: tuple[str, ...]
    """Sentences for a person."""


AT_EASE = PaceState(hold=None, warnings=())


def pace_state(session: Session, now: datetime) -> PaceState:
    """Return whether campaigns wait at `now`, and what a person should know of the account."""
    gauge = read_gauge(session)
    hold = None
    if gauge.hold_until is not None and gauge.hold_until > now:
        hold = Waiting(reason=gauge.hold_reason, until=gauge.hold_until)
    recent = gauge.at is not None and gauge.at > now - _NEWS
    warnings = list(gauge.account.warnings()) if gauge.account and recent else []
    if gauge.look_error and recent:
        since = f" since {gauge.looked_at:%Y-%m-%d %H:%M} UTC" if gauge.looked_at else ""
        warnings.append(f"Amazon SES has not said{since} how much the account may send: {gauge.look_error}")
    if (factor := gauge.slowing.at(now)) < 1:
        warnings.append(f"Amazon SES found us too fast: mails leave at {factor:.0%} of the usual rate for now.")
    return PaceState(hold=hold, warnings=tuple(warnings))

"""When what came back of mails is reason to stop. Pure; docs/decisions/alarms-by-evidence.md says why so."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, lgamma, log, log1p

from newsletter.delivery.guarding.finding import Cause, Figures, Finding

DOUBT = 0.01
"""A list that keeps the limit exactly must not look as bad as this more often."""
FEWEST_MAILS = 50
FEWEST_BOUNCES = 5
FEWEST_COMPLAINTS = 3
"""Less proves nothing, whatever the rate."""
_NEGLIGIBLE = 1e-12


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that may happen, as shares of the mails."""

    bounces: float = 0.04
    """SES reviews an account from 5 % on, and may stop it from 10 % on."""
    complaints: float = 0.0008
    """From 0.1 % and 0.5 % on."""

    @property
    def halved(self) -> Limits:
        """Where a warning is due."""
        return Limits(self.bounces / 2, self.complaints / 2)


def judge(figures: Figures, limits: Limits, *, days: int | None = None) -> Finding | None:
    """Return why figures are reason to stop; None: they are none. `days`: of all campaigns of so many days."""
    bounced = exceeds(figures.bounces, figures.mails, limits.bounces, fewest=FEWEST_BOUNCES)
    if not bounced and not exceeds(figures.complaints, figures.mails, limits.complaints, fewest=FEWEST_COMPLAINTS):
        return None
    harm = figures.bounces if bounced else figures.complaints
    limit = limits.bounces if bounced else limits.complaints
    what = "bounced for good" if bounced else "were called spam by their readers"
    whose = "mails" if days is None else f"mails of the last {days} days"
    reason = (
        f"{harm} of {figures.mails} {whose} {what} ({share(harm / figures.mails)}): surely more than the limit of "
        f"{share(limit)}."
    )
    return Finding(cause=_cause(bounced=bounced, recent=days is not None), reason=reason, figures=figures)


def exceeds(harm: int, mails: int, limit: float, *, fewest: int, doubt: float = DOUBT) -> bool:
    """Return whether `harm` of `mails` shows that more than the share `limit` of such mails does harm.

    An exact binomial test at the level `doubt`: the same as a Clopper–Pearson lower bound above `limit`.
    """
    if mails < FEWEST_MAILS or harm < fewest or harm <= limit * mails:
        return False
    return harm >= mails or _at_least(harm, mails, limit) < doubt


def share(value: float) -> str:
    """Return a share as people read it."""
    return f"{value * 100:.2f}".rstrip("0").rstrip(".") + " %"


def _at_least(harm: int, mails: int, limit: float) -> float:
    """Return how likely `harm` or more are where each of `mails` does harm with probability `limit`.

    From the first term on, which is the greatest, for `harm` is above what is to be expected.
    """
    ways = lgamma(mails + 1) - lgamma(harm + 1) - lgamma(mails - harm + 1)
    term = exp(ways + harm * log(limit) + (mails - harm) * log1p(-limit))
    total = 0.0
    for number in range(harm, mails + 1):
        total += term
        if term < total * _NEGLIGIBLE:
            break
        term *= (mails - number) / (number + 1) * limit / (1 - limit)
    return total


def _cause(*, bounced: bool, recent: bool) -> Cause:
    if recent:
        return Cause.RECENT_BOUNCES if bounced else Cause.RECENT_COMPLAINTS
    return Cause.BOUNCES if bounced else Cause.COMPLAINTS

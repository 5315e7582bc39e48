"""How long to wait after a call that went badly, and when to stop a campaign and ask a person. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from newsletter.delivery.transport import UNTRIED, Verdict
from newsletter.errors import StopCampaign

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from newsletter.delivery.transport import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """When enough is enough. Delays are seconds."""

    first_delay: float = 1.0
    longest_delay: float = 30.0
    """Shorter than a claim holds."""
    calls_refused: int = 40
    """Calls in a row of which nothing was accepted, for a passing cause: about a quarter of an hour."""
    calls_uncertain: int = 5
    """Calls in a row that nobody knows the end of: each leaves people for a person to settle."""
    recipients_rejected: int = 100
    """Recipients in a row that were refused for good: then the cause is hardly with each of them."""
    rounds: int = 4
    """How often a recipient is put off before it counts as failed."""
    first_put_off: float = 30.0


class Patience:
    """Watches the outcomes of one worker's calls, in their order."""

    def __init__(self, limits: Limits, random: Callable[[], float]) -> None:
        """`random` gives numbers in [0, 1): workers that were refused together do not come back together."""
        self._limits = limits
        self._random = random
        self._troubled = self._uncertain = self._rejected = 0

    def observe(self, outcomes: Sequence[Outcome]) -> float:
        """Return how long to wait before the next call; 0 when all is well. Raises StopCampaign at the limits."""
        verdicts = {outcome.verdict for outcome in outcomes}
        if Verdict.ACCEPTED in verdicts:
            self._troubled = self._uncertain = self._rejected = 0
        else:
            self._rejected += sum(outcome.verdict is Verdict.REJECTED for outcome in outcomes)
        self._uncertain += Verdict.UNCERTAIN in verdicts
        troubled = not verdicts.isdisjoint({*UNTRIED, Verdict.UNCERTAIN})
        self._troubled += troubled
        self._give_up(outcomes)
        return self._delay() if troubled else 0.0

    def put_off(self, rounds: int) -> float:
        """Return how long to put off recipients that were put off `rounds` times before."""
        return self._limits.first_put_off * 2.0**rounds

    def may_put_off(self, rounds: int) -> bool:
        """Return whether recipients that were put off `rounds` times may be once more."""
        return rounds < self._limits.rounds

    def _delay(self) -> float:
        limits = self._limits
        delay = min(limits.longest_delay, limits.first_delay * 2.0 ** min(self._troubled - 1, 30))
        return delay * (1 + self._random()) / 2

    def _give_up(self, outcomes: Sequence[Outcome]) -> None:
        last = next((outcome.reason for outcome in reversed(outcomes) if outcome.reason), "no reason was given")
        if self._uncertain >= self._limits.calls_uncertain:
            raise StopCampaign(f"{self._uncertain} calls in a row ended without an answer; the last: {last}")
        if self._troubled >= self._limits.calls_refused:
            raise StopCampaign(f"Nothing was accepted in {self._troubled} calls in a row; the last answer: {last}")
        if self._rejected >= self._limits.recipients_rejected:
            raise StopCampaign(f"{self._rejected} recipients in a row were refused; the last answer: {last}")

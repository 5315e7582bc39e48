"""The account: what it may send, how fast, and what it has sent in the last 24 hours. Pure; the time is handed in."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from newsletter.simulator.errors import paused, quota_exceeded, suspended, throttled

if TYPE_CHECKING:
    from newsletter.simulator.options import Options

UNLIMITED = -1
"""A 24-hour quota without a limit, as GetAccount says it."""
DAY = 24 * 60 * 60


@dataclass(slots=True)
class Rate:
    """Recipients a second, as a bucket that may go into debt.

    A call passes while at least one recipient's worth is left, however many it has; after that every call is refused
    until the debt is paid: at 1 a second, five recipients at once are accepted and then nothing for five seconds.
    """

    per_second: float
    burst_seconds: float = 1.0
    _level: float = field(default=0.0, init=False)
    _as_of: float = field(default=float("-inf"), init=False)

    def take(self, recipients: int, now: float) -> bool:
        """Take `recipients` out and return True, or return False and take nothing."""
        capacity = max(1.0, self.per_second * self.burst_seconds)
        passed = now - self._as_of
        self._level = capacity if passed == float("inf") else min(capacity, self._level + passed * self.per_second)
        self._as_of = now
        if self._level < 1:
            return False
        self._level -= recipients
        return True


@dataclass(slots=True)
class RollingDay:
    """How many recipients were counted in the 24 hours before now, to the second."""

    _seconds: deque[tuple[int, int]] = field(default_factory=deque, init=False)
    _total: int = field(default=0, init=False)

    def add(self, recipients: int, now: float) -> None:
        """Count `recipients` at `now`."""
        second = int(now)
        if self._seconds and self._seconds[-1][0] == second:
            recipients_before = self._seconds.pop()[1]
            self._total -= recipients_before
            recipients += recipients_before
        self._seconds.append((second, recipients))
        self._total += recipients

    def total(self, now: float) -> int:
        """Return the count, after forgetting what is older than a day."""
        while self._seconds and self._seconds[0][0] <= now - DAY:
            self._total -= self._seconds.popleft()[1]
        return self._total


@dataclass(slots=True)
class Account:
    """Quotas and switches as GetAccount shows them."""

    rate: Rate
    max_24_hour_send: float
    production_access: bool = True
    sending_enabled: bool = True
    enforcement: str = "HEALTHY"
    suppressed_reasons: tuple[str, ...] = ("BOUNCE", "COMPLAINT")
    details: dict[str, Any] | None = None
    day: RollingDay = field(default_factory=RollingDay)

    @classmethod
    def opened(cls, options: Options) -> Account:
        """Return an account as the options describe it."""
        return cls(
            rate=Rate(options.max_send_rate, options.burst_seconds),
            max_24_hour_send=options.max_24_hour_send,
            production_access=not options.sandbox,
        )

    def check_open(self) -> None:
        """Raise what every send gets while the account may send nothing at all."""
        if self.enforcement == "SHUTDOWN":
            raise suspended()
        if not self.sending_enabled:
            raise paused()

    def admit(self, recipients: int, now: float) -> None:
        """Count a call of `recipients` against the rate; raise if it comes too fast or the day's quota is used up."""
        if self.remaining(now) <= 0:
            raise quota_exceeded()
        if not self.rate.take(recipients, now):
            raise throttled()

    def remaining(self, now: float) -> float:
        """Return how many recipients are left of the 24-hour quota."""
        if self.max_24_hour_send == UNLIMITED:
            return float("inf")
        return self.max_24_hour_send - self.day.total(now)

    def shown(self, now: float) -> dict[str, Any]:
        """Return the answer to GetAccount."""
        return {
            "DedicatedIpAutoWarmupEnabled": False,
            "EnforcementStatus": self.enforcement,
            "ProductionAccessEnabled": self.production_access,
            "SendQuota": {
                "Max24HourSend": float(self.max_24_hour_send),
                "MaxSendRate": float(self.rate.per_second),
                "SentLast24Hours": float(self.day.total(now)),
            },
            "SendingEnabled": self.sending_enabled,
            "SuppressionAttributes": {"SuppressedReasons": list(self.suppressed_reasons)},
            **({"Details": self.details} if self.details else {}),
        }

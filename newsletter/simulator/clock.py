"""The simulator's time: seconds since 1970, which a test may move ahead."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from subscribers.clock import Clock


class SimulatedClock:
    """The given clock, set ahead by as much as was asked for: a day's quota passes in no time."""

    def __init__(self, base: Clock) -> None:
        self._base = base
        self.ahead = 0.0

    def __call__(self) -> float:
        """Return the simulated time in seconds since 1970-01-01T00:00:00Z."""
        return self._base().timestamp() + self.ahead

    def advance(self, seconds: float) -> None:
        """Let `seconds` pass at once."""
        self.ahead += seconds


def iso(seconds: float) -> str:
    """Return the time as events carry it: `2026-11-23T16:35:00.123Z`."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"

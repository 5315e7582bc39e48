"""A guard whose first waves are small enough for tests."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from newsletter.feedback.reputation.watching import ReputationGuard

if TYPE_CHECKING:
    from newsletter.delivery.guarding.models import Alarm

WAVE = 60


@dataclass(frozen=True, kw_only=True)
class SmallWaves(ReputationGuard):
    """Sends `WAVE` people first wherever there are twice as many."""

    def first_wave(self, people: int) -> int:
        return WAVE if people >= 2 * WAVE else 0


@dataclass
class Admins:
    """Those who are told; `reachable` False: not at the moment."""

    reachable: bool = True
    alarms: list[Alarm] = field(default_factory=list)

    def tell(self, alarm: Alarm) -> bool:
        if self.reachable:
            self.alarms.append(alarm)
        return self.reachable

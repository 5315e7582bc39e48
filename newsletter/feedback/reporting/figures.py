"""What became of some mails, in figures that add up: everybody planned stands in exactly one of them. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from newsletter.feedback.facts import Fact, Fate, fate_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

PENDING = "pending"
_FATES: Mapping[Fate, str] = {
    Fate.DELIVERED: "delivered",
    Fate.HARD: "hard_bounced",
    Fate.SOFT: "soft_bounced",
    Fate.REFUSED: "refused",
    Fate.WITHHELD: "withheld",
    Fate.DELAYED: "delayed",
    Fate.UNHEARD: "unheard",
    Fate.UNSENT: "unsent",
}
FORGOTTEN = "forgotten"
"""Sent, and what became of it is kept no longer."""
OF_SENT = (*_FATES.values(), FORGOTTEN)
"""What became of those that were sent: together they are `sent`."""
NOT_SENT = ("skipped", "failed", "uncertain", PENDING)
BESIDES = ("complained", "unsubscribed")
"""Some of those who got it: in none of the sums."""
COLUMNS = ("planned", "sent", *OF_SENT, *NOT_SENT, *BESIDES)


@dataclass
class Figures:
    """How many mails came to what."""

    counts: dict[str, int] = field(default_factory=dict)
    """By the names in `OF_SENT`, `NOT_SENT` and `BESIDES`."""

    def add(self, name: str, mails: int) -> None:
        """Count so many more."""
        self.counts[name] = self.counts.get(name, 0) + mails

    def add_outcome(self, state: str, facts: int | None, mails: int) -> None:
        """Count mails with this outcome in the ledger, of which these facts came back."""
        if state != "sent":
            self.add(state, mails)
            return
        known = Fact(facts or 0)
        self.add(_FATES[fate_of(known)], mails)
        if known & Fact.COMPLAINED:
            self.add("complained", mails)

    @property
    def sent(self) -> int:
        """Those that were handed over."""
        return self._sum(OF_SENT)

    @property
    def planned(self) -> int:
        """Everybody."""
        return self.sent + self._sum(NOT_SENT)

    def as_json(self) -> dict[str, int]:
        """Return all figures, those that are 0 too, in the order of `COLUMNS`."""
        sums = {"planned": self.planned, "sent": self.sent}
        return {name: sums.get(name, self.counts.get(name, 0)) for name in COLUMNS}

    def _sum(self, names: Iterable[str]) -> int:
        return sum(self.counts.get(name, 0) for name in names)

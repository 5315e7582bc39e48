"""What reading events again changes, or would change. Pure."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from newsletter.feedback.rules import Meaning


@dataclass
class Difference:
    """How much is different."""

    events: int = 0
    """Read again."""
    changed: Counter[tuple[Meaning, Meaning]] = field(default_factory=Counter)
    """Taken for something else: from what, for what."""
    before: dict[str, str | None] = field(default_factory=dict)
    """Why addresses were suppressed; None: they were not."""
    after: dict[str, str | None] = field(default_factory=dict)
    """Why they are now."""
    failed: int = 0
    """Mails that count as failed now, and were sent before."""
    sent: int = 0
    """The other way round."""
    unsubscribed: int = 0
    for_a_person: int = 0
    """People who were taken off a list for what is no such wish any more: nobody is put back without being asked."""

    def judged(self, before: Mapping[str, str | None], after: Mapping[str, str | None]) -> None:
        """Note why addresses were, and are, suppressed; the first and the last time count."""
        self.before = {**before, **self.before}
        self.after |= after

    def add_others(self, judged: Difference) -> None:
        """Add addresses that were judged besides; of those that were judged here already, this stands."""
        new = judged.before.keys() - self.before.keys()
        self.judged({email: judged.before[email] for email in new}, {email: judged.after[email] for email in new})

    def suppressions(self) -> Mapping[str, int]:
        """Return how many addresses come to be suppressed, are no longer, or are for another reason."""
        counts = Counter({"suppressed": 0, "reinstated": 0, "revised": 0})
        for email, before in self.before.items():
            after = self.after[email]
            if before != after:
                counts["suppressed" if before is None else "reinstated" if after is None else "revised"] += 1
        return counts

    def as_json(self) -> dict[str, Any]:
        """Return the documented form."""
        return {
            "events": self.events,
            "changed": [
                {"from": old.value, "to": new.value, "events": events}
                for (old, new), events in sorted(self.changed.items())
            ],
            **self.suppressions(),
            "failed": self.failed,
            "sent": self.sent,
            "unsubscribed": self.unsubscribed,
            "for_a_person": self.for_a_person,
        }

"""The account's suppression list: addresses to which SES accepts mail and sends none.

https://docs.aws.amazon.com/ses/latest/dg/sending-email-suppression-list.html
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from newsletter.simulator.errors import bad_request, not_found

if TYPE_CHECKING:
    from collections.abc import Collection

REASONS = frozenset({"BOUNCE", "COMPLAINT"})


@dataclass(frozen=True, slots=True)
class Suppressed:
    """One entry; `message_id` and `feedback_id` name the event that put it there, if one did."""

    address: str
    reason: str
    since: float
    message_id: str = ""
    feedback_id: str = ""


@dataclass(slots=True)
class SuppressionList:
    """Entries by address, without regard to case."""

    _entries: dict[str, Suppressed] = field(default_factory=dict)

    def put(self, entry: Suppressed) -> None:
        """Add or replace an entry."""
        if entry.reason not in REASONS:
            raise bad_request(f"Reason must be BOUNCE or COMPLAINT, not {entry.reason!r}.")
        self._entries[entry.address.lower()] = entry

    def get(self, address: str) -> Suppressed:
        """Return the entry or raise NotFoundException."""
        found = self._entries.get(address.lower())
        if found is None:
            raise not_found(f"Email address {address} does not exist on your suppression list.")
        return found

    def delete(self, address: str) -> None:
        """Remove the entry or raise NotFoundException."""
        self.get(address)
        del self._entries[address.lower()]

    def reason(self, address: str, reasons: Collection[str]) -> str | None:
        """Return why mail to `address` is held back, if it is for one of `reasons`."""
        found = self._entries.get(address.lower())
        return found.reason if found is not None and found.reason in reasons else None

    def listed(self, reasons: Collection[str], since: float, until: float) -> list[Suppressed]:
        """Return the entries of these reasons (all, if none is given) put there between the two times."""
        return [
            entry
            for entry in self._entries.values()
            if (not reasons or entry.reason in reasons) and since <= entry.since <= until
        ]

    def __len__(self) -> int:
        return len(self._entries)

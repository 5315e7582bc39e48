"""What a worker is given: the campaign it works for, and what it works with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from newsletter.delivery.claims import Claims
    from newsletter.delivery.ledger import Ledger
    from newsletter.delivery.outages import Outages
    from newsletter.delivery.pace import Pace
    from newsletter.delivery.patience import Patience
    from newsletter.delivery.transport import Transport
    from newsletter.personalization.message import Prepared
    from subscribers.clock import Clock


@dataclass(frozen=True, kw_only=True)
class Job:
    """A campaign that is sending, as its workers see it."""

    campaign_id: int
    list_id: int
    label: str
    prepare: Callable[[int], Prepared]
    """Makes the mail of a variant, by its number; asked in rising order, often for the same."""
    progress: Callable[[int], None]
    """Told how many more have an outcome."""

    def delivery_id(self, subscriber_id: int) -> str:
        """Return what the outside calls the delivery to a subscriber."""
        return f"{self.label}.{subscriber_id}"


@dataclass(frozen=True, kw_only=True)
class Means:
    """What a worker works with."""

    claims: Claims
    ledger: Ledger
    transport: Transport
    patience: Patience
    pace: Pace
    outages: Outages
    clock: Clock
    wait: Callable[[float], bool]
    """Waits that many seconds; returns whether the worker is to stop, at once when it is."""
    timer: Callable[[], float]
    """Seconds that only ever grow."""

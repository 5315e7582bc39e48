"""One simulator: its state, and those who act on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from newsletter.errors import FixConfiguration
from newsletter.simulator.publishing import Publisher
from newsletter.simulator.state import State

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from newsletter.simulator.clock import SimulatedClock
    from newsletter.simulator.options import Options


_FIXED = frozenset({"region", "account_id", "seed", "max_mails", "max_record_bytes", "max_queue_messages"})
"""What is read once, when a simulator starts."""


class Service:
    """What the protocols speak to."""

    def __init__(self, options: Options, clock: SimulatedClock, record: Path | None = None) -> None:
        self.state = State.new(options, clock, record)
        self.publisher = Publisher(self.state)
        self.webhook_counts: Callable[[], dict[str, int]] = dict
        """Says how messages to web addresses fare; set by the server, which delivers them."""
        self.on_advance: Callable[[], None] = lambda: None

    def set_options(self, **changes: object) -> None:
        """Change options while it runs; what is under way goes on as it was."""
        if fixed := _FIXED & changes.keys():
            raise FixConfiguration(f"{', '.join(sorted(fixed))} cannot be changed while the simulator runs.")
        state = self.state
        state.options = state.options.changed(**changes)
        state.account.rate.per_second = state.options.max_send_rate
        state.account.rate.burst_seconds = state.options.burst_seconds
        state.account.max_24_hour_send = state.options.max_24_hour_send
        state.account.production_access = not state.options.sandbox
        state.identities.auto_verify = state.options.auto_verify
        state.identities.strict = state.options.strict_identities

    def advance(self, seconds: float) -> None:
        """Let `seconds` pass at once; what becomes due by it happens, and who waits looks again."""
        self.state.clock.advance(seconds)
        self.on_advance()
        for queue in self.state.queues.listed():
            queue.wake()

    def close(self) -> None:
        """Close the record."""
        self.state.record.close()

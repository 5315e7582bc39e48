"""What a sender needs of whoever watches over the reputation."""

from __future__ import annotations

from typing import Protocol


class Guard(Protocol):
    """Implemented by `feedback.reputation.watching`; called by `sending` and by workers. Any number may watch."""

    def first_wave(self, people: int) -> int:
        """Return how many of a campaign's people go first, before the rest may; 0: all of them may at once."""
        ...

    def watch(self) -> bool:
        """Look at every campaign that is sending, once: pause what does harm, let the rest of it follow a clean wave.

        Return whether there is any. Takes a moment, and is called about once a second. Where the database does not
        answer it says so on the log.
        """
        ...

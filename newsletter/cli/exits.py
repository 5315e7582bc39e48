"""How a command can end, for scripts."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """The exit codes; they are documented and stay what they are."""

    DONE = 0
    REFUSED = 1
    """Refused or failed; the reason is on standard error."""
    USAGE = 2
    LEFT_FOR_A_PERSON = 3
    """Done, with something left to look at: uncertain deliveries, rejected rows."""
    INTERRUPTED = 130
    TERMINATED = 143

"""What a worker asks before each call: how many recipients, and when."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from sqlalchemy import Connection


class Pace(Protocol):
    """Holds the rate and the quota of the account. Called by `work`, before the intent is written.

    One for all threads of a process: every method may be called from any of them.
    """

    def largest_call(self) -> int:
        """Return how many recipients one call may have (1 or more), as fast as the account is now."""
        ...

    def reserve(self, recipients: int) -> float:
        """Take so many recipients' worth of the rate and of the quota; return the seconds to wait before the call.

        Raises `Hold` when the quota does not allow it before some later moment, and `StopCampaign` when the account
        may not send at all; then nothing was taken.
        """
        ...

    @property
    def joins(self) -> bool:
        """Whether a slot can be taken in a transaction of the ledger's: a call then needs one commit, not three."""
        ...

    def reserve_within(self, connection: Connection, recipients: int) -> float | None:
        """Do as `reserve` in that transaction, where `joins`; None, and nothing is taken: `reserve` has more to say."""
        ...

    def throttled(self) -> None:
        """Be told that the other side found us too fast."""
        ...

    def used_up(self) -> None:
        """Be told that the other side says the quota is used up."""
        ...


class Unpaced:
    """As fast as it goes: files, a mail server of one's own, tests."""

    joins = False

    def largest_call(self) -> int:
        """Return more than any transport takes."""
        return 1_000_000

    def reserve(self, recipients: int) -> float:  # noqa: ARG002 - there is enough for everybody
        """Return 0: now."""
        return 0.0

    def reserve_within(self, connection: Connection, recipients: int) -> float | None:  # noqa: ARG002 - nothing joins
        """Return None: ask `reserve`."""
        return None

    def throttled(self) -> None:
        """Do nothing: the worker's own patience waits."""

    def used_up(self) -> None:
        """Do nothing, likewise."""

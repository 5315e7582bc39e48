"""What a campaign needs of the outside: something that takes mail for a group of recipients of one variant."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from newsletter.personalization.message import Prepared, Recipient


class Verdict(StrEnum):
    """What became of one recipient of a call."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    """For good: this recipient only."""
    RETRY = "retry"
    """Certainly not accepted; may be later."""
    UNCERTAIN = "uncertain"
    """May have been accepted; never repeated on a guess."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The verdict for one recipient, with the transport's own id or the reason."""

    verdict: Verdict
    message_id: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressed:
    """One recipient of a call, with the delivery's own id (`[A-Za-z0-9_.@-]`, never made from an address)."""

    delivery_id: str
    recipient: Recipient


@dataclass(frozen=True, slots=True)
class Call:
    """Up to `Transport.max_recipients` recipients of one variant."""

    prepared: Prepared
    recipients: Sequence[Addressed]


class Transport(Protocol):
    """Implemented by `outbox`, `smtp` and `ses`; called by `dispatch`, after the intent was committed."""

    name: str
    max_recipients: int

    def send(self, call: Call) -> Sequence[Outcome]:
        """Hand the mails over; one outcome per recipient, in their order.

        Raises `RetryLater` (nothing was accepted), `MaybeSent` (nobody knows), `StopCampaign` (nothing was
        accepted and nothing will be until a person acts).
        """
        ...

    def evidence(self, delivery_ids: Sequence[str]) -> Mapping[str, bool]:
        """Say of deliveries in doubt whether they were accepted; what cannot be known is left out."""
        ...

    def close(self) -> None:
        """Give connections back."""
        ...

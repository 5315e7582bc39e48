"""What a campaign needs of the outside: something that takes mail for a group of recipients of one variant."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from newsletter.errors import MaybeSent, RetryLater

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from newsletter.personalization.message import Prepared, Recipient


DELIVERY_TAG = "delivery"
"""The message tag that carries a delivery's id through SES; events bring it back."""


class Verdict(StrEnum):
    """What became of one recipient of a call."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    """For good: this recipient only."""
    RETRY = "retry"
    """Certainly not accepted, and the cause lies with this recipient; may be later."""
    UNTRIED = "untried"
    """Certainly not accepted: something stopped the call before their turn, nothing to do with them."""
    THROTTLED = "throttled"
    """Untried, for the account sends as fast as it may."""
    QUOTA = "quota"
    """Untried, for the account has sent as much as it may in 24 hours."""
    UNCERTAIN = "uncertain"
    """May have been accepted; never repeated on a guess."""


UNTRIED = frozenset({Verdict.UNTRIED, Verdict.THROTTLED, Verdict.QUOTA})
"""Their turn comes again, as if the call had not been."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The verdict for one recipient, with the transport's own id or the reason."""

    verdict: Verdict
    message_id: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressed:
    """One recipient of a call.

    `delivery_id`: `<label of the campaign>.<number of the subscriber>`, of `[A-Za-z0-9_.-]`; made of nothing else, for
    it is seen by others (tags, Message-ID).
    """

    delivery_id: str
    recipient: Recipient


@dataclass(frozen=True, slots=True)
class Call:
    """Up to `Transport.max_recipients` recipients of one variant."""

    prepared: Prepared
    recipients: Sequence[Addressed]
    date: datetime
    """The Date of the mails, aware; what the ledger keeps of a delivery is enough to make its mail again."""
    still_ours: Callable[[], bool] = lambda: True
    """Asked by a transport as late as it can, before the first byte leaves: False, and everybody is UNTRIED."""


class Transport(Protocol):
    """Implemented by `outbox`, `smtp` and `ses`; called by `dispatch`, after the intent was committed."""

    name: str
    """What evidence is bound to, e.g. `outbox:/var/outbox`: only the transport a mail left by can speak of it."""
    max_recipients: int

    def send(self, call: Call) -> Sequence[Outcome]:
        """Hand the mails over; one outcome per recipient, in their order.

        Raises `RetryLater` (nothing was accepted), `MaybeSent` (nobody knows), `StopCampaign` (nothing was
        accepted and nothing will be until a person acts). Once something was accepted it raises none of them: the
        rest of the call is then UNTRIED, and the next call meets the same trouble first.
        """
        ...

    def evidence(self, delivery_ids: Sequence[str]) -> Mapping[str, bool]:
        """Say of deliveries in doubt whether they were accepted; what cannot be known is left out."""
        ...

    def close(self) -> None:
        """Give connections back."""
        ...


def hand_over(transport: Transport, call: Call) -> Sequence[Outcome]:
    """Send, and say per recipient what was said of the whole call. Raises StopCampaign: nothing was accepted."""
    try:
        return transport.send(call)
    except RetryLater as error:
        verdict, reason = Verdict.UNTRIED, str(error)
    except MaybeSent as error:
        verdict, reason = Verdict.UNCERTAIN, str(error)
    return [Outcome(verdict, reason=reason)] * len(call.recipients)

"""The bytes of a call's mails, for the transports that hand over whole messages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from newsletter.delivery.transport import Outcome, Verdict
from newsletter.personalization.message import write_message
from subscribers.errors import InvalidAddress

if TYPE_CHECKING:
    from newsletter.delivery.transport import Addressed, Call


def letter(call: Call, addressed: Addressed) -> bytes | Outcome:
    """Return the message for one recipient, or its outcome where none can be addressed to them."""
    try:
        return write_message(call.prepared, addressed.recipient, delivery_id=addressed.delivery_id, date=call.date)
    except InvalidAddress as error:
        return Outcome(Verdict.REJECTED, reason=str(error))

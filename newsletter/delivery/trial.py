"""Test mails: a variant sent to a few addresses of one's own, outside the ledger; no campaign counts them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from newsletter.delivery.transport import Addressed, Call, hand_over
from newsletter.personalization.message import Recipient

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from newsletter.delivery.transport import Outcome, Transport
    from newsletter.personalization.message import Prepared

_NOBODY = 0
"""The subscriber that links of test mails are signed for: following them changes nobody's subscription."""


def send_trial(
    transport: Transport, prepared: Prepared, addresses: Sequence[str], *, name: str, token: str, now: datetime
) -> list[Outcome]:
    """Send a test mail (`Mails.trial`) to each address, once each; return what became of it, in their order.

    `name`: the reader who is greeted, may be empty. `token`: letters and digits that no other test had. Raises
    StopCampaign when nothing can be sent as things stand.
    """
    people = [
        Addressed(
            delivery_id=f"test-{token}.{number}",
            recipient=Recipient(subscriber_id=_NOBODY, email=address, name=name),
        )
        for number, address in enumerate(addresses, start=1)
    ]
    outcomes: list[Outcome] = []
    for start in range(0, len(people), transport.max_recipients):
        outcomes += hand_over(transport, Call(prepared, people[start : start + transport.max_recipients], now))
    return outcomes

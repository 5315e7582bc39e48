"""Test mails: a variant sent to a few addresses of one's own, outside the ledger; no campaign counts them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from newsletter.delivery.transport import Addressed, Call, hand_over
from newsletter.errors import Hold, Refused
from newsletter.personalization.message import Recipient

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from newsletter.delivery.pace import Pace
    from newsletter.delivery.transport import Outcome, Transport
    from newsletter.personalization.message import Prepared

_NOBODY = 0
"""The subscriber that links of test mails are signed for: following them changes nobody's subscription."""


def send_trial(
    transport: Transport,
    prepared: Prepared,
    addresses: Sequence[str],
    *,
    name: str,
    token: str,
    now: datetime,
    pace: Pace,
    wait: Callable[[float], bool],
) -> list[Outcome]:
    """Send a test mail (`Mails.trial`) to each address, once each; return what became of it, in their order.

    `name`: the reader who is greeted, may be empty. `token`: letters and digits that no other test had. `pace`: of the
    lane that is kept for tests, so that they never wait behind a campaign. Raises StopCampaign when nothing can be
    sent as things stand, and Refused when the quota is used up.
    """
    people = [
        Addressed(
            delivery_id=f"test-{token}.{number}",
            recipient=Recipient(subscriber_id=_NOBODY, email=address, name=name),
        )
        for number, address in enumerate(addresses, start=1)
    ]
    outcomes: list[Outcome] = []
    while len(outcomes) < len(people):
        size = min(transport.max_recipients, pace.largest_call())
        call = Call(prepared, people[len(outcomes) : len(outcomes) + size], now)
        try:
            wait(pace.reserve(len(call.recipients)))
        except Hold as hold:
            raise Refused(f"{hold} {len(outcomes)} test mails were sent.") from hold
        outcomes += hand_over(transport, call)
    return outcomes

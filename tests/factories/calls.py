"""Calls as dispatch makes them: a variant, recipients, a date."""

from __future__ import annotations

from typing import TYPE_CHECKING

from newsletter.delivery.transport import Addressed, Call
from newsletter.personalization.message import Recipient
from newsletter.personalization.prepare import prepare
from tests.factories import editions
from tests.factories.people import NOW

if TYPE_CHECKING:
    from newsletter.delivery.transport import Transport

LABEL = "2026-03-06-k3q7"
UNADDRESSABLE = "zoë@example.org"
"""Needs SMTPUTF8."""


def addressed(number: int, email: str | None = None) -> Addressed:
    recipient = Recipient(subscriber_id=number, email=email or f"reader{number}@example.org", name=f"Zoë {number}")
    return Addressed(delivery_id=f"{LABEL}.{number}", recipient=recipient)


def call(*recipients: int | Addressed) -> Call:
    """Return a call to these people, given by number or as they are."""
    people = [addressed(each) if isinstance(each, int) else each for each in recipients]
    return Call(prepare(editions.edition(), range(6), editions.envelope()), people, NOW)


def full_call(transport: Transport) -> Call:
    return call(*range(1, transport.max_recipients + 1))

"""Calls as dispatch makes them: a variant, recipients, a date."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from newsletter.delivery.transport import Addressed, Call
from newsletter.personalization.message import Recipient
from newsletter.personalization.prepare import prepare
from newsletter.rendering.edition import Fragment
from tests.factories import editions
from tests.factories.people import NOW

if TYPE_CHECKING:
    from collections.abc import Callable

    from newsletter.delivery.transport import Transport
    from newsletter.personalization.message import Envelope, Prepared
    from newsletter.rendering.edition import Part

LABEL = "2026-03-06-k3q7"
UNADDRESSABLE = "zoë@example.org"
"""Needs SMTPUTF8."""


def addressed(number: int, email: str | None = None, name: str | None = None) -> Addressed:
    named = f"Zoë {number}" if name is None else name
    recipient = Recipient(subscriber_id=number, email=email or f"reader{number}@example.org", name=named)
    return Addressed(delivery_id=f"{LABEL}.{number}", recipient=recipient)


def prepared(html: Part = "", text: Part = "", envelope: Envelope | None = None, **changes: object) -> Prepared:
    """Return the mail of a variant: the small edition with more in its bodies, and with `changes`."""
    edition = editions.edition(**changes)
    more = replace(
        edition,
        html=(*edition.html, Fragment(frozenset(), (html,))),
        text=(*edition.text, Fragment(frozenset(), (text,))),
    )
    return prepare(more, range(6), envelope or editions.envelope())


def call(
    *recipients: int | Addressed, of: Prepared | None = None, still_ours: Callable[[], bool] = lambda: True
) -> Call:
    """Return a call to these people, given by number or as they are, with the mail of a variant."""
    people = [addressed(each) if isinstance(each, int) else each for each in recipients]
    return Call(of or prepared(), people, NOW, still_ours)


def full_call(transport: Transport) -> Call:
    return call(*range(1, transport.max_recipients + 1))

"""From a variant to one subscriber's own message: the bytes that go out.

What is the same for all was encoded by `prepare`; here the places that differ are filled and the pieces joined.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from newsletter.personalization.headers import date_header, message_id, to_header
from newsletter.personalization.names import usable_name
from newsletter.personalization.quoted import quoted
from subscribers.address import shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from newsletter.personalization.links import Links
    from newsletter.rendering.edition import Part
    from subscribers.publication import Publication


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """One person of one call: what differs from mail to mail."""

    subscriber_id: int
    email: str
    name: str


@dataclass(frozen=True, slots=True)
class Envelope:
    """What a mail says beside its content: by whom it is sent, where its links lead, of which campaign it is."""

    publication: Publication
    links: Links
    campaign_ref: str
    """The campaign's name in Feedback-ID, e.g. `c12`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A variant, encoded once. `pieces` are the message; `places` say which of them are whose own."""

    envelope: Envelope
    subject: str
    html: tuple[Part, ...]
    """Decoded: text and the slots of `RECIPIENT_SLOTS`."""
    text: tuple[Part, ...]
    greeting: str
    greeting_named: str
    pieces: tuple[bytes, ...]
    places: tuple[tuple[int, str], ...]
    """(index in `pieces`, key of the value that goes there)."""
    is_single: bool = False
    """Made for one person alone: there is no group of recipients to send it to in bulk."""


def write_message(prepared: Prepared, recipient: Recipient, *, delivery_id: str, date: datetime) -> bytes:
    """Return the whole message for `recipient`: RFC 5322 headers, multipart/alternative, CRLF, 7-bit.

    `delivery_id` makes the Message-ID; `date` is aware. Raises `InvalidAddress` when no mail can be addressed to this
    recipient; the others of the call are not concerned.
    """
    values = wire_values(prepared, recipient, delivery_id, date)
    pieces = list(prepared.pieces)
    for index, key in prepared.places:
        pieces[index] = values[key]
    return b"".join(pieces)


def preview_html(prepared: Prepared, recipient: Recipient) -> str:
    """Return the HTML body that `recipient` sees, LF line ends: what `write_message` sends, decoded."""
    values = {name: escape(value) for name, value in recipient_values(prepared, recipient).items()}
    return _filled(prepared.html, values)


def preview_text(prepared: Prepared, recipient: Recipient) -> str:
    """Return the plain-text body that `recipient` sees, LF line ends."""
    return _filled(prepared.text, recipient_values(prepared, recipient))


def recipient_values(prepared: Prepared, recipient: Recipient) -> dict[str, str]:
    """Return the value of each of `RECIPIENT_SLOTS`, not escaped."""
    return {
        "greeting": greeting_for(prepared, usable_name(recipient.name)),
        "email": shown(recipient.email),
        **prepared.envelope.links.urls(recipient.subscriber_id),
    }


def greeting_for(prepared: Prepared, name: str) -> str:
    """Return how somebody with that usable name, or none, is greeted; not escaped."""
    return prepared.greeting_named.replace("{name}", name) if name else prepared.greeting


def wire_values(prepared: Prepared, recipient: Recipient, delivery_id: str, date: datetime) -> Mapping[str, bytes]:
    """Return what goes into the places of `prepared`, each encoded for where it stands."""
    links, subscriber_id, email = prepared.envelope.links, recipient.subscriber_id, recipient.email
    name = usable_name(recipient.name)
    to = to_header(name, email)  # first, for it refuses addresses
    greeting = greeting_for(prepared, name)
    email = shown(email)
    quoted_greeting, quoted_email = quoted(greeting), quoted(email)
    return {
        "to": to.encode("ascii"),
        "date": date_header(date).encode("ascii"),
        "delivery_id": message_id(delivery_id).encode("ascii"),
        "text.greeting": quoted_greeting,
        "html.greeting": quoted_greeting if (escaped := escape(greeting)) == greeting else quoted(escaped),
        "text.email": quoted_email,
        "html.email": quoted_email if (escaped := escape(email)) == email else quoted(escaped),
        "view_url": links.view_token(subscriber_id),
        "preferences_url": links.preferences_token(subscriber_id),
        "unsubscribe_url": links.unsubscribe_token(subscriber_id),
    }


def _filled(parts: Iterable[Part], values: Mapping[str, str]) -> str:
    return "".join(part if isinstance(part, str) else values[part.name] for part in parts)

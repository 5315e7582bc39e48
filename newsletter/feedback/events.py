"""What SES says afterwards, in whatever form it comes, in one vocabulary: an event for each recipient. Pure.

Configuration sets write `eventType`, identities `notificationType`; SNS wraps either, unless told not to; EventBridge
wraps the first in another way. Unknown fields and unknown kinds are kept: SES adds both without asking
(https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html).
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parseaddr
from enum import StrEnum
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from newsletter.delivery.transport import DELIVERY_TAG

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

KEY_BYTES = 16
_VALIDATION = "Successfully validated SNS topic for Amazon SES event publishing."
_DEEPEST = 4
"""Envelopes in envelopes: SNS around EventBridge is two."""
_SES_MESSAGE_ID = re.compile(r"[0-9a-f]{4}([0-9a-f]{12})-.+")
_MOMENT_BITS = 20
"""Of the milliseconds in a message id: 2^20 are 17 minutes."""
_MOMENT_BYTES = 3


class Kind(StrEnum):
    """What an event says."""

    SEND = "send"
    """SES took the mail and will try to deliver it."""
    DELIVERY = "delivery"
    BOUNCE = "bounce"
    COMPLAINT = "complaint"
    DELAY = "delay"
    REJECT = "reject"
    """SES took the mail, found a virus in it, and did not send it."""
    RENDERING_FAILURE = "rendering failure"
    """SES took the call, could not fill in the template, and did not send anything."""
    OPEN = "open"
    CLICK = "click"
    SUBSCRIPTION = "subscription"
    VALIDATION = "validation"
    """The topic was joined to a configuration set: the plain text that SES publishes then."""
    OTHER = "other"
    """Something that SES did not say when this was written."""


class Unreadable(Exception):  # noqa: N818 - typed by what to do: keep it aside
    """Nothing that SES writes, or not whole; the message says why, and holds no address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What happened to one mail at one recipient."""

    key: bytes
    """The same whenever, and in whatever form, this is told again."""
    kind: Kind
    name: str
    """SES's own word for the kind."""
    message_id: str = ""
    recipient: str = ""
    """As it was written to; empty where the event names nobody."""
    delivery_id: str | None = None
    """None: not a mail of a campaign, or told by an identity, which knows no tags."""
    mail_at: datetime | None = None
    """When SES took the mail."""
    at: datetime | None = None
    """When it happened, by SES; None where that cannot be read."""
    about: Mapping[str, Any] = field(default_factory=dict)
    """The event's own object: `bounce`, `complaint`, …"""
    said: Mapping[str, Any] = field(default_factory=dict)
    """What it says of this recipient: `status`, `diagnosticCode`, …"""


@dataclass(frozen=True, slots=True)
class Reading:
    """What one message says."""

    text: str
    """As SES wrote it, without the envelopes of SNS and EventBridge."""
    events: tuple[Event, ...]
    best_effort: bool = False
    """It came through EventBridge, which may lose events."""


def read_message(body: str) -> Reading:
    """Read one message of a queue or a topic. Raises Unreadable."""
    if body.strip() == _VALIDATION:
        return Reading(body, (_validation(),))
    text, document, best_effort = _unwrapped(body)
    if document is None:
        return Reading(text, (_validation(),), best_effort)
    name = document.get("eventType") or document.get("notificationType") or document.get("detail-type")
    if not isinstance(name, str):
        raise Unreadable("neither eventType nor notificationType says what it is")
    form = _FORMS.get(name)
    events = _unknown(name, document, text) if form is None else _known(name, form, document)
    return Reading(text, tuple(events), best_effort)


def moment_of(message_id: str) -> bytes:
    """Return what the keys of a mail's events begin with: when SES took it, to some minutes; else zeros."""
    found = _SES_MESSAGE_ID.fullmatch(message_id)
    moment = (int(found[1], 16) >> _MOMENT_BITS) % (1 << 8 * _MOMENT_BYTES) if found else 0
    return moment.to_bytes(_MOMENT_BYTES, "big")


def beginning_of(time: datetime) -> bytes:
    """Return what no key of a mail lies before that SES took at `time` or later."""
    milliseconds = int(time.timestamp() * 1000)
    return ((milliseconds >> _MOMENT_BITS) % (1 << 8 * _MOMENT_BYTES)).to_bytes(_MOMENT_BYTES, "big")


@dataclass(frozen=True, slots=True)
class _Form:
    """Where an event of one kind says what."""

    kind: Kind
    object: str
    people: str = ""
    """The field of the object that lists recipients; empty: everybody the mail was for."""
    needed: bool = False
    """Whether nothing can be made of it without that object."""


_FORMS = {
    "Send": _Form(Kind.SEND, "send"),
    "Delivery": _Form(Kind.DELIVERY, "delivery", "recipients"),
    "Bounce": _Form(Kind.BOUNCE, "bounce", "bouncedRecipients", needed=True),
    "Complaint": _Form(Kind.COMPLAINT, "complaint", "complainedRecipients", needed=True),
    "DeliveryDelay": _Form(Kind.DELAY, "deliveryDelay", "delayedRecipients"),
    "Reject": _Form(Kind.REJECT, "reject"),
    "Rendering Failure": _Form(Kind.RENDERING_FAILURE, "failure"),
    "Open": _Form(Kind.OPEN, "open"),
    "Click": _Form(Kind.CLICK, "click"),
    "Subscription": _Form(Kind.SUBSCRIPTION, "subscription"),
}


def _unwrapped(text: str) -> tuple[str, dict[str, Any] | None, bool]:
    """Take the envelopes off: the text, the object it holds (None: the validation), whether EventBridge brought it."""
    best_effort = False
    for _ in range(_DEEPEST):
        document = _object(text)
        inner: Any = None
        if "TopicArn" in document and "Message" in document:
            inner = document["Message"]
        elif "detail-type" in document and _is_event(document.get("detail")):
            inner, best_effort = document["detail"], True
        if inner is None:
            return text, document, best_effort
        text = inner if isinstance(inner, str) else json.dumps(inner)
        if text.strip() == _VALIDATION:
            return text, None, best_effort
    raise Unreadable("an envelope in an envelope in an envelope")


def _is_event(detail: object) -> bool:
    return isinstance(detail, dict) and ("eventType" in detail or "notificationType" in detail)


def _object(text: str) -> dict[str, Any]:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"not JSON ({type(error).__name__})") from None
    if not isinstance(document, dict):
        raise Unreadable("JSON, but no object")
    return document


def _known(name: str, form: _Form, document: Mapping[str, Any]) -> Iterable[Event]:
    mail = _mapping(document.get("mail"))
    message_id = mail.get("messageId")
    if not isinstance(message_id, str) or not message_id:
        raise Unreadable(f"a {name} without mail.messageId")
    about = _mapping(document.get(form.object))
    if form.needed and not about:
        raise Unreadable(f"a {name} without its object “{form.object}”")
    mail_at = _instant(mail.get("timestamp"))
    at = _instant(about.get("timestamp")) or mail_at
    mark = _text(about.get("feedbackId")) or (at.isoformat() if at else "")
    link = _text(about.get("link"))  # a scanner follows all links of a mail at one moment
    for recipient, said in _people(about.get(form.people), mail).items():
        yield Event(
            key=_key(form.kind, message_id, recipient, mark, link),
            kind=form.kind,
            name=name,
            message_id=message_id,
            recipient=recipient,
            delivery_id=_delivery_id(mail),
            mail_at=mail_at,
            at=at,
            about=about,
            said=said,
        )


def _unknown(name: str, document: Mapping[str, Any], text: str) -> Iterable[Event]:
    mail = _mapping(document.get("mail"))
    message_id = _text(mail.get("messageId"))
    yield Event(
        key=_key(name, message_id, text),
        kind=Kind.OTHER,
        name=name,
        message_id=message_id,
        recipient=next(iter(_people(None, mail))),
        delivery_id=_delivery_id(mail),
        mail_at=_instant(mail.get("timestamp")),
        at=_instant(mail.get("timestamp")),
    )


def _validation() -> Event:
    return Event(key=_key(Kind.VALIDATION, "", _VALIDATION), kind=Kind.VALIDATION, name=_VALIDATION)


def _key(kind: str, message_id: str, *marks: str) -> bytes:
    """Return the identity of an event: kind, mail, recipient, and feedback id or time, in a fixed number of bytes.

    It begins with the time that SES's message ids hold, so that new keys lie together in an index, however large.
    """
    digest = blake2b(digest_size=KEY_BYTES - _MOMENT_BYTES)
    for part in (kind, message_id, *(mark.lower() for mark in marks)):
        digest.update(part.encode("utf-8", "surrogatepass") + b"\0")
    return moment_of(message_id) + digest.digest()


def _people(listed: object, mail: Mapping[str, Any]) -> Mapping[str, Mapping[str, Any]]:
    """Return whom the event speaks of, with what it says of each: nobody but those the mail was for.

    Most providers hide who complained: then SES names everybody of that provider. And who forwards their mail may be
    named by the address behind.
    """
    addressed = [_address(each) for each in _sequence(mail.get("destination"))]
    named: dict[str, Mapping[str, Any]] = {}
    for each in _sequence(listed):
        said = _mapping(each)
        named[_address(said.get("emailAddress") if said else each)] = said
    by_spelling = {address.lower(): said for address, said in named.items()}
    found = {address: by_spelling[address.lower()] for address in addressed if address.lower() in by_spelling}
    if found:
        return found
    if named and not addressed:
        return named
    if named and len(addressed) == 1:
        return {addressed[0]: next(iter(named.values()))}
    return {"": {}} if named or not addressed else {address: {} for address in addressed}


def _address(said: object) -> str:
    written = _text(said).strip()
    return parseaddr(written)[1] if written.endswith(">") else written


def _delivery_id(mail: Mapping[str, Any]) -> str | None:
    values = _sequence(_mapping(mail.get("tags")).get(DELIVERY_TAG))
    return next((value for value in values if isinstance(value, str)), None)


def _instant(said: object) -> datetime | None:
    """Read a time of SES: `2026-05-22T06:00:03.000Z`, in notifications also `2018-10-08T14:05:45 +0000`."""
    try:
        found = datetime.fromisoformat(_text(said).replace(" +", "+"))
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _sequence(value: object) -> Sequence[Any]:
    return value if isinstance(value, list) else []

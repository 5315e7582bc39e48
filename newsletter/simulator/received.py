"""A mail as its reader would get it: what the record holds, rendered and put together."""

from __future__ import annotations

import re
from base64 import b64decode
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any, Literal

from newsletter.simulator.errors import not_found
from newsletter.simulator.templates import compiled, data_of, merged

if TYPE_CHECKING:
    from newsletter.simulator.accepted import Mail, Pairs
    from newsletter.simulator.record import Record

_HEADER = re.compile(rb"(?P<name>[!-9;-~]+):(?P<value>.*?(?:\r?\n[ \t].*?)*)\r?\n(?![ \t])", re.DOTALL)
_OURS = frozenset({b"date", b"message-id", b"return-path", b"bcc"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """Headers and the two parts; every line ends with a bare line feed."""

    headers: Pairs
    subject: str
    text: str
    html: str


def received(mail: Mail, record: Record, region: str) -> Received:
    """Return what the reader sees; raise NotFoundException if the mail could not be rendered."""
    message = message_from_bytes(as_bytes(mail, record, region), policy=policy.default)
    assert isinstance(message, EmailMessage)  # noqa: S101 - what the policy makes
    if mail.call.kind == "raw":
        subject, text, html = str(message["Subject"] or ""), _part(message, "plain"), _part(message, "html")
    else:
        subject, text, html = rendered(record, *record.details(mail))
    headers = tuple((name, str(value)) for name, value in message.items())
    return Received(headers=headers, subject=subject, text=_line_feeds(text), html=_line_feeds(html))


def as_bytes(mail: Mail, record: Record, region: str) -> bytes:
    """Return the message as it leaves SES (RFC 5322), without the signatures and trace that SES adds."""
    call, entry = record.details(mail)
    stamp = [
        ("Message-ID", f"<{mail.id}@{'email' if region == 'us-east-1' else region}.amazonses.com>"),
        ("Date", format_datetime(datetime.fromtimestamp(call["time"], UTC))),
    ]
    if call["kind"] == "raw":
        return _restamped(b64decode(call["raw"]), stamp)
    return _composed(mail, record, call, entry, stamp)


def header_pairs(call: dict[str, Any], entry: dict[str, Any]) -> Pairs:
    """Return the headers given for a mail: the call's, replaced by the mail's own of the same name, then the rest."""
    own = {name.lower(): (name, value) for name, value in entry.get("headers", ())}
    common = [own.pop(name.lower(), (name, value)) for name, value in call["headers"]]
    return tuple((name, value) for name, value in (*common, *own.values()))


def rendered(record: Record, call: dict[str, Any], entry: dict[str, Any]) -> tuple[str, str, str]:
    """Return subject, text and HTML with the mail's data filled in."""
    content = record.content_of(call["content"])
    if call["kind"] == "simple":
        return content.subject, content.text, content.html
    return compiled(content).render(merged(data_of(call["data"]), data_of(entry.get("data"))))


def subject_of(record: Record, call: dict[str, Any], entry: dict[str, Any]) -> str:
    """Return the subject alone: all that events show of the content."""
    content = record.content_of(call["content"])
    if call["kind"] == "simple":
        return content.subject
    return compiled(content).subject.render(merged(data_of(call["data"]), data_of(entry.get("data"))))


def _composed(
    mail: Mail, record: Record, call: dict[str, Any], entry: dict[str, Any], stamp: list[tuple[str, str]]
) -> bytes:
    missing = next((fate.missing for fate in mail.fates if fate.missing), "")
    if missing:
        raise not_found(f"Mail {mail.id} was never made: {missing}")
    subject, text, html = rendered(record, call, entry)
    message = EmailMessage(policy=policy.SMTP)
    if text or not html:
        message.set_content(text, cte="quoted-printable")
    if html:
        add = message.add_alternative if text else message.set_content
        add(html, subtype="html", cte="quoted-printable")
    for attachment in call["attachments"]:
        _attach(message, attachment)
    # last, for setting the content takes away headers such as Content-Language
    for name, value in [*stamp, *_addressing(call, entry), ("Subject", subject), *header_pairs(call, entry)]:
        message[name] = value
    for number, part in enumerate(part for part in message.walk() if part.is_multipart()):
        part.set_boundary(f"----=_Part_{number}_{mail.id}")  # the same bytes whenever they are asked for
    return message.as_bytes()


def _addressing(call: dict[str, Any], entry: dict[str, Any]) -> Pairs:
    named = (("To", entry.get("to")), ("Cc", entry.get("cc")), ("Reply-To", call["reply_to"]))
    return (("From", call["source"]), *((name, ", ".join(addresses)) for name, addresses in named if addresses))


def _attach(message: EmailMessage, attachment: dict[str, Any]) -> None:
    kind, _, subtype = attachment.get("ContentType", "application/octet-stream").partition("/")
    message.add_attachment(
        b64decode(attachment["RawContent"]),
        maintype=kind,
        subtype=subtype,
        disposition=attachment.get("ContentDisposition", "ATTACHMENT").lower(),
        filename=attachment["FileName"],
        cid=attachment.get("ContentId"),
    )


def _restamped(raw: bytes, stamp: list[tuple[str, str]]) -> bytes:
    """Return a raw message with the headers that SES sets itself, and without those meant for SES alone."""
    end = re.search(rb"\r?\n\r?\n", raw)
    head, body = (raw, b"") if end is None else (raw[: end.start()] + b"\r\n", raw[end.end() :])
    kept = b"".join(
        found[0]
        for found in _HEADER.finditer(head)
        if (name := found["name"].lower()) not in _OURS and not name.startswith(b"x-ses-")
    )
    ours = "".join(f"{name}: {value}\r\n" for name, value in stamp).encode("ascii")
    return ours + kept + b"\r\n" + body


def _part(message: EmailMessage, subtype: Literal["plain", "html"]) -> str:
    part = message.get_body((subtype,))
    return "" if part is None else str(part.get_content())


def _line_feeds(text: str) -> str:
    return text.replace("\r\n", "\n")

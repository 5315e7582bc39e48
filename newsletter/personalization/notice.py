"""Mails outside campaigns: a plain one to those who run the installation, and one to a person about their subscription.

Both say `Auto-Submitted` (RFC 3834), so that nothing answers. Only to somebody who has the list do they say how to
leave it (RFC 2369, RFC 8058): nobody can leave what they have not confirmed.
"""

from __future__ import annotations

from hashlib import sha256
from html import escape
from typing import TYPE_CHECKING

from newsletter.personalization import headers
from newsletter.personalization.encoded_words import folded, mailbox_header, text_header
from newsletter.personalization.message import Prepared
from newsletter.personalization.quoted import quoted, quoted_once
from newsletter.rendering.edition import Slot
from newsletter.rendering.notice_words import UNSUBSCRIBE_SLOT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from newsletter.personalization.message import Envelope
    from newsletter.rendering.edition import Part
    from newsletter.rendering.notice_form import NoticeForm

_PLACES = ((0, "to"), (1, "date"), (3, "delivery_id"))


def plain_mail(envelope: Envelope, subject: str, text: str) -> Prepared:
    """Return a mail that says `text` (LF line ends), from the sender of the publication; it lacks whom it is to.

    Raises `InvalidAddress` when the sender cannot stand in a header.
    """
    publication = envelope.publication
    rest = "".join(
        [
            mailbox_header("From", publication.sender_name, headers.wire_address(publication.sender_email)),
            text_header("Subject", subject),
            "Auto-Submitted: auto-generated\r\n",
            "MIME-Version: 1.0\r\n",
            "Content-Type: text/plain; charset=utf-8\r\n",
            "Content-Transfer-Encoding: quoted-printable\r\n\r\n",
        ]
    )
    return _prepared(envelope, subject, html="", text=text, rest=rest.encode("ascii") + quoted(text))


def notice_mail(form: NoticeForm, envelope: Envelope, values: Mapping[str, str]) -> Prepared:
    """Return the mail of `form` to one person; it lacks the address it goes to, and its number.

    `values`: what goes into its slots, not escaped, all of it made by us. What all mails of a form have in common was
    compiled before and is encoded once. Raises `InvalidAddress` when the sender cannot stand in a header.
    """
    boundary = f"=_{sha256(repr((form.kind, form.language)).encode()).hexdigest()[:24]}"
    rest = b"".join(
        [
            _headers(form, envelope, values).encode("ascii"),
            f'Content-Type: multipart/alternative; boundary="{boundary}"\r\n'.encode("ascii"),
            *_body("plain", form.text, values, boundary),
            *_body("html", form.html, {name: escape(value) for name, value in values.items()}, boundary),
            f"\r\n--{boundary}--\r\n".encode("ascii"),
        ]
    )
    escaped = {name: escape(value) for name, value in values.items()}
    html, text = _filled(form.html, escaped), _filled(form.text, values)
    return _prepared(envelope, form.subject, html=html, text=text, rest=rest)


def _headers(form: NoticeForm, envelope: Envelope, values: Mapping[str, str]) -> str:
    publication = envelope.publication
    lines = [
        mailbox_header("From", publication.sender_name, headers.wire_address(publication.sender_email)),
        mailbox_header("Reply-To", "", headers.wire_address(publication.reply_to)) if publication.reply_to else "",
        text_header("Subject", form.subject),
        headers.feedback_id(publication, envelope.campaign_ref),
        "Auto-Submitted: auto-generated\r\n",
        folded("Content-Language", [form.language]),
        "MIME-Version: 1.0\r\n",
    ]
    if form.is_subscribed:
        lines += [
            headers.list_id(publication),
            folded("List-Unsubscribe", [f"<{values[UNSUBSCRIBE_SLOT]}>"]),
            "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" if envelope.links.one_click else "",
        ]
    return "".join(lines)


def _body(subtype: str, parts: Iterable[Part], values: Mapping[str, str], boundary: str) -> Iterator[bytes]:
    yield (
        f"\r\n--{boundary}\r\nContent-Type: text/{subtype}; charset=utf-8\r\n"
        "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
    ).encode("ascii")
    for part in parts:
        yield quoted(values[part.name]) if isinstance(part, Slot) else quoted_once(part)


def _filled(parts: Iterable[Part], values: Mapping[str, str]) -> str:
    return "".join(values[part.name] if isinstance(part, Slot) else part for part in parts)


def _prepared(envelope: Envelope, subject: str, *, html: str, text: str, rest: bytes) -> Prepared:
    return Prepared(
        envelope=envelope,
        subject=subject,
        html=(html,) if html else (),
        text=(text,),
        greeting="",
        greeting_named="",
        pieces=(
            b"",
            b"",
            b"Message-ID: <",
            b"",
            f"@{headers.domain(envelope.publication)}>\r\n".encode("ascii") + rest,
        ),
        places=_PLACES,
        is_single=True,
    )

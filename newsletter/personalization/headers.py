"""The headers that are the same in every mail of a campaign's variant, and the values of those that are not.

- From, Reply-To, To, Subject, Date, Message-ID: RFC 5322, names and subject by RFC 2047. The Message-ID is made of the
  delivery's id: should a mail arrive twice, mail programs can see that it is one.
- List-Id: RFC 2919. The list's name, and its slug under the sender's domain.
- List-Unsubscribe, List-Unsubscribe-Post: RFC 2369, RFC 8058. One HTTPS address; without HTTPS the second is left out.
  Behind it an address to write to, where the list names one.
- Feedback-ID: Gmail's feedback loop. Campaign, list, stream, sender. SES puts its own in its place.
- Precedence: RFC 3834 (section 2). `bulk` keeps answering machines quiet.
- Content-Language: RFC 3282. Of the content, then of what stands around it.

Addresses are ASCII on the wire: domains are stored in their IDNA form (`subscribers.address`), and a local part beyond
ASCII needs SMTPUTF8 (RFC 6531), which SES does not speak. It is refused here, for this recipient alone.
"""

from __future__ import annotations

import re
from datetime import UTC
from email.utils import format_datetime
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import quote

from newsletter.personalization.encoded_words import LINE, folded, mailbox, mailbox_header, phrase, text_header
from subscribers.errors import InvalidAddress

if TYPE_CHECKING:
    from datetime import datetime

    from newsletter.personalization.message import Envelope
    from newsletter.rendering.edition import Edition
    from subscribers.publication import Publication

_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,253}")
_DELIVERY_ID = re.compile(r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*")
_NOT_IN_ID = re.compile(r"[^A-Za-z0-9]+")
_LONGEST_ID = 2**63 - 1


def shared_headers(edition: Edition, envelope: Envelope) -> str:
    """Return the header lines that all recipients of `edition` get, each ended by CRLF."""
    publication = envelope.publication
    languages = dict.fromkeys((edition.content_language, edition.language))
    return "".join(
        [
            mailbox_header("From", publication.sender_name, wire_address(publication.sender_email)),
            mailbox_header("Reply-To", "", wire_address(publication.reply_to)) if publication.reply_to else "",
            text_header("Subject", edition.subject),
            list_id(publication),
            feedback_id(publication, envelope.campaign_ref),
            "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" if envelope.links.one_click else "",
            "Precedence: bulk\r\n",
            folded("Content-Language", [", ".join(languages)]),
            "MIME-Version: 1.0\r\n",
        ]
    )


def before_unsubscribe_token(envelope: Envelope) -> str:
    """Return the start of List-Unsubscribe up to the token; on a second line where one would be too long."""
    start = f"List-Unsubscribe: <{envelope.links.base('unsubscribe')}"
    longest = len(envelope.links.unsubscribe_token(_LONGEST_ID))
    return start if len(start) + longest + 1 <= LINE else start.replace(" ", "\r\n ", 1)


def after_unsubscribe_token(publication: Publication) -> str:
    """Return the rest of List-Unsubscribe, without the end of its line: RFC 6068 for the address to write to."""
    address = publication.policies.unsubscribe_email
    return f">,\r\n <mailto:{quote(wire_address(address), safe='@')}?subject=unsubscribe>" if address else ">"


def to_header(name: str, email: str) -> str:
    """Return the To line(s).

    Raises `InvalidAddress` when `email` cannot be written in a header as it is.
    """
    return mailbox_header("To", name, wire_address(email))


def to_mailbox(name: str, email: str) -> str:
    """Return what the To line(s) say, in one line, for SES to fold. Raises as `to_header` does."""
    return mailbox(name, wire_address(email))


def wire_address(email: str) -> str:
    """Return `email` as it may stand in a header and in an SMTP command, or raise `InvalidAddress`."""
    if _ADDRESS.fullmatch(email):
        return email
    if not email.isascii():
        raise InvalidAddress(
            "The address has characters beyond ASCII before the @; it needs SMTPUTF8, which is not used."
        )
    raise InvalidAddress("The address has characters that cannot stand in a mail's header.")


def message_id(delivery_id: str) -> str:
    """Return the part of the Message-ID before the @; raises ValueError when `delivery_id` cannot stand there."""
    if not _DELIVERY_ID.fullmatch(delivery_id):
        raise ValueError(f"a delivery id is letters, digits, _ - and single dots between them, not {delivery_id!r}")
    return delivery_id


@lru_cache(maxsize=64)
def date_header(moment: datetime) -> str:
    """Return the Date line for an aware `moment`, in UTC; a call's recipients share theirs."""
    if moment.tzinfo is None:
        raise ValueError(f"a date without a time zone: {moment!r}")
    # in UTC because equal moments of different zones are one key of the cache
    return f"Date: {format_datetime(moment.astimezone(UTC))}\r\n"


def domain(publication: Publication) -> str:
    """Return the sender's domain, which the ids of mails and of the list live under."""
    return wire_address(publication.sender_email).rpartition("@")[2]


def list_id(publication: Publication) -> str:
    """Return the List-Id line(s)."""
    label = _NOT_IN_ID.sub("-", publication.slug).strip("-") or str(publication.id)
    return folded("List-Id", [*phrase(publication.name), f"<{label}.{domain(publication)}>"])


def feedback_id(publication: Publication, campaign_ref: str) -> str:
    """Return the Feedback-ID line(s): four fields, the last of which, 5 to 15 characters, names the sender.

    https://support.google.com/mail/answer/6254652
    """
    fields = (_NOT_IN_ID.sub("-", campaign_ref), _NOT_IN_ID.sub("-", publication.slug), "newsletter")
    sender = f"news-{_NOT_IN_ID.sub('', domain(publication))}"[:15]
    return folded("Feedback-ID", [":".join([*fields, sender])])

"""A send request as JSON, read into values and held against the documented limits. Pure.

Patterns and lengths are those of the service model; what the model does not say (50 recipients, 1 MB) is from
https://docs.aws.amazon.com/ses/latest/dg/quotas.html and .../dg/send-personalized-email-api.html.
"""

from __future__ import annotations

import re
from base64 import b64decode
from dataclasses import dataclass
from email.parser import BytesHeaderParser
from email.policy import compat32
from email.utils import getaddresses
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from newsletter.simulator.addresses import InvalidDestination, bare
from newsletter.simulator.errors import bad_request, rejected, too_large

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from email.message import Message

    from newsletter.simulator.accepted import Pairs

MOST_RECIPIENTS = 50
_LARGEST_BULK = 1_000_000
"""The documentation says 1 MB without saying which; the smaller one errs on the safe side."""
_LARGEST_MESSAGE = 40 * 1024 * 1024
_MOST_HEADERS = 15
_LONGEST_HEADER = 996
_LONGEST_LINE = 1000
_HEADER_NAME = re.compile(r"[!-9;-@A-~]{1,126}")
_LONGEST_VALUE = 995
_SET_BY_SES = frozenset(
    {"bcc", "cc", "content-transfer-encoding", "content-type", "date", "from", "message-id", "mime-version", "reply-to",
     "return-path", "sender", "subject", "to"}
)  # fmt: skip
_TAG_NAME = re.compile(r"[A-Za-z0-9_-]{1,255}|ses:feedback-id-[ab]")
_TAG_VALUE = re.compile(r"[A-Za-z0-9_.@-]{1,255}")


@dataclass(slots=True)
class Addressees:
    """A destination as it was written, and its bare addresses."""

    to: tuple[str, ...]
    cc: tuple[str, ...]
    bcc: tuple[str, ...]
    recipients: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RawMail:
    """What SES reads in a raw message: the headers that steer it."""

    data: bytes
    sender: str
    addressees: tuple[str, ...]
    configuration_set: str
    tags: Pairs


class InvalidEntry(ValueError):  # noqa: N818 - says what it is
    """One entry of a bulk request cannot be sent; the others can."""


def check_bulk(request: dict[str, Any], size: int) -> list[dict[str, Any]]:
    """Return the entries of a bulk request of `size` bytes; raise if there are none, too many, or too much of it."""
    if size > _LARGEST_BULK:
        raise too_large(f"The request has {size} bytes; at most {_LARGEST_BULK} are read.")
    entries: list[dict[str, Any]] = request.get("BulkEmailEntries") or []
    if not entries:
        raise bad_request("BulkEmailEntries must not be empty.")
    if len(entries) > MOST_RECIPIENTS:
        raise bad_request(f"Recipient count exceeds {MOST_RECIPIENTS}.")
    return entries


def addressees(destination: dict[str, Any] | None) -> Addressees:
    """Return who a `Destination` names; raise `InvalidEntry` where it names nobody, too many or no addresses."""
    destination = destination or {}
    to = tuple(destination.get("ToAddresses") or ())
    cc = tuple(destination.get("CcAddresses") or ())
    bcc = tuple(destination.get("BccAddresses") or ())
    return Addressees(to, cc, bcc, bare_addresses((*to, *cc, *bcc)))


def bare_addresses(addresses: Sequence[str]) -> tuple[str, ...]:
    """Return the bare addresses of an envelope; raise `InvalidEntry`."""
    if not 0 < len(addresses) <= MOST_RECIPIENTS:
        raise InvalidEntry(
            f"Recipient count exceeds {MOST_RECIPIENTS}." if addresses else "Empty required destination."
        )
    try:
        return tuple([bare(address) for address in addresses])
    except InvalidDestination as error:
        raise InvalidEntry(f"{error}: {addresses}" if len(addresses) > 1 else str(error)) from error


def headers(given: Iterable[dict[str, str]] | None) -> Pairs:
    """Return headers; raise BadRequestException for more than 15, for a bad one, and for those that SES sets itself."""
    if not given:
        return ()
    pairs = tuple([(header["Name"], header["Value"]) for header in given])
    if len(pairs) > _MOST_HEADERS:
        raise bad_request(f"Headers must have length less than or equal to {_MOST_HEADERS}.")
    for name, value in pairs:
        _check_header_name(name)
        if not (0 < len(value) <= _LONGEST_VALUE and value.isascii() and value.isprintable()):
            raise bad_request(f"Header {name!r} does not satisfy its constraint: 1 to 995 printable ASCII characters.")
        if len(name) + len(value) > _LONGEST_HEADER:
            raise bad_request(f"Header {name!r} and its value are longer than {_LONGEST_HEADER} characters together.")
    return pairs


def tags(given: Iterable[dict[str, str]] | None) -> Pairs:
    """Return message tags; raise `InvalidEntry` for a bad one."""
    if not given:
        return ()
    pairs = tuple([(tag["Name"], tag["Value"]) for tag in given])
    _check_tags(pairs)
    return pairs


def raw_mail(described: dict[str, Any]) -> RawMail:
    """Return a raw message with what its headers say; raise if it is too large or has too long lines."""
    try:
        data = b64decode(described.get("Data") or "", validate=True)
    except ValueError as error:
        raise bad_request(f"Raw.Data is not Base64: {error}.") from error
    if len(data) > _LARGEST_MESSAGE:
        raise rejected(f"Message length is more than {_LARGEST_MESSAGE} bytes long: '{len(data)}'.")
    if _has_long_line(data):
        raise bad_request(f"The message has a line of more than {_LONGEST_LINE} characters.")
    end = re.search(rb"\r?\n\r?\n", data)
    if end is None:
        raise bad_request("The message has no headers, or no body.")
    head = BytesHeaderParser(policy=compat32).parsebytes(data[: end.end()])
    named = getaddresses([str(value) for name in ("To", "Cc", "Bcc") for value in head.get_all(name, [])])
    return RawMail(
        data,
        str(head.get("From", "")),
        tuple(address for _, address in named),
        str(head.get("X-SES-CONFIGURATION-SET", "")).strip(),
        _header_tags(head),
    )


def _has_long_line(data: bytes) -> bool:
    """Say whether a line is too long; only around every thousandth byte, for such a line cannot miss them all."""
    for at in range(_LONGEST_LINE, len(data), _LONGEST_LINE):
        end = data.find(b"\n", at)
        if (len(data) if end < 0 else end) - (data.rfind(b"\n", 0, at) + 1) > _LONGEST_LINE:
            return True
    return False


@lru_cache(maxsize=1024)
def _check_header_name(name: str) -> None:
    if _HEADER_NAME.fullmatch(name) is None:
        raise bad_request(
            f"Header name {name[:126]!r} does not satisfy its constraint: 1 to 126 of certain characters."
        )
    if name.lower() in _SET_BY_SES:
        raise bad_request(f"Header {name!r} cannot be given: SES sets it.")


def _header_tags(head: Message) -> Pairs:
    given = [tag.partition("=") for tag in str(head.get("X-SES-MESSAGE-TAGS", "")).split(",") if tag.strip()]
    pairs = tuple((name.strip(), value.strip()) for name, _, value in given)
    _check_tags(pairs)
    return pairs


def _check_tags(pairs: Pairs) -> None:
    for name, value in pairs:
        if _TAG_NAME.fullmatch(name) is None:
            raise InvalidEntry(f"Invalid tag name <{name}>: letters, digits, '_' and '-', at most 255.")
        if _TAG_VALUE.fullmatch(value) is None:
            raise InvalidEntry(f"Invalid tag value <{value}>: letters, digits, '_', '-', '.' and '@', at most 255.")

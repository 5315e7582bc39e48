"""The headers of a variant's mails as SES takes them beside a template; read off the raw mail, so none is forgotten.

Pure.
Limits: https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_MessageHeader.html.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from newsletter.personalization.message import Prepared

UNSUBSCRIBE = "List-Unsubscribe"
"""The one header that is a recipient's own."""
MOST_HEADERS = 15
_LONGEST_VALUE = 995
_LONGEST = 996
"""Name and value together."""
_NAME = re.compile(r"[!-9;-@A-~]{1,126}")
_VALUE = re.compile(rf"[ -~]{{1,{_LONGEST_VALUE}}}")

_BY_SES = frozenset({"message-id", "feedback-id", "mime-version", "content-type"})
"""SES sets its own, in raw mails too; and the date, which is no header of the variant."""
_LONGEST_ID = 2**63 - 1
_LINES_OF_THEIR_OWN = frozenset({"to", "date"})
"""Places of a prepared mail that are whole header lines."""


class UnfitForBulk(ValueError):  # noqa: N818 - says what it is
    """The variant cannot be sent in bulk as it is meant to arrive; the message says why."""


@dataclass(frozen=True, slots=True)
class Headers:
    """What a bulk request says of the headers, unfolded and in ASCII."""

    sender: str
    reply_to: str
    """May be empty."""
    unsubscribe: tuple[str, str]
    """What stands before and behind the token."""
    shared: tuple[tuple[str, str], ...]
    """The same for all recipients, beside those two and the subject."""


def headers_of(prepared: Prepared) -> Headers:
    """Return the headers of a variant's mails. Raises UnfitForBulk when SES would not take them, or not as they are."""
    links = prepared.envelope.links
    found = _read_off(prepared)
    before, mark, behind = found.pop(UNSUBSCRIBE, "").partition(_mark("unsubscribe_url"))
    if before != f"<{links.base('unsubscribe')}" or not mark or not behind.startswith(">"):
        raise UnfitForBulk(f"{UNSUBSCRIBE} is not the address to unsubscribe at")
    sender, reply_to, _ = found.pop("From"), found.pop("Reply-To", ""), found.pop("Subject")
    shared = tuple((name, value) for name, value in found.items() if name.lower() not in _BY_SES)
    longest = links.unsubscribe_token(_LONGEST_ID).decode("ascii")
    check_headers((*shared, (UNSUBSCRIBE, f"{before}{longest}{behind}")))
    return Headers(sender, reply_to, (before, behind), shared)


def check_headers(headers: Iterable[tuple[str, str]]) -> None:
    """Raise UnfitForBulk unless SES takes these headers of a mail, and cannot take them for templates."""
    headers = tuple(headers)
    if len(headers) > MOST_HEADERS:
        raise UnfitForBulk(f"{len(headers)} headers are more than {MOST_HEADERS}")
    for name, value in headers:
        if not _NAME.fullmatch(name):
            raise UnfitForBulk(f"a header cannot be named {name!r}")
        if not _VALUE.fullmatch(value) or len(name) + len(value) > _LONGEST:
            raise UnfitForBulk(f"{name} is empty, longer than {_LONGEST_VALUE} characters, or has some beyond ASCII")
        if "{{" in value:
            raise UnfitForBulk(f"{name} holds two braces, which SES may read as a place to fill in")


def unfolded(header: str) -> str:
    """Return the value of a header that is written over one line or more."""
    return header.partition(":")[2].replace("\r\n", "").strip()


def _read_off(prepared: Prepared) -> dict[str, str]:
    """Return the header values that a prepared mail begins with; where one is filled in stands a mark."""
    marked = [piece.decode("ascii", "replace") for piece in _head(prepared.pieces)]
    for index, key in prepared.places:
        if index < len(marked):
            marked[index] = "" if key in _LINES_OF_THEIR_OWN else _mark(key)
    head = "".join(marked).partition("\r\n\r\n")[0]
    headers = [(header.partition(":")[0], unfolded(header)) for header in re.split(r"\r\n(?! )", head)]
    found = dict(headers)
    if len(found) != len(headers):
        raise UnfitForBulk("a header stands there twice")
    return found


def _head(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield pieces up to the one that ends the headers."""
    for piece in pieces:
        yield piece
        if b"\r\n\r\n" in piece:
            return


def _mark(key: str) -> str:
    """Return what stands for a place: no header of SES may hold it, so none can slip through."""
    return f"\0{key}\0"

"""From an edition and a choice of its items to a message that lacks only what is one recipient's own."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from newsletter.personalization import headers
from newsletter.personalization.message import Prepared
from newsletter.personalization.quoted import SOFT_BREAK, quoted_once
from newsletter.personalization.variant import join
from newsletter.rendering.edition import RECIPIENT_SLOTS, Slot

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from newsletter.personalization.links import Links
    from newsletter.personalization.message import Envelope
    from newsletter.rendering.edition import Edition, Part

_URLS = {"view_url": "view", "preferences_url": "preferences", "unsubscribe_url": "unsubscribe"}
"""By slot, the page it leads to: what stands before the token is the same for all."""


def prepare(edition: Edition, positions: Iterable[int], envelope: Envelope) -> Prepared:
    """Join, encode and merge the variant of `edition` that shows `positions`.

    A millisecond for the first variant of an edition, a tenth of it for the others: they share its encoded fragments.
    Raises `InvalidAddress` when the publication's sender cannot stand in a header.
    """
    chosen = tuple(sorted(positions))
    variant = join(edition, chosen)
    boundary = _boundary(envelope.campaign_ref, edition.language, edition.content_language, chosen)
    pieces, places = _merged(
        [
            *_head(edition, envelope, boundary),
            *_body("plain", variant.text, envelope.links, boundary),
            *_body("html", variant.html, envelope.links, boundary),
            f"\r\n--{boundary}--\r\n".encode("ascii"),
        ]
    )
    return Prepared(
        envelope=envelope,
        subject=edition.subject,
        html=variant.html,
        text=variant.text,
        greeting=edition.greeting,
        greeting_named=edition.greeting_named,
        pieces=pieces,
        places=places,
    )


def _boundary(*of: object) -> str:
    """Return a boundary that no body can contain, for `=_` is no quoted-printable; the same for the same variant."""
    return f"=_{sha256(repr(of).encode()).hexdigest()[:24]}"


def _head(edition: Edition, envelope: Envelope, boundary: str) -> Iterator[bytes | Slot]:
    yield Slot("to")
    yield Slot("date")
    yield b"Message-ID: <"
    yield Slot("delivery_id")
    yield f"@{headers.domain(envelope.publication)}>\r\n".encode("ascii")
    yield headers.before_unsubscribe_token(envelope).encode("ascii")
    yield Slot("unsubscribe_url")
    yield f"{headers.after_unsubscribe_token(envelope.publication)}\r\n".encode("ascii")
    yield headers.shared_headers(edition, envelope).encode("ascii")
    yield f'Content-Type: multipart/alternative; boundary="{boundary}"\r\n'.encode("ascii")


def _body(subtype: str, parts: Iterable[Part], links: Links, boundary: str) -> Iterator[bytes | Slot]:
    yield (
        f"\r\n--{boundary}\r\nContent-Type: text/{subtype}; charset=utf-8\r\n"
        "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
    ).encode("ascii")
    prefix = "html" if subtype == "html" else "text"
    for part in parts:
        if isinstance(part, str):
            yield quoted_once(part)
        elif part.name in _URLS:
            yield quoted_once(links.base(_URLS[part.name]))
            yield part
            yield SOFT_BREAK  # tokens are short and of letters that stand for themselves
        elif part.name in RECIPIENT_SLOTS:
            yield Slot(f"{prefix}.{part.name}")
        else:
            raise ValueError(f"the edition has a slot that nobody fills: {part.name!r}")


def _merged(pieces: Iterable[bytes | Slot]) -> tuple[tuple[bytes, ...], tuple[tuple[int, str], ...]]:
    """Join what stands between two places: the fewer pieces, the faster the message is put together."""
    merged: list[bytes] = []
    places: list[tuple[int, str]] = []
    run: list[bytes] = []
    for piece in pieces:
        if isinstance(piece, bytes):
            run.append(piece)
            continue
        merged.append(b"".join(run))
        run.clear()
        places.append((len(merged), piece.name))
        merged.append(b"")
    merged.append(b"".join(run))
    return tuple(merged), tuple(places)

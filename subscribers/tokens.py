"""Signed links: who a link is for and what it may do, without a login and without a row in the database.

A token is the base64url form (RFC 4648 section 5, no padding) of

    key id (1 byte) ‖ number of ids (1 byte) ‖ per id: length (1 byte), big-endian bytes ‖ tag (16 bytes)

where the tag is HMAC-SHA256 (RFC 2104) over all that stands before it, truncated to 128 bits (section 5 there), under
a key derived from the secret for this one purpose: a link that shows a mail cannot be used to unsubscribe. It holds
ids of ours and never an address. It does not expire: a link to unsubscribe has to work in a mail of years ago.
"""

from __future__ import annotations

import binascii
import hmac
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from subscribers.errors import InvalidToken, Refused

if TYPE_CHECKING:
    from collections.abc import Callable

MINIMUM_SECRET = 32
"""Characters: 128 bits even when written in hexadecimal."""

_TAG = 16
_TO_URL = bytes.maketrans(b"+/", b"-_")
_FROM_URL = bytes.maketrans(b"-_", b"+/")


class Signer:
    """Signs with the current secret, reads what it or one of the previous ones has signed.

    To change the secret, put the new one in front and keep the old one behind it for as long as its links shall work.
    """

    def __init__(self, current: str, *previous: str) -> None:
        """Refuse secrets shorter than `MINIMUM_SECRET` characters."""
        self._keys = tuple(_Key.from_secret(secret) for secret in (current, *previous))

    def sign(self, purpose: str, *ids: int) -> str:
        """Return a token for `ids` (0 or more, each from 0 to 2**64 - 1), good for `purpose` alone."""
        key = self._keys[0]
        payload = b"%c%c%b" % (key.id, len(ids), b"".join(map(_pack, ids)))
        token = binascii.b2a_base64(payload + key.tag(purpose, payload), newline=False)
        return token.translate(_TO_URL, b"=").decode("ascii")

    def read(self, purpose: str, token: str) -> tuple[int, ...]:
        """Return the ids that `token` was signed for.

        Raises `InvalidToken` when it was altered, is for another purpose, or the key that signed it is not known.
        """
        signed = _decode(token)
        payload, tag = signed[:-_TAG], signed[-_TAG:]
        # every key is tried, so that two secrets whose ids collide (1 in 256) do no harm
        genuine = [hmac.compare_digest(key.tag(purpose, payload), tag) for key in self._keys if key.id == payload[0]]
        if not any(genuine):
            raise InvalidToken(
                "This link is not valid: it was altered or cut, or it is too old. Use the one in the mail."
            )
        return _unpack(payload)


@dataclass(frozen=True)
class _Key:
    id: int
    tag: Callable[[str, bytes], bytes]

    @classmethod
    def from_secret(cls, secret: str) -> _Key:
        if len(secret) < MINIMUM_SECRET:
            raise Refused(f"A secret key has to have {MINIMUM_SECRET} characters or more; this one has {len(secret)}.")
        master = secret.encode()

        @cache  # a handful of purposes; hashing a copy of the keyed state is twice as fast as keying anew
        def keyed(purpose: str) -> hmac.HMAC:
            return hmac.new(hmac.digest(master, b"purpose " + purpose.encode(), "sha256"), digestmod="sha256")

        def tag(purpose: str, payload: bytes) -> bytes:
            state = keyed(purpose).copy()
            state.update(payload)
            return state.digest()[:_TAG]

        return cls(id=hmac.digest(master, b"key id", "sha256")[0], tag=tag)


def _pack(number: int) -> bytes:
    length = (number.bit_length() + 7) >> 3
    return b"%c%b" % (length, number.to_bytes(length, "big"))


def _unpack(payload: bytes) -> tuple[int, ...]:
    ids, at = [], 2
    while at < len(payload):
        end = at + 1 + payload[at]
        ids.append(int.from_bytes(payload[at + 1 : end], "big"))
        at = end
    return tuple(ids)


def _decode(token: str) -> bytes:
    """Undo the base64url; only the one spelling that `sign` writes is accepted."""
    try:
        standard = token.encode("ascii").translate(_FROM_URL)
        signed = binascii.a2b_base64(standard + b"=" * (-len(standard) % 4), strict_mode=True)
    except ValueError:
        signed = b""
    respelled = binascii.b2a_base64(signed, newline=False).translate(_TO_URL, b"=").decode("ascii")
    if len(signed) < 2 + _TAG or respelled != token:
        raise InvalidToken("This link is not complete: it was cut or changed on its way. Use the one in the mail.")
    return signed

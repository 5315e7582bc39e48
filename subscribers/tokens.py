"""Signed links: who a link is for and what it may do, without a login and without a row in the database.

A token is the base64url form (RFC 4648 section 5, no padding) of

    key id (1 byte) ‖ number of ids (1 byte) ‖ per id: length (1 byte), big-endian bytes ‖ tag (16 bytes)

where the tag is HMAC-SHA256 (RFC 2104) over all that stands before it, truncated to 128 bits (section 5 there), under
a key derived from the secret for this one purpose: a link that shows a mail cannot be used to unsubscribe. It holds
ids of ours and never an address. It does not expire: a link to unsubscribe has to work in a mail of years ago.
"""

from __future__ import annotations

import hmac
from binascii import a2b_base64, b2a_base64
from hashlib import sha256
from typing import TYPE_CHECKING

from subscribers.errors import InvalidToken, Refused

if TYPE_CHECKING:
    from collections.abc import Callable
    from hashlib import _Hash

MINIMUM_SECRET = 32
"""Characters: 128 bits even when written in hexadecimal."""

_TAG = 16
_LENGTHS = tuple(bytes((length,)) for length in range(9))
_TO_URL = bytes.maketrans(b"+/", b"-_")
_FROM_URL = bytes.maketrans(b"-_", b"+/")


class Signer:
    """Signs with the current secret, reads what it or one of the previous ones has signed.

    To change the secret, put the new one in front and keep the old one behind it for as long as its links shall work.
    """

    def __init__(self, current: str, *previous: str) -> None:
        """Refuse secrets shorter than `MINIMUM_SECRET` characters."""
        self._secrets = (current, *previous)
        self._keys = tuple(_Key(secret) for secret in self._secrets)

    @property
    def key_id(self) -> int:
        """Which secret signs, as tokens name it; it does not say which secret that is."""
        return self._keys[0].id

    def preferring(self, key_id: int) -> Signer:
        """Return what signs with the secret of that id; with the current one, where that is not known (any more)."""
        known = [secret for secret, key in zip(self._secrets, self._keys, strict=True) if key.id == key_id]
        return Signer(*dict.fromkeys([*known, *self._secrets]))

    def sign(self, purpose: str, *ids: int) -> str:
        """Return a token for `ids` (1 or more, each from 0 to 2**64 - 1), good for `purpose` alone."""
        *leading, last = ids
        return self.series(purpose, *leading)(last).decode("ascii")

    def series(self, purpose: str, *leading: int) -> Callable[[int], bytes]:
        """Return what signs `leading` and one more id, in ASCII: for a million links that differ in the last id.

        Keying is done here, once: it is most of the time that one token takes.
        """
        key = self._keys[0]
        beginning = b"%c%c%b" % (key.id, len(leading) + 1, b"".join(map(_packed, leading)))
        keyed_inner, keyed_outer = key.keyed(purpose, beginning)

        def sign(last: int) -> bytes:
            """Do as `_packed` and `mac` do, without calling them: three links a mail make it worth that."""
            length = (last.bit_length() + 7) >> 3
            packed = _LENGTHS[length] + last.to_bytes(length, "big")
            inner, outer = keyed_inner.copy(), keyed_outer.copy()
            inner.update(packed)
            outer.update(inner.digest())
            return b2a_base64(beginning + packed + outer.digest()[:_TAG], newline=False).translate(_TO_URL, b"=")

        return sign

    def read(self, purpose: str, token: str) -> tuple[int, ...]:
        """Return the ids that `token` was signed for.

        Raises `InvalidToken` when it was altered, is for another purpose, or the key that signed it is not known.
        """
        signed = _decoded(token)
        payload, tag = signed[:-_TAG], signed[-_TAG:]
        # every key is tried, so that two secrets whose ids collide (1 in 256) do no harm
        genuine = [hmac.compare_digest(key.mac(purpose)(payload), tag) for key in self._keys if key.id == payload[0]]
        if not any(genuine):
            raise InvalidToken(
                "This link is not valid: it was altered, or is no longer in use. Take the one in the mail."
            )
        return _unpacked(payload)

    def fingerprints(self, text: str) -> tuple[str, ...]:
        """Return keyed hashes of `text`, one by each secret, the current one first: to know it again, never to read it.

        HMAC-SHA256 in hexadecimal, under a key of its own purpose; without a secret nobody can try what it may be of.
        """
        return tuple(key.fingerprint(text.encode()) for key in self._keys)


def is_token(text: str) -> bool:
    """Say whether `text` has the form of a token, whoever signed it and whatever for."""
    try:
        payload = _decoded(text)[:-_TAG]
    except InvalidToken:
        return False
    at, ids = 2, 0
    while at < len(payload):
        at, ids = at + 1 + payload[at], ids + 1
    return at == len(payload) and ids == payload[1] > 0


class _Key:
    """One secret: a key for each purpose, and the id that tokens name it by."""

    def __init__(self, secret: str) -> None:
        if len(secret) < MINIMUM_SECRET:
            raise Refused(f"A secret key has to have {MINIMUM_SECRET} characters or more; this one has {len(secret)}.")
        self._master = secret.encode()
        self.id = hmac.digest(self._master, b"key id", "sha256")[0]
        self._fingerprinting = hmac.digest(self._master, b"fingerprint", "sha256")

    def fingerprint(self, text: bytes) -> str:
        """Return the keyed hash of `text`."""
        return hmac.digest(self._fingerprinting, text, "sha256").hex()

    def keyed(self, purpose: str, beginning: bytes = b"") -> tuple[_Hash, _Hash]:
        """Return both hashes of HMAC as they are after the key, the inner one after `beginning` as well.

        To be copied for each message (RFC 2104, section 4): a third of the time of `hmac.digest`, which keys them anew.
        """
        block = hmac.digest(self._master, b"purpose " + purpose.encode(), "sha256").ljust(sha256().block_size, b"\0")
        inner, outer = (bytes(byte ^ pad for byte in block) for pad in (0x36, 0x5C))
        return sha256(inner + beginning), sha256(outer)

    def mac(self, purpose: str) -> Callable[[bytes], bytes]:
        """Return what makes the tag of a payload."""
        keyed_inner, keyed_outer = self.keyed(purpose)

        def tag(payload: bytes) -> bytes:
            inner, outer = keyed_inner.copy(), keyed_outer.copy()
            inner.update(payload)
            outer.update(inner.digest())
            return outer.digest()[:_TAG]

        return tag


def _packed(number: int) -> bytes:
    length = (number.bit_length() + 7) >> 3
    return _LENGTHS[length] + number.to_bytes(length, "big")


def _unpacked(payload: bytes) -> tuple[int, ...]:
    ids, at = [], 2
    while at < len(payload):
        end = at + 1 + payload[at]
        ids.append(int.from_bytes(payload[at + 1 : end], "big"))
        at = end
    return tuple(ids)


def _decoded(token: str) -> bytes:
    """Undo the base64url; only the one spelling that `sign` writes is accepted."""
    try:
        standard = token.encode("ascii").translate(_FROM_URL)
        signed = a2b_base64(standard + b"=" * (-len(standard) % 4), strict_mode=True)
    except ValueError:
        signed = b""
    respelled = b2a_base64(signed, newline=False).translate(_TO_URL, b"=").decode("ascii")
    if len(signed) < 2 + _TAG or respelled != token:
        raise InvalidToken("This link is not complete: it was cut or changed on its way. Take the one in the mail.")
    return signed

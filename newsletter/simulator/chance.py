"""Chance that can be repeated: the same seed and the same subject always draw the same numbers, in whatever order."""

from __future__ import annotations

import struct
from hashlib import blake2b

_DRAWS = struct.Struct(">4Q")
_RANGE = float(1 << 64)


class Chance:
    """Draws by hashing what is drawn for, so that neither threads, retries nor restarts change an outcome."""

    def __init__(self, seed: int) -> None:
        self._key = seed.to_bytes(16, "big", signed=True)

    def draws(self, *about: str) -> tuple[float, float, float, float]:
        """Return four independent numbers, each at least 0 and below 1."""
        digest = blake2b("\0".join(about).encode(), key=self._key, digest_size=_DRAWS.size).digest()
        first, second, third, fourth = _DRAWS.unpack(digest)
        return first / _RANGE, second / _RANGE, third / _RANGE, fourth / _RANGE

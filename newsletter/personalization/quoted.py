"""Quoted-printable (RFC 2045 section 6.7) in pieces that can be joined in any order.

Each piece starts at column 0 and ends at a line end: one of its own, or a soft one that the reader does not see.
So a piece is encoded once, alone, and any sequence of pieces decodes to the same sequence of texts.
"""

from __future__ import annotations

import re
from binascii import b2a_qp
from functools import lru_cache

SOFT_BREAK = b"=\r\n"

_AS_IT_IS = re.compile(r"[ -<>-~]{1,75}")
"""Addresses and the like: what is encoded as itself, in one line that has room for the soft break."""

_BEFORE_LINE_END = re.compile(r"(?<=[ \t])(?=\n)")
"""b2a_qp writes a space at a line's end as =20 without looking whether the line has room for it."""


def quoted(text: str) -> bytes:
    """Encode `text` (LF line ends): lines of up to 76 characters, CRLF, the last one ended.

    An empty text is an empty piece. Raises ValueError on a carriage return, which `b2a_qp` would leave as it is.
    """
    if _AS_IT_IS.fullmatch(text):
        return text.encode("ascii") + SOFT_BREAK
    if "\r" in text:
        raise ValueError(f"a carriage return in a text that has LF line ends: {text[:80]!r}")
    if " \n" in text or "\t\n" in text:
        return b"".join(map(_piece, _BEFORE_LINE_END.split(text)))
    return _piece(text)


quoted_once = lru_cache(maxsize=2048)(quoted)
"""`quoted` for the fragments of editions: the variants of a campaign share them, so each is encoded once."""


def _piece(text: str) -> bytes:
    # The mark behind the text is not part of it: without one, b2a_qp lets the last line grow to 76 characters,
    # which leaves no room for the soft break.
    piece = b2a_qp(text.encode() + b"|").replace(b"\n", b"\r\n")[:-1]
    return piece if not piece or piece.endswith(b"\n") else piece + SOFT_BREAK

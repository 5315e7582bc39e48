"""Words as the model holds them, and as they are compared.

The model holds Unicode in composed form (NFC) with every run of white space, no-break spaces among it, folded to one
plain space: where a no-break space belongs is a matter of typography, which rendering settles per language.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_UNWANTED = re.compile("[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")
"""Control characters but white space, lone surrogates, byte order marks in the middle, and what is no character."""
_APOSTROPHES = str.maketrans(dict.fromkeys("’‘`\u02bc\u00b4", "'"))
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−", "-"))  # noqa: RUF001 - these are what is folded
_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "\u0131": "i", "đ": "d", "ł": "l"})
_INVISIBLE = re.compile("[\u00ad\u200b\u2060\ufeff]")
_PARAGRAPH = re.compile(r"\n\s*\n")


def fold(text: str) -> str:
    """Return `text` on one line: composed, without control characters, white space folded."""
    return " ".join(unicodedata.normalize("NFC", _UNWANTED.sub("", text)).split())


def fold_paragraphs(text: str) -> str:
    """Return `text` folded within its paragraphs, which stay separated by one empty line."""
    return "\n\n".join(folded for part in _PARAGRAPH.split(text) if (folded := fold(part)))


def visible(text: str) -> str:
    """Return `text` without marks of no width: soft hyphens, zero-width spaces, joiners of words."""
    return _INVISIBLE.sub("", text)


@lru_cache(maxsize=2048)
def key(text: str) -> str:
    """Return `text` as it is compared: without case, accents, ligatures, invisible marks and kinds of dash."""
    folded = fold(visible(text)).casefold()
    if not folded.isascii():
        parted = unicodedata.normalize("NFKD", folded.translate(_LIGATURES))
        folded = fold("".join(letter for letter in parted if not unicodedata.combining(letter)).translate(_DASHES))
    return folded.translate(_APOSTROPHES)

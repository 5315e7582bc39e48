"""Words as the model holds them, and as they are compared.

The model holds Unicode in composed form (NFC) with every run of white space, no-break spaces among it, folded to one
plain space: where a no-break space belongs is a matter of typography, which rendering settles per language.
"""

from __future__ import annotations

import re
import unicodedata

_UNWANTED = {"Cc", "Cs"}
_NO_TEXT = "\ufeff\ufffe\uffff"
"""A byte order mark in the middle, and what is no character: databases or XML refuse them."""
_WHITE = "\t\n\v\f\r\x1c\x1d\x1e\x1f\x85"
_APOSTROPHES = str.maketrans(dict.fromkeys("’‘`\u02bc\u00b4", "'"))
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−", "-"))  # noqa: RUF001 - these are what is folded
_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "\u0131": "i", "đ": "d", "ł": "l"})
_INVISIBLE = re.compile("[\u00ad\u200b\u2060\ufeff]")
_PARAGRAPH = re.compile(r"\n\s*\n")


def fold(text: str) -> str:
    """Return `text` on one line: composed, without control characters, white space folded."""
    return " ".join(unicodedata.normalize("NFC", _clean(text)).split())


def fold_paragraphs(text: str) -> str:
    """Return `text` folded within its paragraphs, which stay separated by one empty line."""
    return "\n\n".join(folded for part in _PARAGRAPH.split(text) if (folded := fold(part)))


def visible(text: str) -> str:
    """Return `text` without marks of no width: soft hyphens, zero-width spaces, joiners of words."""
    return _INVISIBLE.sub("", text)


def key(text: str) -> str:
    """Return `text` as it is compared: without case, accents, ligatures, invisible marks and kinds of dash."""
    folded = unicodedata.normalize("NFKD", fold(visible(text)).casefold().translate(_LIGATURES))
    bare = "".join(letter for letter in folded if not unicodedata.combining(letter))
    return fold(bare.translate(_APOSTROPHES).translate(_DASHES))


def _clean(text: str) -> str:
    if text.isascii() and text.isprintable():
        return text
    return "".join(letter for letter in text if _wanted(letter))


def _wanted(letter: str) -> bool:
    return letter not in _NO_TEXT and (letter in _WHITE or unicodedata.category(letter) not in _UNWANTED)

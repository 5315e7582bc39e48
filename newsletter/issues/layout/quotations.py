"""Quotations: their marks, straight or curly or guillemets, and the language they are in."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from newsletter.issues.text import key
from newsletter.issues.words import WORDS

if TYPE_CHECKING:
    from collections.abc import Mapping

_CLOSING: Mapping[str, str] = {
    '"': '"',
    "“": "”“",
    "„": "“”",
    "”": "”",
    "«": "»",
    "»": "«",
    "‘": "’‘",
    "\u2039": "\u203a",
    "'": "'",
    "「": "」",
}
_SINGLE = "'‘"
"""Their closing mark is an apostrophe as well: it says nothing within the text."""
_AFTER = re.compile(r"[.,;!?…\s]*$")
_ENOUGH = 3
"""Frequent words that must be seen before a language is told."""
_CLEARLY = 1.5
"""How many times more of them than in the next language."""


def is_quoted(text: str) -> bool:
    """Whether `text` is one quotation from its first mark to its last."""
    bare = _bare(text)
    if len(bare) < 3 or bare[0] not in _CLOSING:  # noqa: PLR2004 - two marks and a word
        return False
    stop = _AFTER.sub("", bare)
    return len(stop) > 1 and stop[-1] in _CLOSING[bare[0]] and not _closes_within(stop)


def opens_quotation(text: str) -> bool:
    """Whether a quotation begins with `text` that does not end in it."""
    bare = _bare(text)
    if not bare or bare[0] not in _CLOSING or bare[0] in _SINGLE or is_quoted(bare):
        return False
    closing = _CLOSING[bare[0]]
    return bare.count(bare[0]) % 2 == 1 if bare[0] in closing else not any(mark in bare[1:] for mark in closing)


def closes_quotation(text: str, opening: str) -> bool:
    """Whether the quotation that begins with the text `opening` ends with `text`."""
    return _AFTER.sub("", _bare(text))[-1:] in tuple(_CLOSING[_bare(opening)[0]])


def unquoted(text: str) -> str:
    """Return `text` without the marks around it; a stop after the closing one stays."""
    bare = _bare(text)
    if not is_quoted(bare):
        return bare
    stop = _AFTER.sub("", bare)
    return (stop[1:-1].strip() + bare[len(stop) :].strip()).strip()


def language_of(text: str) -> str | None:
    """Tell the language of `text` by its most frequent words; None when they are too few or speak for several."""
    words = re.findall(r"[^\W\d_]+", key(text))
    scores = sorted(
        ((sum(word in _frequent(language) for word in words), language) for language in WORDS), reverse=True
    )
    (best, language), (second, _) = scores[0], scores[1]
    return language if best >= _ENOUGH and best >= _CLEARLY * second else None


@cache
def _frequent(language: str) -> frozenset[str]:
    return frozenset(key(WORDS[language].frequent).split())


def _bare(text: str) -> str:
    """Return `text` without the marks of a block quotation, or of emphasis around the whole."""
    bare = text.strip().removeprefix(">").strip()
    emphasised = re.fullmatch(r"([*_]{1,3})(?=\S)(.+?)(?<=\S)\1", bare)
    return emphasised[2] if emphasised and emphasised[2][:1] in _CLOSING else bare


def _closes_within(text: str) -> bool:
    """Whether the first mark is closed before the end: `"A" and "B"`. A mark behind a space opens a nested one."""
    opening, inner = text[0], text[1:-1]
    if opening in _SINGLE:
        return False
    if opening == '"':
        nested = inner.find('"')
        return nested >= 0 and not (nested == 0 or inner[nested - 1].isspace() or inner[nested - 1] in "([")
    depth = 1
    for letter in inner:
        depth += (letter == opening) - (letter in _CLOSING[opening] and letter != opening)
        if depth == 0:
            return True
    return False

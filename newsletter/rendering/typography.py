"""The typography of a language: quotation marks, apostrophes, no-break spaces. Pure.

French as the Lexique des règles typographiques has it: a no-break space before `:` and `%` and inside guillemets, a
narrow one before `;`, `!`, `?` and between groups of digits. Addresses and identifiers stay as they are.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

NBSP = "\u00a0"
NARROW = "\u202f"


@dataclass(frozen=True, slots=True)
class Quotes:
    """Opening and closing marks of a quotation, and of one inside it."""

    outer: tuple[str, str]
    inner: tuple[str, str]


QUOTES: Mapping[str, Quotes] = {
    "fr": Quotes((f"«{NBSP}", f"{NBSP}»"), ("“", "”")),
    "en": Quotes(("“", "”"), ("‘", "’")),
    "de": Quotes(("„", "“"), ("\u201a", "‘")),
    "ar": Quotes(("«", "»"), ("“", "”")),
}

_UNPRINTABLE = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]+")
_ODD_WHITE = re.compile(r"[\t\r\n\v\f\u2028\u2029]|  ")
_WHITE = re.compile(r"[ \t\r\n\v\f\u2028\u2029]+")
_HINTS = ("/", "@", "www.")
"""One of these is in everything that `_UNTOUCHED` finds."""
_UNTOUCHED = re.compile(
    r"""
      (?:[a-z][a-z0-9+.-]*://|mailto:|www\.)\S+   # addresses of pages
    | [\w.+-]+@[\w-]+(?:\.[\w-]+)+                # of people
    | \b10\.\d{4,9}/\S+                           # DOI
    | \b[\w-]+(?:\.[\w-]+)+/\S*                   # addresses without a scheme: example.org/page
    """,
    re.IGNORECASE | re.VERBOSE,
)


def typeset(text: str, language: str, *, before: str = "", after: str = "") -> str:
    """Return one line of text as a typesetter of `language` would set it.

    White space is folded and characters that cannot be shown are dropped, whatever the language; other rules apply
    where they are known. `before` and `after` are the neighbours of a text that is part of a longer one.
    Doing it twice changes nothing.
    """
    text = _UNPRINTABLE.sub("", text)
    if _ODD_WHITE.search(text):
        text = _WHITE.sub(" ", text)
    language = language.partition("-")[0]
    if not any(hint in text for hint in _HINTS):
        return _set(text, language, before, after)
    return "".join(
        piece if is_address else _set(piece, language, previous, following)
        for piece, is_address, previous, following in _pieces(text, before, after)
    )


def quoted(text: str, language: str) -> str:
    """Return `text`, already set, between the quotation marks of its language."""
    opening, closing = QUOTES.get(language.partition("-")[0], QUOTES["en"]).outer
    return f"{opening}{text}{closing}"


def _pieces(text: str, before: str, after: str) -> Iterator[tuple[str, bool, str, str]]:
    """Yield (piece, is it an address, the character before it, the one after it)."""
    start = 0
    for first, end in (*_addresses(text), (len(text), len(text))):
        if first > start:
            yield text[start:first], False, text[start - 1] if start else before, text[first : first + 1] or after
        yield text[first:end], True, "", ""
        start = end


def _addresses(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for word in text.split(" "):
        if any(hint in word for hint in _HINTS):
            for match in _UNTOUCHED.finditer(word):
                yield start + match.start(), start + match.end()
        start += len(word) + 1


def _set(text: str, language: str, before: str, after: str) -> str:
    text = text.replace("...", "…")
    if language in QUOTES and ('"' in text or "'" in text):
        text = _straight_quotes(text, QUOTES[language], before, after)
    rules = _RULES.get(language)
    if rules:
        present = set(text)
        for signs, pattern, replacement in rules:
            if not signs.isdisjoint(present):
                text = pattern.sub(replacement, text)
    return text


def _straight_quotes(text: str, quotes: Quotes, before: str, after: str) -> str:
    """Turn `"` and `'` into marks of quotations and apostrophes, by what stands on either side."""
    around = f"{before[-1:] or ' '}{text}{after[:1] or ' '}"
    opened = inside = False

    def mark(match: re.Match[str]) -> str:
        nonlocal opened, inside
        left, right = around[match.start()], around[match.end() + 1]
        opened = opened if left in "\"'" else _opens(left, right)
        if match.group() == '"':
            return quotes.outer[0 if opened else 1]
        if opened or (inside and not right.isalnum()):
            inside = opened
            return quotes.inner[0 if opened else 1]
        return "’"

    return re.sub("[\"']", mark, text)


def _opens(left: str, right: str) -> bool:
    return (left.isspace() or left in "([{«“„‘\u201a—–-/") and not right.isspace()


_S = f"[ {NBSP}{NARROW}]"
_DIGITS = "0123456789"
_FRENCH_MONTHS = "(?:janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre)"


_Rule: TypeAlias = tuple[frozenset[str], re.Pattern[str], str]


def _compiled(*rules: tuple[str, str, str]) -> tuple[_Rule, ...]:
    return tuple((frozenset(signs), re.compile(pattern), replacement) for signs, pattern, replacement in rules)


_RULES: Mapping[str, tuple[_Rule, ...]] = {
    "fr": _compiled(
        ("«", rf"«{_S}*(?=\S)", f"«{NBSP}"),
        ("»", rf"{_S}*»", f"{NBSP}»"),
        (":", rf"{_S}+:(?![\w/])", f"{NBSP}:"),
        (":", r"(?<=[^\W\d_]):(?=\s|$)", f"{NBSP}:"),
        (";!?", rf"{_S}+([;!?]+)(?!\w)", rf"{NARROW}\1"),
        (";!?", r"(?<=[\w)\]’”»%])([;!?]+)(?=\s|$)", rf"{NARROW}\1"),
        ("%‰€", rf"(?<=\d){_S}*([%‰€])", rf"{NBSP}\1"),
        (_DIGITS, rf"{_S}(\d{{3}})(?!\d)(?<=\d.\d{{3}})(?<!\d{{4}}.\d{{3}})", rf"{NARROW}\1"),
        (_DIGITS, rf"{_S}(?:(?<=\d.)|(?<=\der.))(?={_FRENCH_MONTHS}\b)", NBSP),
        ("°r", rf"(?<!\w)([Nn]°|[DP]r){_S}(?=\w)", rf"\1{NBSP}"),
    ),
    "de": _compiled(
        ("%‰€", rf"(?<=\d){_S}+([%‰€])", rf"{NBSP}\1"),
        (".", rf"(?<!\w)(z\.){_S}?(B\.)|(?<!\w)(d\.){_S}?(h\.)|(?<!\w)(u\.){_S}?(a\.)", rf"\1\3\5{NARROW}\2\4\6"),
    ),
}
"""By language: the signs that a rule is about, what it looks for, what it writes instead."""

"""The typography of a language: quotation marks, apostrophes, no-break spaces. Pure.

French: Lexique des règles typographiques (a no-break space before `:` and inside guillemets, a narrow one before
`;`, `!`, `?` and between groups of digits). Addresses and identifiers stay as they are.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

NBSP = "\u00a0"
NARROW = "\u202f"


@dataclass(frozen=True, slots=True)
class Quotes:
    """Opening and closing marks of a quotation, and of one inside it."""

    outer: tuple[str, str]
    inner: tuple[str, str]


_GUILLEMETS = Quotes((f"«{NBSP}", f"{NBSP}»"), ("“", "”"))
QUOTES: Mapping[str, Quotes] = {
    "fr": _GUILLEMETS,
    "en": Quotes(("“", "”"), ("‘", "’")),
    "de": Quotes(("„", "“"), ("\u201a", "‘")),
    "ar": Quotes(("«", "»"), ("“", "”")),
}

_UNTOUCHED = re.compile(
    r"""
      (?:[a-z][a-z0-9+.-]*://|mailto:|www\.)\S+   # addresses
    | [\w.+-]+@[\w-]+(?:\.[\w-]+)+                # of people
    | \b10\.\d{4,9}/\S+                           # DOI
    | \b[\w-]+(?:\.[\w-]+)+/\S*                   # addresses without a scheme: example.org/page
    """,
    re.IGNORECASE | re.VERBOSE,
)
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_WHITE = re.compile(r"[ \t\r\n\v\f\u2028\u2029]+")


def typeset(text: str, language: str, *, before: str = "", after: str = "") -> str:
    """Return one line of text as a typesetter of `language` would set it.

    White space is folded and characters that cannot be shown are dropped, whatever the language; other rules apply
    where they are known. `before` and `after` are the neighbours of a text that is part of a longer one.
    Doing it twice changes nothing.
    """
    text = _WHITE.sub(" ", _UNPRINTABLE.sub("", text))
    return "".join(
        piece if is_untouched else _set(piece, language.partition("-")[0], previous, following)
        for piece, is_untouched, previous, following in _pieces(text, before, after)
    )


def quoted(text: str, language: str) -> str:
    """Return `text`, already set, between the quotation marks of its language."""
    opening, closing = QUOTES.get(language.partition("-")[0], QUOTES["en"]).outer
    return f"{opening}{text}{closing}"


def _pieces(text: str, before: str, after: str) -> Iterator[tuple[str, bool, str, str]]:
    """Yield (piece, is it an address, the character before it, the one after it)."""
    start = 0
    for match in (*_UNTOUCHED.finditer(text), None):
        end = match.start() if match else len(text)
        if end > start:
            yield text[start:end], False, text[start - 1] if start else before[-1:], text[end : end + 1] or after[:1]
        if match:
            yield match.group(), True, "", ""
            start = match.end()


def _set(text: str, language: str, before: str, after: str) -> str:
    text = text.replace("...", "…")
    quotes = QUOTES.get(language)
    if quotes:
        text = _straight_quotes(text, quotes, before, after)
    spacing = _SPACING.get(language)
    return spacing(text) if spacing else text


def _straight_quotes(text: str, quotes: Quotes, before: str, after: str) -> str:
    """Turn `"` and `'` into marks of quotations and apostrophes, by what stands on either side."""
    around = (before or " ") + text + (after or " ")
    set_text: list[str] = []
    for index, character in enumerate(text, start=1):
        if character not in "\"'":
            set_text.append(character)
            continue
        marks = quotes.outer if character == '"' else quotes.inner
        opens = _opens(around[index - 1], around[index + 1])
        set_text.append(marks[0] if opens else "’" if character == "'" else marks[1])
    return "".join(set_text)


def _opens(left: str, right: str) -> bool:
    return (left.isspace() or left in "([{«“„‘\u201a—–-/\"'") and not right.isspace()


def _space_french(text: str) -> str:
    for pattern, replacement in _FRENCH:
        text = pattern.sub(replacement, text)
    return text


_SPACE = f"[ {NBSP}{NARROW}]"
_FRENCH = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (rf"«{_SPACE}*(?=\S)", f"«{NBSP}"),
        (rf"(?<=\S){_SPACE}*»", f"{NBSP}»"),
        (rf"{_SPACE}+:(?![\w/])", f"{NBSP}:"),
        (r"(?<=[^\W\d_]):(?=\s)", f"{NBSP}:"),
        (rf"{_SPACE}+([;!?]+)", rf"{NARROW}\1"),
        (r"(?<=[\w)\]’”»%])([;!?]+)(?=\s|$)", rf"{NARROW}\1"),
        (rf"(?<=\d){_SPACE}*([%‰€])", rf"{NBSP}\1"),
        (rf"(?<![\d,.])(\d{{1,3}}){_SPACE}(?=\d{{3}}(?:{_SPACE}\d{{3}})*(?![\d]))", rf"\1{NARROW}"),
        (rf"(?<=\d){_SPACE}(?=\d{{3}}(?![\d]))", NARROW),
        (rf"\b([Nn]°|p\.|[Dd]r|M\.|Mme|[Pp]r){_SPACE}(?=\S)", rf"\1{NBSP}"),
    )
)
_SPACING: Mapping[str, Callable[[str], str]] = {"fr": _space_french}

"""What languages are called, in many languages: a file of people may say “Deutsch”, “German” or “ألماني” for `de`."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from subscribers.importing.fields import plain

if TYPE_CHECKING:
    from collections.abc import Mapping

_NAMING = ("en", "fr", "de", "ar", "es", "it", "pt", "nl")
"""Languages that files come in; where two of them use one word, the first one's meaning counts."""
_MORE = (
    "bg bn bs ca cs cy da el et eu fa fi ga gl he hi hr hu hy id is ja ka kk ko lt lv mk ms nb nn pl ro ru sk sl sq sr "
    "sv sw ta th tr uk ur uz vi zh"
)
"""Languages whose own name is known beside that."""


@cache
def language_words() -> Mapping[str, str]:
    """Return the code of every language that the CLDR knows, by its plain name (`importing.fields.plain`)."""
    from babel import Locale  # noqa: PLC0415 - 50 ms, and a third of a second for the names: where a word is unknown

    themselves = ((code, Locale(code).languages[code]) for code in (*_NAMING, *_MORE.split()))
    named = (pair for language in _NAMING for pair in Locale(language).languages.items())
    found: dict[str, str] = {}
    for code, name in (*themselves, *named):
        for spelling in _spellings(plain(name)):
            found.setdefault(spelling, code.replace("_", "-").lower())
    return found


def _spellings(name: str) -> tuple[str, ...]:
    """Return a name, and in Arabic also without its article and as a man says it: العربية, عربية, عربي."""
    if not name.startswith("ال"):
        return (name,)
    bare = name.removeprefix("ال")
    return name, bare, bare.removesuffix("ة")

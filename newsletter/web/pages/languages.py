"""Which language a page is in. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from newsletter.personalization.languages import languages_for
from newsletter.rendering.catalogs import SOURCE_LANGUAGE, catalog_languages

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_RANGE = re.compile(r"\s*([a-zA-Z]{1,8}(?:-[a-zA-Z0-9]{1,8})*)\s*(?:;\s*q\s*=\s*([01](?:\.\d{0,3})?)\s*)?")
_LONGEST = 1_000
"""Characters of Accept-Language that are read; browsers send some thirty."""


def page_language(
    *, chosen: str = "", persons: Iterable[str] = (), accepted: str = "", default: str = SOURCE_LANGUAGE
) -> str:
    """Return the language of a page, one that labels exist in.

    What was just `chosen` by a link of the page, else the person's own, else what the browser accepts, else the list's.
    """
    wanted = [code.lower() for code in (chosen, *persons, *accepted_languages(accepted)) if code]
    known = catalog_languages()
    return languages_for(wanted, default=default, catalogs=known, written=known).reader


def accepted_languages(header: str) -> Sequence[str]:
    """Return what Accept-Language (RFC 9110, 12.5.4) asks for, best first; what cannot be read counts for nothing."""
    found = (_RANGE.fullmatch(each) for each in header[:_LONGEST].split(","))
    weighed = [(float(match[2] or 1), match[1].lower()) for match in found if match]
    return [code for weight, code in sorted(weighed, key=lambda each: -each[0]) if weight > 0]

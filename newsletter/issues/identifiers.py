"""DOIs and addresses, as they stand in a text."""

from __future__ import annotations

import re
from urllib.parse import unquote

_DOI = re.compile(r"10\.\d{4,9}/[^\s<>\[\]]+")
_ADDRESS = re.compile(r"(?:https?://[^\s/]+|mailto:[^\s@]+@[^\s@]+)", re.IGNORECASE)


def is_address(url: str) -> bool:
    """Whether `url` is an address that a mail can lead to: of a page, or of a person."""
    return _ADDRESS.match(url) is not None and not any(letter.isspace() for letter in url)


def bare_doi(text: str) -> str | None:
    """Return the DOI in `text`, without the address around it; None when there is none."""
    found = _DOI.search(unquote(text))
    return found[0].rstrip(".,;") if found else None

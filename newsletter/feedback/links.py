"""Which link of a mail was followed: the same for all its readers. Pure."""

from __future__ import annotations

import re

from newsletter.personalization.links import PREFERENCES, UNSUBSCRIBE, VIEW
from subscribers.tokens import is_token

_PERSONAL = re.compile(rf"(.*/(?:{VIEW}|{PREFERENCES}|{UNSUBSCRIBE})/)([A-Za-z0-9_-]+)(?:[?#].*)?", re.DOTALL)
_LONGEST = 2_000
"""Characters: more than any mail has."""


def common_link(link: str) -> str:
    """Return a link without what is different in every reader's mail: the token of our own pages."""
    found = _PERSONAL.fullmatch(link)
    return f"{found[1]}…" if found and is_token(found[2]) else link[:_LONGEST]

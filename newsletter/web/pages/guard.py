"""Forms that anybody may send: sent by a person who saw the page, not by a machine that fills in whatever it finds.

No cookie, no script, no picture puzzle. A form of ours carries when it was shown, signed: back within two seconds no
person was at it, after a day it is stale. One field is hidden from people and filled in by machines alone. A form on
somebody else's page carries a token without a time: browsers then say themselves that it comes from elsewhere.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import Enum, auto
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from newsletter.bootstrap.embedding import EMBEDDED, SEEN, TRAP
from subscribers.errors import InvalidToken

if TYPE_CHECKING:
    from newsletter.web.pages.asked import Asked
    from subscribers.tokens import Signer

_PURPOSE = "form"
_SOONEST = timedelta(seconds=2)
_LATEST = timedelta(days=1)


class Sent(Enum):
    """How a form came to us."""

    BY_A_PERSON = auto()
    TOO_SOON = auto()
    STALE = auto()
    """Shown more than a day ago, or not by us: to be shown again."""
    BY_A_MACHINE = auto()
    """The trap was filled in: it is told what everybody is told, and nothing is done."""


def seen(signer: Signer, list_id: int, now: datetime) -> str:
    """Return what a form carries that is shown now."""
    return signer.sign(_PURPOSE, list_id, int(now.timestamp()))


def sent(asked: Asked, signer: Signer, list_id: int, now: datetime) -> Sent:
    """Say how the form of that list came to us."""
    if asked.one(TRAP):
        return Sent.BY_A_MACHINE
    token = asked.one(SEEN)
    if _embedded(signer, list_id, token):
        return Sent.BY_A_PERSON if is_from_elsewhere(asked) else Sent.STALE
    try:
        of, shown_at = signer.read(_PURPOSE, token)
        age = now - datetime.fromtimestamp(shown_at, UTC)
    except (InvalidToken, ValueError):
        return Sent.STALE
    if of != list_id or age > _LATEST:
        return Sent.STALE
    return Sent.TOO_SOON if age < _SOONEST else Sent.BY_A_PERSON


def is_from_elsewhere(asked: Asked) -> bool:
    """Say whether a browser tells that another site's page sent this.

    Sec-Fetch-Site where there is one. Origin else; "null" is what our own pages send, since they give no referrer
    (Fetch, 3.1). A program says neither, and gains nothing by it: what a link may do, its token alone decides.
    """
    site = asked.headers.get("sec-fetch-site")
    if site is not None:
        return site not in {"same-origin", "none"}
    origin = asked.headers.get("origin", "null")
    return origin != "null" and urlsplit(origin).netloc != asked.headers.get("host", "")


def _embedded(signer: Signer, list_id: int, token: str) -> bool:
    try:
        return signer.read(EMBEDDED, token) == (list_id,)
    except InvalidToken:
        return False

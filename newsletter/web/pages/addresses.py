"""An address on a page: how much of it whoever has the link may see, and why it cannot be one. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from subscribers.address import shown
from subscribers.errors import InvalidAddress, Unreachable

if TYPE_CHECKING:
    from newsletter.web.pages.frame import Frame


def masked(email: str) -> str:
    """Return enough of an address for its owner to know it, and too little for whom the mail was passed on to."""
    local, _, domain = shown(email).rpartition("@")
    return f"{local[:1]}…@{domain}"


def unusable(frame: Frame, refusal: InvalidAddress) -> str:
    """Return why what was typed cannot be taken, and what can."""
    _ = frame.catalog.gettext
    if isinstance(refusal, Unreachable):
        return _("Mail cannot be sent to an address with letters like é or ü before the @. Please give another one.")
    return _("This is not an e-mail address. Write it like name@example.org.")

"""How an address stands on a page that whoever has the link can see. Pure."""

from __future__ import annotations

from subscribers.address import shown


def masked(email: str) -> str:
    """Return enough of an address for its owner to know it, and too little for whom the mail was passed on to."""
    local, _, domain = shown(email).rpartition("@")
    return f"{local[:1]}…@{domain}"

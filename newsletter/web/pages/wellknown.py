"""`/robots.txt` and `/favicon.ico`: what programs ask for of any site."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from starlette.responses import PlainTextResponse, Response

from newsletter.resources import folder

if TYPE_CHECKING:
    from newsletter.web.pages.asked import Asked
    from newsletter.web.pages.site import Site

_OF_ONE_PERSON = ("confirm", "preferences", "unsubscribe", "view")
_A_DAY = {"Cache-Control": "public, max-age=86400"}


def robots(site: Site, _asked: Asked) -> Response:
    """Keep search engines off what is for one person (RFC 9309); the lists and their forms are for everybody."""
    closed = [f"Disallow: {site.root}/{each}/" for each in _OF_ONE_PERSON]
    return PlainTextResponse("\n".join(("User-agent: *", *closed, "")), headers=_A_DAY)


def favicon(_site: Site, _asked: Asked) -> Response:
    """Return the icon of a tab."""
    return Response(_icon(), media_type="image/x-icon", headers=_A_DAY)


@cache
def _icon() -> bytes:
    return (folder("templates") / "static" / "favicon.ico").read_bytes()

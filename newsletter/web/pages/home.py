"""`/`: what one can subscribe to."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from newsletter.web.pages.frame import language_list

if TYPE_CHECKING:
    from starlette.responses import Response

    from newsletter.web.pages.asked import Asked
    from newsletter.web.pages.site import Site


class _Line(NamedTuple):
    slug: str
    name: str
    tagline: str
    languages: str


def home(site: Site, asked: Asked) -> Response:
    """Show every list."""
    frame = site.frame(asked, private=False)
    lines = [
        _Line(each.slug, each.name, each.branding.tagline.get(frame.language, ""), language_list(frame, each.languages))
        for each in site.pages.lists()
    ]
    return frame.show("home.html", lists=lines)

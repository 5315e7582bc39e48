"""`/style/…`: the style sheets, kept for good by browsers, for a change has another address."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import Response

from newsletter.web.pages.style import NOBODYS, colours, common, version

if TYPE_CHECKING:
    from newsletter.web.pages.asked import Asked
    from newsletter.web.pages.site import Site

_FOR_GOOD = "public, max-age=31536000, immutable"


def common_sheet(_site: Site, asked: Asked) -> Response:
    """Return the sheet of all pages."""
    return _sheet(common(), asked)


def nobodys_colours(_site: Site, asked: Asked) -> Response:
    """Return the colours of pages that belong to no list."""
    return _sheet(colours(NOBODYS), asked)


def list_colours(site: Site, asked: Asked) -> Response:
    """Return the colours of a list."""
    return _sheet(colours(site.pages.list_called(asked.path["list"]).branding), asked)


def _sheet(css: str, asked: Asked) -> Response:
    # a page that is older than the sheet gets the newer one, and keeps it under the wrong address no longer than needed
    current = asked.path["version"] == version(css)
    return Response(css, media_type="text/css", headers={"Cache-Control": _FOR_GOOD if current else "no-cache"})

"""Every page and its address. docs/pages.md describes each; a test holds the two together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.routing import Route

from newsletter.web.pages import errors
from newsletter.web.pages.asked import Asked
from newsletter.web.pages.confirm import confirm
from newsletter.web.pages.home import home
from newsletter.web.pages.preferences import preferences
from newsletter.web.pages.sheets import common_sheet, list_colours, nobodys_colours
from newsletter.web.pages.site import endpoint
from newsletter.web.pages.subscribe import subscribe
from newsletter.web.pages.unsubscribe import unsubscribe
from newsletter.web.pages.view import view

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from starlette.requests import Request
    from starlette.responses import Response

    from newsletter.web.pages.site import Site


def page_routes(site: Site) -> Sequence[Route]:
    """Return the routes of the pages."""
    both = ["GET", "POST"]
    return [
        Route("/", endpoint(site, home)),
        Route("/subscribe/{list}", endpoint(site, subscribe), methods=both),
        Route("/confirm/{token}", endpoint(site, confirm), methods=both),
        Route("/preferences/{token}", endpoint(site, preferences), methods=both),
        Route("/unsubscribe/{token}", endpoint(site, unsubscribe, limited=False), methods=both),
        Route("/view/{token}", endpoint(site, view)),
        Route("/style/pages/{version}.css", endpoint(site, common_sheet, limited=False)),
        Route("/style/colours/{version}.css", endpoint(site, nobodys_colours, limited=False)),
        Route("/style/list/{list}/{version}.css", endpoint(site, list_colours, limited=False)),
    ]


def not_found(site: Site) -> Callable[[Request, Exception], Awaitable[Response]]:
    """Return what answers where there is no page."""

    async def answer(request: Request, _error: Exception) -> Response:
        asked = Asked(
            method=request.method,
            path={},
            address=request.url.path,
            query=dict(request.query_params),
            headers=dict(request.headers),
        )
        return errors.missing(site.frame(asked))

    return answer

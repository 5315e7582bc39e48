"""Every page and its address. docs/pages.md describes each; a test holds the two together."""

from __future__ import annotations

from http import HTTPStatus
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
from newsletter.web.pages.wellknown import favicon, robots

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

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
        Route("/robots.txt", endpoint(site, robots, limited=False)),
        Route("/favicon.ico", endpoint(site, favicon, limited=False)),
        Route("/style/pages/{version}.css", endpoint(site, common_sheet, limited=False)),
        Route("/style/colours/{version}.css", endpoint(site, nobodys_colours, limited=False)),
        Route("/style/list/{list}/{version}.css", endpoint(site, list_colours, limited=False)),
    ]


def not_answered(site: Site) -> Mapping[int, Callable[[Request, Exception], Awaitable[Response]]]:
    """Return what answers where there is no page, and where one does not take what was sent, by status."""

    async def missing(request: Request, _error: Exception) -> Response:
        return errors.missing(site.frame(_unread(request)))

    async def not_taken(request: Request, error: Exception) -> Response:
        headers = getattr(error, "headers", None) or {}
        return errors.not_taken(site.frame(_unread(request)), headers.get("Allow", ""))

    return {HTTPStatus.NOT_FOUND: missing, HTTPStatus.METHOD_NOT_ALLOWED: not_taken}


def _unread(request: Request) -> Asked:
    """Return a request as far as the language of an answer needs it."""
    return Asked(
        method=request.method,
        path={},
        address=request.url.path,
        query=dict(request.query_params),
        headers=dict(request.headers),
    )

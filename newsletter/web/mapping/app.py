"""Who is let in to the page, and to where; what stands around every answer.

- The Host has to be this machine's loopback and port, which no name that an attacker's DNS leads here is
  (DNS rebinding).
- The ticket is spent by the first GET of a person; what a browser fetches ahead of them gets nothing.
- A form carries a token of the page, and comes from no other site.
"""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from newsletter.web.headers import SecurityHeaders
from newsletter.web.mapping.columns import columns
from newsletter.web.mapping.messages import broken, not_from_here, used
from newsletter.web.mapping.rows import rows
from newsletter.web.pages.asked import Unreadable, read
from newsletter.web.pages.errors import where
from newsletter.web.pages.guard import is_from_elsewhere
from newsletter.web.pages.style import colours, common

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request

    from newsletter.web.mapping.sitting import Sitting
    from newsletter.web.pages.asked import Asked

    Handler = Callable[[Sitting, Asked], Response]

_log = logging.getLogger(__name__)


def create_app(sitting: Sitting) -> Starlette:
    """Return the application: the ticket, the two pages behind it, and their style sheets."""
    both = ["GET", "POST"]
    return Starlette(
        routes=[
            Route("/{ticket}", _endpoint(sitting, _admit)),
            Route("/{session}/", _endpoint(sitting, columns), methods=both),
            Route("/{session}/rows", _endpoint(sitting, rows), methods=both),
            Route("/style/pages/{version}.css", _endpoint(sitting, _common)),
            Route("/style/list/{list}/{version}.css", _endpoint(sitting, _colours)),
        ],
        middleware=[Middleware(SecurityHeaders, https=False)],
        exception_handlers={HTTPStatus.NOT_FOUND: _nothing},
    )


def _endpoint(sitting: Sitting, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    hosts = {f"127.0.0.1:{sitting.port}", f"localhost:{sitting.port}"}

    async def answer(request: Request) -> Response:
        if request.headers.get("host", "").lower() not in hosts:
            return _plain(HTTPStatus.MISDIRECTED_REQUEST)
        if "session" in request.path_params and not sitting.knows(request.path_params["session"]):
            return _plain(HTTPStatus.NOT_FOUND)
        try:
            asked = await read(request, ())
        except Unreadable:
            return _plain(HTTPStatus.BAD_REQUEST)
        return await run_in_threadpool(_answered, sitting, handler, asked)

    return answer


def _answered(sitting: Sitting, handler: Handler, asked: Asked) -> Response:
    if asked.method == "POST" and (is_from_elsewhere(asked) or not sitting.is_ours(asked.one("token"))):
        return not_from_here(sitting.frame(asked))
    try:
        return handler(sitting, asked)
    except Exception as error:  # noqa: BLE001 - whatever it is, its reader gets a page
        _log.error("A page could not be made: %s at %s.", type(error).__name__, where(error))
        return broken(sitting.frame(asked))


def _admit(sitting: Sitting, asked: Asked) -> Response:
    purpose = asked.headers.get("sec-purpose", asked.headers.get("purpose", ""))
    if asked.method != "GET" or "prefetch" in purpose:
        return _plain(HTTPStatus.SERVICE_UNAVAILABLE)
    first = sitting.admit(asked.path["ticket"])
    if first is None:
        return _plain(HTTPStatus.NOT_FOUND)
    if not first:
        return used(sitting.frame(asked))
    return RedirectResponse(f"/{sitting.session}/", HTTPStatus.SEE_OTHER, {"Cache-Control": "no-store"})


def _common(_sitting: Sitting, _asked: Asked) -> Response:
    return _sheet(common())


def _colours(sitting: Sitting, _asked: Asked) -> Response:
    return _sheet(colours(sitting.desk.publication.branding))


def _sheet(css: str) -> Response:
    # kept, for the last page is shown while the command that serves it comes to its end
    return Response(css, media_type="text/css", headers={"Cache-Control": "private, max-age=86400"})


def _plain(status: HTTPStatus) -> Response:
    return PlainTextResponse(f"{status.phrase}\n", status, {"Cache-Control": "no-store"})


async def _nothing(_request: Request, _error: Exception) -> Response:
    return _plain(HTTPStatus.NOT_FOUND)

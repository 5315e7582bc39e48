"""What is answered: a page that says what this is, and /healthz."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import HTMLResponse, JSONResponse
from starlette.routing import Route

from newsletter.web.headers import SecurityHeaders

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request
    from starlette.responses import Response

    from newsletter.bootstrap.health import Health

_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Newsletter</title>
<h1>Newsletter</h1>
<p>This machine sends newsletters to people who asked for them. Links in its mails lead here.</p>
<p>To leave a list, use the link at the foot of any of its mails.</p>
</html>
"""


def create_app(health: Callable[[], Health], *, https: bool) -> Starlette:
    """Return the application. `health` is asked at every /healthz; `https`: readers reach it by nothing else."""

    def healthz(_request: Request) -> Response:
        found = health()
        return JSONResponse(found.as_json(), 200 if found.ok else 503, {"Cache-Control": "no-store"})

    return Starlette(
        routes=[Route("/", _page), Route("/healthz", healthz)], middleware=[Middleware(SecurityHeaders, https=https)]
    )


async def _page(_request: Request) -> Response:
    return HTMLResponse(_PAGE)

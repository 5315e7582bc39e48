"""What is answered: the pages, /healthz, and what SNS posts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import JSONResponse
from starlette.routing import Route

from newsletter.web.headers import SecurityHeaders
from newsletter.web.pages.routes import not_answered, page_routes

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request
    from starlette.responses import Response

    from newsletter.bootstrap.health import Health
    from newsletter.feedback.webhook import Webhook
    from newsletter.web.pages.site import Site


def create_app(health: Callable[[], Health], site: Site, *, https: bool, webhook: Webhook | None = None) -> Starlette:
    """Return the application. `health` is asked at every /healthz; `https`: readers reach it by nothing else.

    `webhook` takes in what SNS posts; without one, nothing is there.
    """

    def healthz(_request: Request) -> Response:
        found = health()
        return JSONResponse(found.as_json(), 200 if found.ok else 503, {"Cache-Control": "no-store"})

    routes = [Route("/healthz", healthz), *page_routes(site)]
    if webhook is not None:
        from newsletter.web.sns import PATH, sns_endpoint  # noqa: PLC0415 - cryptography is not small

        routes.append(Route(PATH, sns_endpoint(webhook), methods=["POST"]))
    return Starlette(
        routes=routes,
        middleware=[Middleware(SecurityHeaders, https=https)],
        exception_handlers=not_answered(site),
    )

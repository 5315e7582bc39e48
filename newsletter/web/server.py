"""Runs the web part: HTTP on one address, until it is told to stop."""

from __future__ import annotations

import socket
from functools import partial
from threading import Thread
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import uvicorn

from newsletter.bootstrap.feedback import webhook
from newsletter.bootstrap.health import health
from newsletter.bootstrap.pages import pages
from newsletter.bootstrap.parts import Part
from newsletter.errors import FixConfiguration
from newsletter.web.app import create_app
from newsletter.web.pages.site import Site

if TYPE_CHECKING:
    from collections.abc import Callable
    from threading import Event

    from starlette.applications import Starlette

    from newsletter.bootstrap.installation import Newsletter
    from newsletter.bootstrap.parts import Pulse

_LAST_ANSWERS = 5
"""Seconds that answers under way have at the end."""


def web_part(newsletter: Newsletter, pulse: Pulse, *, host: str, port: int, ready: Callable[[str], None]) -> Part:
    """Listen on that address and return what serves there; see `bootstrap.parts.Web`."""
    listening = _listening(host, port)
    https = newsletter.settings.public_url.startswith("https:")
    app = create_app(partial(health, newsletter, pulse), site_of(newsletter), https=https, webhook=webhook(newsletter))
    shown = f"[{host}]" if ":" in host else host
    ready(f"http://{shown}:{listening.getsockname()[1]}")
    return Part(name="web", run=partial(serve, app, listening))


def site_of(newsletter: Newsletter) -> Site:
    """Return what the handlers of pages have at hand."""
    settings = newsletter.settings
    root = urlsplit(settings.public_url).path.rstrip("/")
    return Site(pages=pages(newsletter), root=root, trusted=settings.trusted_proxies)


def _listening(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        raise FixConfiguration(
            f"Nothing can be served at {host} port {port}: {error.strerror}. Choose another with --host and --port."
        ) from error


def serve(app: Starlette, listening: socket.socket, stop: Event) -> None:
    """Answer with `app` whoever comes to that socket, until the event is set and the answers under way are given."""
    # no access log: paths hold signed links, and who asked for what is nobody's business
    config = uvicorn.Config(
        app, log_config=None, access_log=False, server_header=False, ws="none", lifespan="off",
        proxy_headers=False,  # whose word counts is a setting of ours
        timeout_graceful_shutdown=_LAST_ANSWERS,
    )  # fmt: skip
    server = uvicorn.Server(config)
    Thread(target=_pass_on, args=(stop, server), daemon=True).start()
    server.run(sockets=[listening])


def _pass_on(stop: Event, server: uvicorn.Server) -> None:
    stop.wait()
    server.should_exit = True

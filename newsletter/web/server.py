"""Runs the web part: HTTP on one address, until it is told to stop."""

from __future__ import annotations

import socket
from functools import partial
from threading import Thread
from typing import TYPE_CHECKING

import uvicorn

from newsletter.bootstrap.health import health
from newsletter.bootstrap.parts import Part
from newsletter.errors import FixConfiguration
from newsletter.web.app import create_app

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
    app = create_app(partial(health, newsletter, pulse), https=newsletter.settings.public_url.startswith("https:"))
    shown = f"[{host}]" if ":" in host else host
    ready(f"http://{shown}:{listening.getsockname()[1]}")
    return Part(name="web", run=partial(_serve, app, listening))


def _listening(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        raise FixConfiguration(
            f"Nothing can be served at {host} port {port}: {error.strerror}. Choose another with --host and --port."
        ) from error


def _serve(app: Starlette, listening: socket.socket, stop: Event) -> None:
    # no access log: paths hold signed links, and who asked for what is nobody's business
    config = uvicorn.Config(
        app, log_config=None, access_log=False, server_header=False, ws="none", lifespan="off",
        timeout_graceful_shutdown=_LAST_ANSWERS,
    )  # fmt: skip
    server = uvicorn.Server(config)
    Thread(target=_pass_on, args=(stop, server), daemon=True).start()
    server.run(sockets=[listening])


def _pass_on(stop: Event, server: uvicorn.Server) -> None:
    stop.wait()
    server.should_exit = True

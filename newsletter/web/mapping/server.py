"""Serves the page beside the command that asked for it, on loopback and a free port."""

from __future__ import annotations

import socket
from contextlib import contextmanager
from threading import Event, Thread
from typing import TYPE_CHECKING

from newsletter.errors import FixConfiguration
from newsletter.web.mapping.app import create_app
from newsletter.web.mapping.sitting import Sitting
from newsletter.web.server import serve

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from newsletter.bootstrap.mapping import Desk

_LOOPBACK = "127.0.0.1"
_PATIENCE = 10.0
"""Seconds for the last answer to leave."""


@contextmanager
def mapping_page(desk: Desk, *, ready: Callable[[str], None]) -> Iterator[None]:
    """Serve while the context lasts; see `bootstrap.mapping.MappingPage`. Raises FixConfiguration without a port."""
    try:
        listening = socket.create_server((_LOOPBACK, 0))
    except OSError as error:
        raise FixConfiguration(
            f"No page can be served at {_LOOPBACK}: {error.strerror}. Say what the columns are with --map instead."
        ) from error
    sitting = Sitting(desk=desk, port=listening.getsockname()[1])
    stop = Event()
    thread = Thread(target=serve, args=(create_app(sitting), listening, stop), name="mapping", daemon=True)
    thread.start()
    try:
        ready(f"http://{_LOOPBACK}:{sitting.port}/{sitting.ticket}")
        yield
    finally:
        desk.close()
        stop.set()
        thread.join(_PATIENCE)

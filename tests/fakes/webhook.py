"""A web address on loopback that takes what is posted to it, keeps it, and answers as it was told."""

from __future__ import annotations

import contextlib
import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue
from typing import TYPE_CHECKING, Any

from tests.fixtures.patience import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True)
class Posted:
    """One request, as it came."""

    headers: dict[str, str]
    body: bytes

    def json(self) -> dict[str, Any]:
        """Return the body, which is an object."""
        said: dict[str, Any] = json.loads(self.body)
        return said


@dataclass
class Webhook:
    """`answers` are statuses for the next requests; after them every request gets 200."""

    url: str
    answers: list[int] = field(default_factory=list)
    location: str = "/"
    _posted: Queue[Posted] = field(default_factory=Queue)

    def next(self) -> Posted:
        """Wait for the next request and return it."""
        return self._posted.get(timeout=PATIENCE)

    @property
    def is_empty(self) -> bool:
        """Whether every request that has come was looked at."""
        return self._posted.empty()

    def take(self, posted: Posted) -> int:
        """Keep a request and return the status to answer with."""
        status = self.answers.pop(0) if self.answers else 200
        self._posted.put(posted)
        return status


@contextlib.contextmanager
def webhook() -> Iterator[Webhook]:
    """Listen on a free port while the context lasts."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    server.hook = Webhook(f"http://127.0.0.1:{server.server_port}/ses")  # type: ignore[attr-defined]  # the server has no place for it
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server.hook  # type: ignore[attr-defined]  # the server has no place for it
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        hook: Webhook = self.server.hook  # type: ignore[attr-defined]  # the server has no place for it
        headers = {name.lower(): value for name, value in self.headers.items()}
        status = hook.take(Posted(headers, self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(status)
        if 300 <= status < 400:
            self.send_header("Location", hook.location)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""

"""A web server on loopback, with or without TLS, that answers as it was told and remembers what it was asked."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass
class Site:
    """What it answers, by method; 404 is what a web part says to a link of nobody."""

    url: str = ""
    answers: dict[str, int] = field(default_factory=lambda: {"GET": 404, "POST": 404})
    body: bytes = b""
    """What every answer says."""
    ends: bool = False
    """Whether an answer announces the end of its connection."""
    asked: list[tuple[str, str, bytes]] = field(default_factory=list)
    """Method, path and body of each request."""
    headers: list[dict[str, str]] = field(default_factory=list)
    """Of each request, by lower-case name."""
    connections: list[socket.socket] = field(default_factory=list)
    """The one of each request."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Say nothing: a client that does not trust the certificate hangs up."""


@contextlib.contextmanager
def web_server(tls: ssl.SSLContext | None = None, *, keeps_open: bool = False) -> Iterator[Site]:
    """Listen on a free port of localhost while the context lasts."""
    site = Site()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1" if keeps_open else "HTTP/1.0"

        def do_GET(self) -> None:
            self._answer()

        def do_POST(self) -> None:
            self._answer()

        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            site.asked.append((self.command, self.path, body))
            site.headers.append({name.lower(): value for name, value in self.headers.items()})
            site.connections.append(self.connection)
            status = site.answers[self.command]
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("Location", "https://elsewhere.example/")
            if site.ends:
                self.send_header("Connection", "close")
            self.send_header("Content-Length", str(len(site.body)))
            self.end_headers()
            self.wfile.write(site.body)

    server = _Server(("127.0.0.1", 0), Handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    site.url = f"{'https' if tls else 'http'}://localhost:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

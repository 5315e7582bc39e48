"""Connections to one host, kept open: HTTP/1.1 by the standard library, one request at a time on each.

What can happen is named as the SDK names it (`botocore.exceptions`), for its callers tell failures apart by that.
"""

from __future__ import annotations

import select
import socket
import ssl
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from botocore import exceptions as boto

if TYPE_CHECKING:
    from collections.abc import Mapping
    from http.client import HTTPMessage


class Said(NamedTuple):
    """An answer."""

    status: int
    headers: HTTPMessage
    content: bytes


class Connections:
    """To one host; one for all threads."""

    def __init__(
        self, host: str, *, connect_timeout: float, read_timeout: float, most: int, context: ssl.SSLContext | None
    ) -> None:
        """Open none yet; keep up to `most`. `host`: a URL without a path; `context`: whom to trust, if by TLS."""
        self._host = host
        self._connect_timeout, self._read_timeout = connect_timeout, read_timeout
        self._most = most
        self._context = context
        self._idle: list[HTTPConnection] = []

    def exchange(self, method: str, url: str, body: bytes, headers: Mapping[str, str]) -> Said:
        """Send a request to `url`, once, and return what is answered.

        Raises EndpointConnectionError, ConnectTimeoutError or SSLError when no byte of it was sent; after that
        ReadTimeoutError, ConnectionClosedError or HTTPClientError.
        """
        connection = self._lent() or self._opened(url)
        try:
            connection.request(method, url.removeprefix(self._host) or "/", body, headers)
            response = connection.getresponse()
            said = Said(response.status, response.headers, response.read())
        except BaseException as error:
            connection.close()  # nobody will read the answer
            if isinstance(error, (OSError, HTTPException)):
                raise _named(error, url) from error
            raise
        self._take_back(connection)
        return said

    def close(self) -> None:
        """Close those that nobody uses."""
        while self._idle:
            self._idle.pop().close()

    def _lent(self) -> HTTPConnection | None:
        """Return one that was kept and that the other side did not close meanwhile."""
        while True:
            try:
                connection = self._idle.pop()  # the one used last
            except IndexError:
                return None
            if not _is_dropped(connection):
                return connection
            connection.close()

    def _take_back(self, connection: HTTPConnection) -> None:
        if connection.sock is None:
            return  # the other side wished it closed
        if len(self._idle) < self._most:
            self._idle.append(connection)
        else:
            connection.close()

    def _opened(self, url: str) -> HTTPConnection:
        connection = self._new()
        try:
            connection.connect()
        except TimeoutError as error:
            raise boto.ConnectTimeoutError(endpoint_url=url, error=error) from error
        except ssl.SSLError as error:
            raise boto.SSLError(endpoint_url=url, error=error) from error
        except OSError as error:
            raise boto.EndpointConnectionError(endpoint_url=url, error=error) from error
        connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        connection.sock.settimeout(self._read_timeout)
        return connection

    def _new(self) -> HTTPConnection:
        netloc = urlsplit(self._host).netloc
        if self._context is None:
            return HTTPConnection(netloc, timeout=self._connect_timeout)
        return HTTPSConnection(netloc, timeout=self._connect_timeout, context=self._context)


def _named(error: OSError | HTTPException, url: str) -> boto.BotoCoreError:
    """Return what the SDK calls it, once a request may have left."""
    if isinstance(error, TimeoutError):
        return boto.ReadTimeoutError(endpoint_url=url, error=error)
    if isinstance(error, (HTTPException, ConnectionError)):
        return boto.ConnectionClosedError(endpoint_url=url, error=error)
    return boto.HTTPClientError(error=error)


def _is_dropped(connection: HTTPConnection) -> bool:
    """Return whether there is something to read: between two requests that is an end."""
    waiting = select.poll()
    waiting.register(connection.sock, select.POLLIN)
    return bool(waiting.poll(0))

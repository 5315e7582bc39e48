"""Connections that are kept open: one request after the other on the same, and what becomes of those that end."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from typing import TYPE_CHECKING

import pytest
from botocore import exceptions as boto

from newsletter.sdk.connections import Connections
from tests.fakes.mail_server import certificates
from tests.fakes.web_server import Site, web_server
from tests.fixtures.patience import PATIENCE, growing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_ANSWER = b'{"well": "heard"}'


@pytest.fixture
def site() -> Iterator[Site]:
    with web_server(keeps_open=True) as there:
        there.answers["POST"] = 200
        there.body = _ANSWER
        yield there


@contextlib.contextmanager
def to(
    url: str, *, most: int = 2, timeout: float = PATIENCE, context: ssl.SSLContext | None = None
) -> Iterator[Connections]:
    with contextlib.closing(
        Connections(url, connect_timeout=PATIENCE, read_timeout=timeout, most=most, context=context)
    ) as connections:
        yield connections


def ask(connections: Connections, url: str) -> bytes:
    return connections.exchange("POST", f"{url}/there?how=so", b"body", {"X-Name": "value"}).content


def test_requests_that_follow_each_other_share_a_connection(site: Site) -> None:
    with to(site.url) as connections:
        assert [ask(connections, site.url) for _ in range(3)] == [_ANSWER] * 3
    assert site.asked == [("POST", "/there?how=so", b"body")] * 3
    assert {headers["x-name"] for headers in site.headers} == {"value"}
    assert len(set(site.connections)) == 1


def test_a_connection_that_the_other_side_ended_is_not_used_again(site: Site) -> None:
    with to(site.url) as connections:
        ask(connections, site.url)
        site.connections[0].shutdown(socket.SHUT_RDWR)
        assert ask(connections, site.url) == _ANSWER
        site.ends = True
        ask(connections, site.url)
        assert ask(connections, site.url) == _ANSWER
    assert len(set(site.connections)) == 3


def test_requests_side_by_side_have_a_connection_each_and_no_more_are_kept_than_wanted(site: Site) -> None:
    with to(site.url, most=1) as connections:
        together = threading.Barrier(4)

        def at_once() -> None:
            together.wait(PATIENCE)
            for _ in range(25):
                assert ask(connections, site.url) == _ANSWER

        threads = [threading.Thread(target=at_once) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        known = len(set(site.connections))
        assert ask(connections, site.url) == _ANSWER
        assert len(set(site.connections)) == known
    assert len(site.asked) == 101


def test_where_nobody_listens_nothing_was_sent() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and does not listen
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with to(url) as connections, pytest.raises(boto.EndpointConnectionError, match=url):
            ask(connections, url)


def test_an_answer_that_does_not_come_is_a_read_timeout_and_its_connection_is_given_up(site: Site) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with to(url, timeout=0.01) as connections, pytest.raises(boto.ReadTimeoutError, match="there"):
            ask(connections, url)
    for timeout in growing():
        with to(site.url, timeout=timeout) as connections, contextlib.suppress(boto.ReadTimeoutError):
            assert ask(connections, site.url) == _ANSWER
            break
    else:
        raise AssertionError("no answer within any time")


@pytest.mark.parametrize("said", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", b"what?\r\n\r\n"])
def test_half_an_answer_is_a_connection_that_was_closed(said: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}"

        def answer() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(65_536)
                connection.sendall(said)

        thread = threading.Thread(target=answer)
        thread.start()
        with to(url) as connections, pytest.raises(boto.ConnectionClosedError):
            ask(connections, url)
        thread.join()


def test_only_a_certificate_that_is_trusted_will_do(tmp_path: Path) -> None:
    ours = certificates(tmp_path)
    with web_server(ours.server, keeps_open=True) as site:
        site.answers["POST"] = 200
        site.body = _ANSWER
        with to(site.url, context=ssl.create_default_context()) as connections, pytest.raises(boto.SSLError):
            ask(connections, site.url)
        assert not site.asked
        with to(site.url, context=ours.trusting()) as connections:
            assert [ask(connections, site.url) for _ in range(2)] == [_ANSWER] * 2
    assert len(set(site.connections)) == 1

"""Who asks: the first address from the end that no trusted proxy has, in two sizes."""

from __future__ import annotations

from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subscribers.networks import Source, source_of

PROXIES = (ip_network("127.0.0.0/8"), ip_network("10.1.0.0/16"), ip_network("::1/128"))


@pytest.mark.parametrize(
    ("remote", "forwarded", "expected"),
    [
        ("203.0.113.9", [], Source("203.0.113.9/32", "203.0.113.0/24")),
        ("2001:db8:1:2:3::4", [], Source("2001:db8:1:2::/64", "2001:db8:1::/48")),
        ("::ffff:203.0.113.9", [], Source("203.0.113.9/32", "203.0.113.0/24")),
        ("203.0.113.9", ["198.51.100.1"], Source("203.0.113.9/32", "203.0.113.0/24")),  # anybody can write it
        ("127.0.0.1", ["203.0.113.9"], Source("203.0.113.9/32", "203.0.113.0/24")),
        ("127.0.0.1", ["8.8.8.8, 203.0.113.9, 10.1.2.3"], Source("203.0.113.9/32", "203.0.113.0/24")),
        ("127.0.0.1", ["8.8.8.8", "203.0.113.9:5123"], Source("203.0.113.9/32", "203.0.113.0/24")),
        ("::1", ["[2001:db8::7]:443"], Source("2001:db8::/64", "2001:db8::/48")),
        ("127.0.0.1", [], None),
        ("127.0.0.1", ["203.0.113.9, unknown"], None),  # what a trusted proxy wrote last is no address
        ("", [], None),
    ],
)
def test_who_asks(remote: str, forwarded: list[str], expected: Source | None) -> None:
    assert source_of(remote, forwarded, PROXIES) == expected


@given(st.ip_addresses(), st.lists(st.text(max_size=60), max_size=5))
def test_nobody_passes_for_another_by_what_they_write(address: object, written: list[str]) -> None:
    trusted = any(address in network for network in PROXIES)
    alone = source_of(str(address), [], PROXIES)
    assert trusted or source_of(str(address), written, PROXIES) == alone
    assert trusted or alone is not None or "%" in str(address)

"""Where a request comes from: one address, its neighbourhood, and which of several headers may be believed. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Sequence

Network = IPv4Network | IPv6Network

_HOP_LIMIT = 32
"""Addresses of a chain of proxies that are looked at; more is nonsense."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a request comes from, in two sizes, each as CIDR.

    A household of IPv6 has a /64 at least, so a single address says nothing there; providers hand out /48 and /24.
    """

    host: str
    """/32, or /64 of IPv6."""
    network: str
    """/24, or /48 of IPv6: what is kept beside a consent."""

    @classmethod
    def of(cls, address: IPv4Address | IPv6Address) -> Self:
        """Return both sizes of `address`; IPv4 that came in IPv6's clothes (RFC 4291, 2.5.5.2) is IPv4."""
        plain = _unmapped(address)
        host, network = (32, 24) if plain.version == 4 else (64, 48)  # noqa: PLR2004 - versions of IP
        return cls(str(ip_network((plain, host), strict=False)), str(ip_network((plain, network), strict=False)))


def source_of(remote: str, forwarded_for: Sequence[str], trusted: Sequence[Network]) -> Source | None:
    """Return who asked, by the address that connected and the values of X-Forwarded-For, None where it is not known.

    Everybody can write that header, so it is read from its end, and only as far as `trusted` proxies wrote it: the
    first address that is none of theirs is who asked. None: a trusted proxy connected and named nobody, which says
    nothing about who stands behind it.
    """
    address = _address(remote)
    chain = [entry for value in forwarded_for for entry in value.split(",")]
    for entry in reversed(chain[-_HOP_LIMIT:]):
        if address is None or not _among(address, trusted):
            break
        address = _address(entry)
    return None if address is None or _among(address, trusted) else Source.of(address)


def truncated(text: str) -> str:
    """Return the network that `text` lies in, where it is an IP address; anything else as it is."""
    address = _address(text)
    return text if address is None else Source.of(address).network


def _among(address: IPv4Address | IPv6Address, networks: Sequence[Network]) -> bool:
    return any(address in network for network in networks)


def _address(text: str) -> IPv4Address | IPv6Address | None:
    """Return the address in `text`, with or without a port; None where there is none."""
    bare = text.strip()
    if bare.startswith("["):
        bare = bare[1:].partition("]")[0]
    elif bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        return _unmapped(ip_address(bare.partition("%")[0]))
    except ValueError:
        return None


def _unmapped(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address

"""What the DNS says: the only place that asks it."""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

import dns.exception
import dns.resolver

from newsletter.aws.refusals import NotReached
from newsletter.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_LONGEST = 6.0
"""Seconds that an answer may take, all tries together."""
_PORT = 53


class Dns(Protocol):
    """What the doctor asks. Names are without the dot at the end; nothing there is an empty answer."""

    def texts(self, name: str) -> Sequence[str]:
        """Return TXT records, each in one piece. Raises NotReached."""

    def exchanges(self, name: str) -> Sequence[str]:
        """Return the hosts of MX records. Raises NotReached."""

    def aliases(self, name: str) -> Sequence[str]:
        """Return what a CNAME points to. Raises NotReached."""


class SystemDns:
    """The resolver of this machine, or one name server."""

    def __init__(self, nameserver: str | None = None) -> None:
        """`nameserver`: an address, with a port if it is not 53. Raises Refused."""
        try:
            self._resolver = dns.resolver.Resolver(configure=nameserver is None)
        except dns.resolver.NoResolverConfiguration as error:
            raise Refused("This machine has no name server set: name one with --nameserver.") from error
        if nameserver is not None:
            self._resolver.nameservers, self._resolver.port = _server(nameserver)
        self._resolver.lifetime = _LONGEST

    def texts(self, name: str) -> Sequence[str]:
        """Return TXT records, each in one piece."""
        return [b"".join(each.strings).decode("utf-8", "replace") for each in self._asked(name, "TXT")]

    def exchanges(self, name: str) -> Sequence[str]:
        """Return the hosts of MX records."""
        return [str(each.exchange).rstrip(".").lower() for each in self._asked(name, "MX")]

    def aliases(self, name: str) -> Sequence[str]:
        """Return what a CNAME points to."""
        return [str(each.target).rstrip(".").lower() for each in self._asked(name, "CNAME")]

    def _asked(self, name: str, kind: str) -> Iterable[Any]:
        try:
            return self._resolver.resolve(f"{name}.", kind, search=False)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return ()
        except dns.exception.DNSException as error:
            raise NotReached(
                f"The DNS gives no answer for {kind} of {name} ({error}).",
                "Try again, or ask another server with --nameserver 1.1.1.1.",
            ) from error


def _server(text: str) -> tuple[list[str], int]:
    """Read `1.1.1.1`, `127.0.0.1:5353`, `2606:4700::1111` or `[::1]:5353`."""
    try:
        return [str(ip_address(text))], _PORT
    except ValueError:
        pass
    try:
        parts = urlsplit(f"//{text}")
        return [str(ip_address(parts.hostname or ""))], parts.port or _PORT
    except ValueError as error:
        raise Refused(f"--nameserver {text} is no address: write it as in 1.1.1.1 or 127.0.0.1:5353.") from error

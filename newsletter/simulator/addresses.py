"""Addresses as SES reads them, and those of its mailbox simulator.

https://docs.aws.amazon.com/ses/latest/dg/send-an-email-from-console.html#send-email-simulator
"""

from __future__ import annotations

import re
from email.utils import parseaddr
from functools import lru_cache

_AT_SIMULATOR = "@simulator.amazonses.com"
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_BARE = re.compile(
    rf"(?:{_ATOM}(?:\.{_ATOM})*|\"[ !#-\[\]-~]+\")@(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z0-9-]+"
)
_LONGEST = 320


class InvalidDestination(ValueError):  # noqa: N818 - says what it is
    """Not an address that SES takes: it wants the local part in ASCII and the domain in Punycode."""


def bare(address: str) -> str:
    """Return the address without a display name, or raise `InvalidDestination`."""
    if _BARE.fullmatch(address) is None:
        address = parseaddr(address)[1]
        if _BARE.fullmatch(address) is None:
            raise InvalidDestination("Missing final '@domain'" if "@" not in address else "Illegal address")
    if len(address) > _LONGEST:
        raise InvalidDestination(f"Address is longer than {_LONGEST} characters")
    return address


@lru_cache(maxsize=256)
def bare_or_same(address: str) -> str:
    """Return a sender without a display name, or what was given where it is no address."""
    try:
        return bare(address)
    except InvalidDestination:
        return address


def domain(address: str) -> str:
    """Return the domain of a bare address, in lower case."""
    return address.rpartition("@")[2].lower()


def scenario(address: str) -> str | None:
    """Return which scenario of the mailbox simulator a bare address asks for; labels after `+` do not matter."""
    address = address.lower()
    if not address.endswith(_AT_SIMULATOR):
        return None
    return address.removesuffix(_AT_SIMULATOR).partition("+")[0]

"""How the text of a variable is read: each function returns its value, and raises ValueError for what is none."""

from __future__ import annotations

import re
from datetime import date
from ipaddress import ip_network
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from subscribers.address import normalised
from subscribers.errors import InvalidAddress

if TYPE_CHECKING:
    from collections.abc import Callable

    from subscribers.networks import Network

SHORTEST_SECRET = 32


def one_of(*choices: str) -> Callable[[str], str]:
    """Return what reads one of `choices`."""

    def read(text: str) -> str:
        if text not in choices:
            raise ValueError(text)
        return text

    return read


def switch(text: str) -> bool:
    """Read on or off."""
    return one_of("on", "off")(text) == "on"


def public_url(text: str) -> str:
    """Read the address of a site, without a slash at its end."""
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise ValueError(text)
    if not re.fullmatch(r"[!-~]+", text):
        raise ValueError(text)
    return text.rstrip("/")


def addresses(text: str) -> tuple[str, ...]:
    """Read mail addresses, each once."""
    try:
        return tuple(dict.fromkeys(normalised(address) for address in text.replace(",", " ").split()))
    except InvalidAddress as error:
        raise ValueError(text) from error


def queue_url(text: str) -> str:
    """Read the address of a queue, or none."""
    if text and not re.match(r"https?://[!-~]+/[!-~]+$", text):
        raise ValueError(text)
    return text


def topics(text: str) -> tuple[str, ...]:
    """Read the ARNs of SNS topics."""
    topics = tuple(text.split())
    arn = re.compile(r"arn:aws(-cn|-us-gov)?:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,256}")
    if not all(map(arn.fullmatch, topics)):
        raise ValueError(text)
    return topics


def networks(text: str) -> tuple[Network, ...]:
    """Read networks, or "none"."""
    return () if text == "none" else tuple(map(ip_network, text.replace(",", " ").split()))


def loopback(text: str) -> str:
    """Read an address of this machine, or none."""
    if text and not re.fullmatch(r"http://(127\.0\.0\.1|localhost|\[::1\])(:[0-9]{1,5})?", text):
        raise ValueError(text)
    return text


def database_url(text: str) -> str:
    """Read the URL of a database of a kind that is spoken to."""
    if not re.match(r"(sqlite(\+pysqlite)?:///|postgresql(\+psycopg)?://).", text):
        raise ValueError(text)
    return text


def secret_key(text: str) -> tuple[str, ...]:
    """Read secrets, none of them too short to be one."""
    keys = tuple(text.split())
    if any(len(key) < SHORTEST_SECRET for key in keys):
        raise ValueError(text)
    return keys


def between(low: float, high: float, kind: Callable[[str], Any] = int) -> Callable[[str], Any]:
    """Return what reads a number of that kind, within limits."""

    def read(text: str) -> Any:  # noqa: ANN401 - int or float
        number = kind(text)
        if not low <= number <= high:
            raise ValueError(text)
        return number

    return read


def if_given(read: Callable[[str], Any]) -> Callable[[str], Any]:
    """Return what reads nothing as None."""

    def optionally(text: str) -> Any:  # noqa: ANN401 - whatever `read` gives
        return read(text) if text else None

    return optionally


def warmup(text: str) -> tuple[date, tuple[int, ...]]:
    """Read a first day, and the most recipients of it and of each day after it."""
    first_day, colon, numbers = text.partition(":")
    ceilings = tuple(map(int, numbers.split()))
    if not colon or not ceilings or min(ceilings) < 1 or list(ceilings) != sorted(ceilings):
        raise ValueError(text)
    return date.fromisoformat(first_day.strip()), ceilings

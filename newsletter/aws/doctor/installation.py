"""What is examined: the settings and lists of an installation, as far as mail by Amazon SES goes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """A domain that lists are sent from."""

    domain: str
    addresses: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """What the settings and the database say."""

    transport: str
    configuration_set: str
    queue_url: str
    public_url: str
    senders: tuple[Sender, ...]
    largest_audience: int = 0
    """How many active subscribers the largest list has."""
    topics: tuple[str, ...] = ()
    """The topics whose messages the web part takes in."""

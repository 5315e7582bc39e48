"""Where a wish came from: what the consent log keeps beside the wish itself. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Origin:
    """Where somebody said what they want, and to which words."""

    source: str
    """`page`, `one-click`, `mailto`, `cli`, `import <file>`, …"""
    ip: str = ""
    """Truncated before it gets here: the network (/24 of IPv4, /48 of IPv6), never the address."""
    wording: str = ""
    """The words agreed to, or what they are called with their version; "" where the source says it."""
    language: str = ""
    """The language of those words."""


def origin_of(source: str | Origin) -> Origin:
    """Return `source` as an origin; the verbs of the desk name no more than a source."""
    return Origin(source) if isinstance(source, str) else source

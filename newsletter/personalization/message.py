"""From a variant to one subscriber's own message: the bytes that go out."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """One person of one call: what differs from mail to mail."""

    subscriber_id: int
    email: str
    name: str


@dataclass(frozen=True, slots=True)
class Prepared:
    """A variant, encoded once: to be given its final form in this room."""

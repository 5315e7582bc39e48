"""Errors typed by what the caller must do."""

from __future__ import annotations

from subscribers.errors import AlreadyExists, DatabaseNotReady, NotFound, Refused

__all__ = [
    "AlreadyExists",
    "DatabaseNotReady",
    "FixConfiguration",
    "MaybeSent",
    "NotFound",
    "Refused",
    "RetryLater",
    "StopCampaign",
]


class FixConfiguration(Refused):
    """A setting is missing or wrong; the message names it and the way to mend it."""


class RetryLater(Exception):  # noqa: N818 - typed by what to do
    """Nothing was accepted; the same call may succeed after a pause."""


class MaybeSent(Exception):  # noqa: N818 - typed by what to do
    """The call may or may not have been accepted: uncertain, never repeated on a guess."""


class StopCampaign(Refused):
    """No mail can go out as things stand (sending paused, identity not verified, credentials refused…)."""

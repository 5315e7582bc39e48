"""Errors typed by what the caller must do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from subscribers.errors import AlreadyExists, DatabaseNotReady, NotFound, Refused

if TYPE_CHECKING:
    from datetime import datetime

__all__ = [
    "AlreadyExists",
    "DatabaseNotReady",
    "FixConfiguration",
    "Hold",
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


class Hold(Exception):  # noqa: N818 - typed by what to do
    """Nothing may go out before `until`; then it goes on by itself, without a person."""

    def __init__(self, reason: str, until: datetime) -> None:
        super().__init__(reason)
        self.until = until


class MaybeSent(Exception):  # noqa: N818 - typed by what to do
    """The call may or may not have been accepted: uncertain, never repeated on a guess."""


class StopCampaign(Refused):
    """No mail can go out as things stand (sending paused, identity not verified, credentials refused…)."""

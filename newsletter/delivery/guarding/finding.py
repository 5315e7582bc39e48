"""What a guard finds: what came back of mails, and why that is reason to stop. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class Cause(StrEnum):
    """What an alarm is about."""

    BOUNCES = "bounces"
    COMPLAINTS = "complaints"
    RECENT_BOUNCES = "recent bounces"
    """Of all campaigns of the last days together."""
    RECENT_COMPLAINTS = "recent complaints"
    UNHEARD = "unheard"
    """Nothing is heard of a first wave: nobody knows whether it did harm."""
    ACCOUNT = "account"
    """SES has the account under review, or lets it send no more."""


RATES = frozenset({Cause.BOUNCES, Cause.COMPLAINTS, Cause.RECENT_BOUNCES, Cause.RECENT_COMPLAINTS})
"""Those that figures speak for."""


class Figures(NamedTuple):
    """What came of mails."""

    mails: int = 0
    """Whose end is known; or accepted, where ends are not told."""
    bounces: int = 0
    """For good, and known to SES as such."""
    complaints: int = 0

    def since(self, before: Figures) -> Figures:
        """Return what came on top of `before`."""
        return Figures(*(max(0, now - then) for now, then in zip(self, before, strict=True)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Why a campaign has to stop."""

    cause: Cause
    reason: str
    figures: Figures

"""Whether an address may go on getting mail, by all that is known of it, in whatever order it came. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from subscribers.lifecycle import Reason

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What speaks against an address, and for it."""

    bounced_at: datetime | None = None
    """The first bounce for good."""
    bounce: str = ""
    complained_at: datetime | None = None
    """The last complaint."""
    complaint: str = ""
    cleared_at: datetime | None = None
    """When its owner last said that a mail was no spam."""

    def with_bounce(self, at: datetime, words: str) -> Evidence:
        """Add a bounce for good: the first one stands."""
        if self.bounced_at is not None and (self.bounced_at, self.bounce) <= (at, words):
            return self
        return replace(self, bounced_at=at, bounce=words)

    def with_complaint(self, at: datetime, words: str) -> Evidence:
        """Add a complaint: the last one stands."""
        if self.complained_at is not None and (self.complained_at, self.complaint) >= (at, words):
            return self
        return replace(self, complained_at=at, complaint=words)

    def with_clearance(self, at: datetime) -> Evidence:
        """Add that a complaint was taken back."""
        return self if self.cleared_at is not None and self.cleared_at >= at else replace(self, cleared_at=at)

    def without(self, at: datetime, words: str) -> Evidence:
        """Take away what an event of that time said, in these words."""
        bounced = (self.bounced_at, self.bounce) == (at, words)
        complained = (self.complained_at, self.complaint) == (at, words)
        return Evidence(
            bounced_at=None if bounced else self.bounced_at,
            bounce="" if bounced else self.bounce,
            complained_at=None if complained else self.complained_at,
            complaint="" if complained else self.complaint,
            cleared_at=None if self.cleared_at == at else self.cleared_at,
        )

    def merged(self, other: Evidence) -> Evidence:
        """Return both together."""
        both = self
        if other.bounced_at is not None:
            both = both.with_bounce(other.bounced_at, other.bounce)
        if other.complained_at is not None:
            both = both.with_complaint(other.complained_at, other.complaint)
        return both if other.cleared_at is None else both.with_clearance(other.cleared_at)


class Strikes(NamedTuple):
    """How often an address took no mail, for a passing cause, since it last took one."""

    in_a_row: int = 0
    last: str = ""
    """What was said the last time."""


class Verdict(NamedTuple):
    """Why an address gets no mail any more."""

    reason: Reason
    detail: str


def verdict(evidence: Evidence, strikes: Strikes, *, limit: int) -> Verdict | None:
    """Return why the address gets no mail any more; None: it does. `limit`: so many strikes are one bounce for good."""
    complained, cleared = evidence.complained_at, evidence.cleared_at
    if complained is not None and (cleared is None or complained >= cleared):
        return Verdict(Reason.COMPLAINT, evidence.complaint)
    if evidence.bounced_at is not None:
        return Verdict(Reason.BOUNCE, evidence.bounce)
    if strikes.in_a_row >= limit:
        return Verdict(Reason.BOUNCE, f"took no mail {strikes.in_a_row} times in a row; the last time: {strikes.last}")
    return None

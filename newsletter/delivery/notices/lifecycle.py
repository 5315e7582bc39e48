"""The life of a mail outside campaigns. Pure; the tables below are the rules.

    waiting ──► claimed ──► sent | failed | uncertain | dropped
       ▲           │
       └───────────┘ certainly not accepted: again, later

Uncertain is an end: what may have been accepted is never repeated on a guess, and the person can ask again. An event of
SES that proves that it was accepted makes it sent. Somebody may decide otherwise (`BY_HAND`).
"""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from newsletter.delivery.transport import Verdict
from subscribers.ports import NoticeKind

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

LATEST_ISSUE = "latest-issue"
"""The kind of a mail that a welcome may bring with it: the last issue that was sent, for this reader."""

SUPERSEDED = "a newer one was asked for"
"""Why a request to confirm is dropped that is not the newest of this person and list."""


class State(StrEnum):
    """Where a mail stands, as stored."""

    WAITING = "waiting"
    CLAIMED = "claimed"
    SENT = "sent"
    UNCERTAIN = "uncertain"
    FAILED = "failed"
    DROPPED = "dropped"
    """Nobody may get it, or wants it, any more; the reason says why."""


ENDS: Mapping[Verdict, State] = {
    Verdict.ACCEPTED: State.SENT,
    Verdict.REJECTED: State.FAILED,
    Verdict.UNCERTAIN: State.UNCERTAIN,
}
"""By what a transport says; any other verdict means: not accepted, so again later."""

BY_HAND: Mapping[State, Collection[State]] = {
    State.WAITING: (State.FAILED, State.UNCERTAIN),
    State.DROPPED: (State.WAITING, State.FAILED, State.UNCERTAIN),
}
"""Where somebody may put a mail, and from where. What is claimed is its sender's until the claim runs out."""

_FIRST_DELAY = timedelta(seconds=5)
_LONGEST_DELAY = timedelta(minutes=10)
_DAY = timedelta(days=1)
_LASTS: Mapping[str, timedelta] = {
    NoticeKind.CONFIRM: _DAY,  # whoever asked has given up by then, and can ask again
    NoticeKind.NEW_ADDRESS: _DAY,
    NoticeKind.ADDRESS_CHANGED: 7 * _DAY,
    NoticeKind.WELCOME: 2 * _DAY,
    LATEST_ISSUE: 2 * _DAY,
    NoticeKind.REPERMISSION: 7 * _DAY,
    NoticeKind.ALREADY: _DAY,  # likewise
}
_RANKS: Mapping[str, int] = {
    NoticeKind.CONFIRM: 1,
    NoticeKind.NEW_ADDRESS: 1,
    NoticeKind.ALREADY: 1,
    NoticeKind.ADDRESS_CHANGED: 2,
    NoticeKind.WELCOME: 3,
    LATEST_ISSUE: 4,
    NoticeKind.REPERMISSION: 9,  # they come by the thousand, and nobody waits for them
}


def rank(kind: str) -> int:
    """Return which turn mails of that kind have; the lower ones go first."""
    return _RANKS[kind]


def lasts(kind: str) -> timedelta:
    """Return how long after it was asked for a mail of that kind still makes sense."""
    return _LASTS[kind]


def delay(tries: int) -> timedelta:
    """Return how long a mail waits after it was not accepted `tries` times (1 or more)."""
    return min(_FIRST_DELAY * 2.0 ** min(tries - 1, 30), _LONGEST_DELAY)

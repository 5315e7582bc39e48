"""The life of a subscription: one person, one list. Pure; the tables below are the rules.

    nobody ──REQUEST──► pending ──CONFIRM──► active ──LEAVE──► unsubscribed ──CONFIRM, ADD_BACK, UNDO──► active
       └────────────ADD, IMPORT────────────────┘ └──SUPPRESS──► suppressed ──LIFT──► active

An erased person is in none of these: they are gone, and a campaign that still holds their number finds nobody.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from subscribers.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


class Status(StrEnum):
    """Where a subscription stands, as stored."""

    PENDING = "pending"
    """Asked for, not confirmed: no mail but the request to confirm."""
    ACTIVE = "active"
    UNSUBSCRIBED = "unsubscribed"
    SUPPRESSED = "suppressed"
    """Was active; the address gets no mail from any list until the suppression is lifted."""


class Event(StrEnum):
    """What can happen to a subscription."""

    REQUEST = "request"
    """Somebody typed the address on a page; whether it is theirs is not known."""
    CONFIRM = "confirm"
    """The button in the mail that a request causes."""
    ADD = "add"
    """An admin brings one person and says where the consent comes from."""
    ADD_BACK = "add back"
    """The same, and says that a person who had left asked to return."""
    IMPORT = "import"
    """A row of a file."""
    LEAVE = "leave"
    UNDO = "undo"
    """Who left takes it back, by the link they left by and not long after."""
    SUPPRESS = "suppress"
    """The address bounced, its owner complained, or an admin blocks it."""
    LIFT = "lift"
    """The suppression is taken away (a bounce that was not for good, a block that ends)."""
    LIFT_COMPLAINT = "lift complaint"


class Action(StrEnum):
    """What the consent log says happened."""

    REQUESTED = "requested"
    """Somebody asked for it on a page; whether it was they is not known yet."""
    SUBSCRIBED = "subscribed"
    CONFIRMED = "confirmed"
    PREFERENCES = "preferences"
    ADDRESS = "address"
    """Mail goes to another address from now on, on all lists."""
    PAUSED = "paused"
    RESUMED = "resumed"
    UNSUBSCRIBED = "unsubscribed"
    SUPPRESSED = "suppressed"
    REINSTATED = "reinstated"
    """The suppression of the address was lifted."""


class Fate(StrEnum):
    """What became of somebody who was brought to a list."""

    ADDED = "added"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    REJECTED = "rejected"


class Reason(StrEnum):
    """Why an address gets no mail."""

    BOUNCE = "bounce"
    """It does not exist, or took no mail for good."""
    COMPLAINT = "complaint"
    """Its owner called a mail of ours spam."""
    MANUAL = "manual"
    """An admin blocked it."""


_P, _A, _U, _S = Status.PENDING, Status.ACTIVE, Status.UNSUBSCRIBED, Status.SUPPRESSED

# A pair that is not in the table is refused. None: there is no subscription yet.
TRANSITIONS: Mapping[Event, Mapping[Status | None, Status]] = {
    # nobody stands elsewhere for a request that they may not have made; who left is unsubscribed until they confirm
    Event.REQUEST: {None: _P, _P: _P, _A: _A, _U: _U, _S: _S},
    # from unsubscribed by a link that was asked for since: leaving voids the others (`confirmations`)
    Event.CONFIRM: {_P: _A, _A: _A, _U: _A, _S: _S},
    Event.ADD: {None: _A, _P: _A, _A: _A},
    # not from suppressed: the address is the obstacle, and lifting that is a step of its own
    Event.ADD_BACK: {None: _A, _P: _A, _A: _A, _U: _A},
    # a file says what was known when it was written; what people did since then stands
    Event.IMPORT: {None: _A, _P: _P, _A: _A, _U: _U, _S: _S},
    # always possible. From suppressed too: else lifting a bounce would bring back somebody who left meanwhile
    Event.LEAVE: {None: _U, _P: _U, _A: _U, _U: _U, _S: _U},
    # not to suppressed, and not long after leaving alone: `leaving` sees to that
    Event.UNDO: {_A: _A, _U: _A},
    # who never confirmed stays unconfirmed: lifting would otherwise make them active
    Event.SUPPRESS: {_P: _P, _A: _S, _U: _U, _S: _S},
    Event.LIFT: {_P: _P, _A: _A, _U: _U, _S: _A},
    # a complaint was a way of leaving
    Event.LIFT_COMPLAINT: {_P: _P, _A: _U, _U: _U, _S: _U},
}


class Standing(StrEnum):
    """What a subscription means for a mail at one instant. Everything but `active` is a reason to send nothing."""

    ACTIVE = "active"
    UNSUBSCRIBED = "unsubscribed"
    SUPPRESSED = "suppressed"
    PAUSED = "paused"
    ERASED = "erased"
    """There is no such person any more."""


def after(event: Event, status: Status | None) -> Status:
    """Return the status that `event` leads to. Raises Refused where the table has no way."""
    following = TRANSITIONS[event].get(status)
    if following is None:
        raise Refused(f"A subscription that is {status or 'not there'} has no step “{event}”.")
    return following


def standing(status: Status, *, suppressed: bool, paused_until: datetime | None, now: datetime) -> Standing:
    """Return what a subscription means at `now`.

    `suppressed`: whether the address is on the suppression list, whatever `status` says. Of several reasons the
    person's own word comes first. A pending one counts as unsubscribed: they have not agreed.
    `repository.standing_column` says the same in SQL; a test holds the two together.
    """
    if status in (Status.UNSUBSCRIBED, Status.PENDING):
        return Standing.UNSUBSCRIBED
    if suppressed or status is Status.SUPPRESSED:
        return Standing.SUPPRESSED
    if paused_until is not None and paused_until > now:
        return Standing.PAUSED
    return Standing.ACTIVE

"""What a person of the file is, against what is known of them: decided here, written in `batches`. Pure.

A file is older than what people have done since. So it never changes where somebody stands, with one exception: that
they have unsubscribed is believed. It replaces a name, languages, topics or a time zone only where it names some.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from subscribers.lifecycle import Action, Event, Fate, Status, after

if TYPE_CHECKING:
    from subscribers.importing.wishes import Wish


class Known(NamedTuple):
    """What the database has of an address."""

    subscriber_id: int
    name: str
    timezone: str
    """"" where there is none."""
    status: Status | None
    """None: a person of other lists only."""
    languages: str
    topics: str


class Profile(NamedTuple):
    """What a file may change."""

    name: str
    timezone: str
    languages: str
    topics: str


class Decision(NamedTuple):
    """What is to be so afterwards, and what to tell the file's owner."""

    fate: Fate
    reason: str
    """"" where the fate says it all."""
    status: Status
    profile: Profile
    action: Action | None
    """For the consent log."""


def decide(wish: Wish, known: Known | None, suppressed: str | None) -> Decision:
    """Return the fate of one row. `suppressed`: why the address gets no mail from any list, if so."""
    before = known.status if known else None
    has = Profile(known.name, known.timezone, known.languages, known.topics) if known else _NOTHING
    if before is Status.UNSUBSCRIBED:
        return Decision(Fate.UNCHANGED, "" if wish.leaves else _STAYS_AWAY, before, has, None)
    status = _status(before, leaves=wish.leaves, suppressed=bool(suppressed))
    wants = Profile(
        wish.name or has.name, wish.timezone or has.timezone, wish.languages or has.languages, wish.topics or has.topics
    )
    if before is None:
        action = Action.UNSUBSCRIBED if wish.leaves else Action.SUBSCRIBED
        return Decision(Fate.ADDED, _reason(status, suppressed), status, wants, action)
    fate = Fate.UNCHANGED if status is before and wants == has else Fate.UPDATED
    return Decision(fate, _reason(status, suppressed), status, wants, _action(before, status, has, wants))


_NOTHING = Profile("", "", "", "")
_STAYS_AWAY = "had left the list and stays away; nothing was changed"


@cache
def _status(before: Status | None, *, leaves: bool, suppressed: bool) -> Status:
    status = after(Event.LEAVE if leaves else Event.IMPORT, before)
    return after(Event.SUPPRESS, status) if suppressed and status is Status.ACTIVE else status


def _reason(status: Status, suppressed: str | None) -> str:
    if status is Status.UNSUBSCRIBED:
        return "unsubscribed, as the file says"
    if status is Status.SUPPRESSED:
        return f"the address is suppressed ({suppressed or 'earlier'}): no mail goes there"
    return "has not confirmed yet: no mail before that" if status is Status.PENDING else ""


def _action(before: Status, status: Status, has: Profile, wants: Profile) -> Action | None:
    if status is not before:
        return Action.UNSUBSCRIBED if status is Status.UNSUBSCRIBED else Action.SUPPRESSED
    return Action.PREFERENCES if wants[2:] != has[2:] else None

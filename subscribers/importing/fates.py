"""What a person of the file is, against what is known of them: decided here, written in `batches`. Pure.

A file is older than what people have done since. So it never makes anybody active who is on the list and is not: that
takes the `override` of somebody who says why, and it brings back who unsubscribed, not who complained or bounced (that
is a suppression, and lifting one is a step of its own). Who was erased needs a word of their own. What is bad news is
believed: that they have unsubscribed, that their address fails, that they complained. A name, languages, topics or a
time zone are replaced only where the file names some.
"""

from __future__ import annotations

from enum import StrEnum
from functools import cache
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

from subscribers.importing.fields import Field
from subscribers.importing.says import Says
from subscribers.lifecycle import Action, Event, Fate, Status, after
from subscribers.sentences import Sentence, and_also

if TYPE_CHECKING:
    from collections.abc import Mapping

    from subscribers.importing.wishes import Wish

    _Fields = tuple[str, str, str, str, str, str]
    """Those of a `Profile`."""


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
    excluded: str = ""
    digest: str = ""


class Profile(NamedTuple):
    """What a file may change."""

    name: str
    timezone: str
    languages: str
    topics: str
    excluded: str = ""
    digest: str = ""


class Existing(StrEnum):
    """What to do about people who are on the list already."""

    UPDATE = "update"
    """What the file names replaces what is there."""
    FILL = "fill"
    """What the file names is taken where nothing is there."""
    SKIP = "skip"
    """Nothing of them is changed, but for bad news."""


class Rules(NamedTuple):
    """What whoever brings the file decided."""

    existing: Existing = Existing.UPDATE
    override: str = ""
    """Why people who had unsubscribed come back; "": they do not."""
    override_erased: str = ""
    """The same of people who had everything about them erased."""


_AS_EVER = Rules()

# Python 3.11 finds a member of an enumeration by a function: half a microsecond, several times a row
_UPDATE, _SKIP = Existing.UPDATE, Existing.SKIP
_ADDED, _UPDATED, _UNCHANGED, _REJECTED = Fate.ADDED, Fate.UPDATED, Fate.UNCHANGED, Fate.REJECTED
_PREFERENCES = Action.PREFERENCES
_made = tuple.__new__  # every row comes by here: a third of the time of naming the fields
_of = itemgetter(2, 5, 3, 4, 12, 13)
"""What a wish says of a `Profile`, in its order."""
_has = itemgetter(1, 2, 4, 5, 6, 7)
"""What is known of it."""


class Decision(NamedTuple):
    """What is to be so afterwards, and what to tell the file's owner."""

    fate: Fate
    reason: str
    """"" where the fate says it all."""
    status: Status | None
    """None: nothing is written."""
    profile: Profile
    action: Action | None
    """For the consent log."""
    suppress: str | None = None
    """For the suppression list: the reason, where the address is new to it."""


def decide(
    wish: Wish, known: Known | None, suppressed: str | None, rules: Rules = _AS_EVER, *, erased: bool = False
) -> Decision:
    """Return the fate of one row.

    `suppressed`: why the address gets no mail from any list, if so. `erased`: they had everything about them deleted.
    """
    has, before = None, None
    if known is None:
        if erased and not (rules.override_erased and wish.says in (None, Says.ACTIVE) and not wish.leaves):
            return Decision(_REJECTED, _ERASED, None, _NOTHING, None)
        wants = _consistent(_of(wish))
    else:
        has, before = _has(known), known.status
        wants = _wanted(_of(wish), has, rules.existing, on_the_list=before is not None)
    stays_away, status, reason, action, suppress = _course(
        before, wish.says, suppressed, wish.leaves, bool(rules.override)
    )
    if has is None or before is None:
        if erased and has is None:
            reason = and_also((_RETURNED, reason) if reason else (_RETURNED,))
        return _made(Decision, (_ADDED, reason, status, _made(Profile, wants), action, suppress))
    if stays_away:
        wants = has
    changed = status is not before or wants != has or suppress is not None
    if rules.existing is _SKIP and not changed:
        reason = reason or _SKIPPED
    if action is None and changed and wants[2:] != has[2:]:
        action = _PREFERENCES
    fate = _UPDATED if changed else _UNCHANGED
    return _made(Decision, (fate, reason, status, _made(Profile, wants), action, suppress))


class _Course(NamedTuple):
    """What follows for a subscription, whatever they chose."""

    stays_away: bool
    """They had left, and nothing of theirs is changed."""
    status: Status
    reason: str
    action: Action | None
    suppress: str | None


@cache
def _course(
    before: Status | None,
    says: Says | None,
    suppressed: str | None,
    leaves: bool,  # noqa: FBT001 - `cache` finds arguments by their place twice as fast
    override: bool,  # noqa: FBT001 - likewise
) -> _Course:
    suppress = _suppress(says, suppressed)
    returns = before is Status.UNSUBSCRIBED and override and says in (None, Says.ACTIVE)
    if before is Status.UNSUBSCRIBED and not returns:
        reason = _suppressed_now(suppress) if suppress else _STAYS_AWAY
        return _Course(True, before, "" if leaves and not suppress else reason, None, suppress)  # noqa: FBT003 - its name stands in the tuple
    event = Event.REQUEST if says is Says.PENDING and before is None else Event.IMPORT
    status = after(Event.LEAVE if leaves else Event.ADD_BACK if returns else event, before)
    if status is Status.ACTIVE and (suppressed or suppress):
        status = after(Event.SUPPRESS, status)
    action = _NEW[status] if before is None else None if status is before else _MOVED[status]
    reason = _reason(status, suppress or suppressed, returns=returns)
    return _Course(False, status, reason, action, suppress)  # noqa: FBT003 - the first field says what it is


_NOTHING = Profile("", "", "", "")
_STAYS_AWAY = Sentence("had left the list and stays away; nothing was changed")
_ERASED = Sentence("{column}: had everything about them erased, and does not come back by a file", column=Field.EMAIL)
_RETURNED = Sentence("had everything about them erased and was brought back, as you say")
_SKIPPED = Sentence("is on the list already and was left as they are")
_NEW: Mapping[Status, Action | None] = {
    Status.ACTIVE: Action.SUBSCRIBED,
    Status.SUPPRESSED: Action.SUBSCRIBED,
    Status.UNSUBSCRIBED: Action.UNSUBSCRIBED,
    Status.PENDING: None,  # they have not agreed to anything
}
_SUPPRESSES = {Says.BOUNCED: "bounce", Says.COMPLAINED: "complaint", Says.BLOCKED: "manual"}

_WHY = {
    "bounce": Sentence("bounce"),
    "complaint": Sentence("complaint"),
    "manual": Sentence("manual"),
    "earlier": Sentence("earlier"),
}
"""The reasons of the suppression list."""


def _suppress(says: Says | None, suppressed: str | None) -> str | None:
    """Return the reason to put the address on the suppression list. A complaint goes before any other."""
    reason = _SUPPRESSES.get(says) if says else None
    if reason is None or suppressed is None:
        return reason
    return reason if reason == "complaint" != suppressed else None


def _suppressed_now(reason: str) -> str:
    return Sentence("had left the list; the address is now suppressed ({why})", why=_WHY.get(reason, reason))


def _wanted(new: _Fields, has: _Fields, existing: Existing, *, on_the_list: bool) -> _Fields:
    if existing is _SKIP and on_the_list:
        return has
    # of another list only: their name and time zone are theirs already, what they want of this list is new
    return _consistent(_filled(new, has) if existing is _UPDATE else _filled(has, new))


def _filled(first: _Fields, other: _Fields) -> _Fields:
    """Return `first`, with what `other` has where there is nothing. Every row comes by here: so without a loop."""
    name, timezone, languages, topics, excluded, digest = first
    name_, timezone_, languages_, topics_, excluded_, digest_ = other
    return (
        name or name_,
        timezone or timezone_,
        languages or languages_,
        topics or topics_,
        excluded or excluded_,
        digest or digest_,
    )


def _consistent(fields: _Fields) -> _Fields:
    """Return `fields` with nothing left out that is chosen: of the two, wanting to read weighs more."""
    name, timezone, languages, topics, excluded, digest = fields
    if not excluded or not topics:
        return fields
    chosen = topics.split()
    excluded = " ".join(slug for slug in excluded.split() if slug not in chosen)
    return name, timezone, languages, topics, excluded, digest


def _reason(status: Status, suppressed: str | None, *, returns: bool) -> str:
    if status is Status.UNSUBSCRIBED:
        return Sentence("unsubscribed, as the file says")
    if status is Status.SUPPRESSED:
        why = _WHY.get(suppressed or "earlier", suppressed)
        return Sentence("the address is suppressed ({why}): no mail goes there", why=why)
    if status is Status.PENDING:
        return Sentence("has not confirmed yet: no mail before that")
    return Sentence("had left the list and was brought back, as you say") if returns else ""


_MOVED = {
    Status.ACTIVE: Action.SUBSCRIBED,
    Status.UNSUBSCRIBED: Action.UNSUBSCRIBED,
    Status.SUPPRESSED: Action.SUPPRESSED,
}

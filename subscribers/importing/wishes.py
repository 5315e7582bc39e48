"""What a row can ask for, why it cannot be taken, and what its cells are read by: `reading` does it. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from subscribers.importing.doubts import Doubt, Policies
from subscribers.importing.says import Says
from subscribers.sentences import Sentence

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from subscribers.importing.lenient import LeftOut
    from subscribers.importing.tags import Tags
    from subscribers.preferences import Vocabulary

_BAD = frozenset({Says.COMPLAINED, Says.BLOCKED, Says.BOUNCED, Says.UNSUBSCRIBED})


class Wish(NamedTuple):
    """A person of the file. "" and None everywhere but in `email`: the file says nothing about it."""

    line: int
    email: str
    """Normalised."""
    name: str = ""
    languages: str = ""
    topics: str = ""
    """Both as they are stored (`preferences.Vocabulary`)."""
    timezone: str = ""
    says: Says | None = None
    """Where they stand; of several things the one that weighs most."""
    leaves: bool = False
    """That they have unsubscribed is said, whatever else is."""
    consented: datetime | None = None
    left: datetime | None = None
    paused_until: datetime | None = None
    proof: str = ""
    """What else shows their consent."""
    excluded: str = ""
    digest: str = ""
    """As they are stored, likewise."""
    doubts: Sequence[Doubt] = ()
    """What gives pause about the address, and is to be told."""
    left_out: Sequence[LeftOut] = ()
    """What of the row was not taken, and is to be told."""


def bad_news(wish: Wish) -> Wish | None:
    """Return what is bad of a row, and nothing else of it; None where nothing is."""
    says = wish.says if wish.says in _BAD else Says.UNSUBSCRIBED if wish.leaves else None
    return Wish(wish.line, wish.email, says=says, leaves=wish.leaves, left=wish.left) if says else None


def with_news(reason: str, news: Wish | None) -> str:
    """Return why a row is rejected, with what is believed of it all the same."""
    if news is None:
        return reason
    return Sentence("{reason}; but it says {news}, and bad news is believed of any row", reason=reason, news=news.says)


MENDABLE = frozenset({"row", "typo"})
"""Kinds of rejection that another cell could have spared; the others are as they should be, or as somebody wanted."""


class Rejection(NamedTuple):
    """A row that is not taken."""

    line: int
    email: str
    """As it stands in the file."""
    reason: str
    """Begins with the column at fault, where it is one."""
    kind: str = "row"
    """`row`, `duplicate`, or a kind of doubt."""
    news: Wish | None = None
    """What is believed of it all the same."""


@dataclass(frozen=True, kw_only=True)
class Understanding:
    """What a file's cells are read by."""

    vocabulary: Vocabulary
    tags: Tags
    now: datetime
    everybody: Says | None = None
    """What is true of all people of the file, unless their own row says otherwise."""
    date_format: str = ""
    """How times are written (`datetime.strptime`); "": as ISO 8601."""
    policies: Policies = field(default_factory=Policies)
    lenient: bool = False
    """Whether a cell that is wrong, and beside the point, costs itself and not the row."""

"""Where a row says that somebody stands: its status, when they left, when their address failed. Pure."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from subscribers.importing.says import Says, strongest

if TYPE_CHECKING:
    from collections.abc import Callable

_SOME_TIME = datetime(1, 1, 1, tzinfo=UTC)
_NO = frozenset({"", "no", "false", "0", "n", "non", "nein"})
_YES = frozenset({"yes", "true", "1", "y", "oui", "ja"})


class Standing(NamedTuple):
    """What a row comes to."""

    says: Says | None
    """What weighs most of what it says; None: nothing is said."""
    leaves: bool
    """That they have unsubscribed is said, whatever else is."""
    left: datetime | None
    """When, where that is said."""


def standing(status: Says | None, left: datetime | None, bounced: datetime | None, everybody: Says | None) -> Standing:
    """Return what the cells of a row come to. `everybody`: what is true of all people of the file otherwise."""
    if left is None and bounced is None:
        said = status or everybody
        return Standing(said, said is Says.UNSUBSCRIBED, None)
    also = Says.UNSUBSCRIBED if left is not None else None, Says.BOUNCED if bounced is not None else None
    leaves = left is not None or status is Says.UNSUBSCRIBED
    return Standing(strongest(status, *also), leaves, None if left is _SOME_TIME else left)


def whether(cell: str, then: Callable[[str], datetime]) -> datetime | None:
    """Return when it happened, a time that is none where only that it did is said, None where it did not."""
    word = cell.strip().lower()
    if word in _NO:
        return None
    return _SOME_TIME if word in _YES else then(cell)

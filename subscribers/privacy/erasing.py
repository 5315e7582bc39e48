"""Everything that is kept of a person is told, or is gone: all tables in one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from subscribers.privacy.erased import lock_out
from subscribers.suppression import reasons

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from subscribers.privacy.erased import Erasures
    from subscribers.privacy.holder import Holder, Row
    from subscribers.privacy.person import Person


@dataclass(frozen=True, slots=True)
class Held:
    """What one table keeps of a person."""

    table: str
    what: str
    stays: str
    rows: Sequence[Row]

    def as_json(self) -> dict[str, Any]:
        """Return the documented form."""
        return {"table": self.table, "what": self.what, "rows": list(self.rows)}


def held_of(session: Session, person: Person, holders: Sequence[Holder]) -> Sequence[Held]:
    """Return what is kept of a person, in every table that keeps anything of people; those without it, too."""
    return [Held(each.table, each.what, each.stays, list(each.rows(session, person))) for each in holders]


def erase(
    session: Session, person: Person, holders: Sequence[Holder], erased: Erasures, *, now: datetime
) -> Mapping[str, int]:
    """Erase a person; return how many rows of each table that changed or deleted. A second time the same is nothing.

    `lock_out` has to come before `person` is looked up. What stays is a keyed hash of each of their addresses, with
    why it got no mail, so that whoever complained is not written to when a file brings them once more.
    """
    why = reasons(session, person.addresses)
    counts = {each.table: each.erase(session, person) for each in holders}
    erased.remember(session, why, now=now)
    return counts


__all__ = ["Held", "erase", "held_of", "lock_out"]

"""What is done once a day, by whoever is first: which that is, one row of the database says."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select, update

from newsletter.feedback.upsert import inserting
from newsletter.scheduling.models import ChoreRow

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from subscribers.clock import Clock
    from subscribers.database import Database

_log = logging.getLogger(__name__)

EVERY = timedelta(days=1)
_WITHIN = timedelta(hours=6)
"""After so long without an end somebody else does it: who began was killed."""


@dataclass(frozen=True, kw_only=True)
class Chore:
    """Something to be done once a day."""

    name: str
    do: Callable[[Callable[[float], bool]], str]
    """Does it until its argument says to stop, and says what it came to: figures, never an address."""


def do_due(database: Database, clock: Clock, chores: Sequence[Chore], wait: Callable[[float], bool]) -> Sequence[str]:
    """Do what is due, here and nowhere else at the same time; return the names of what was done to its end.

    One that fails says so on the log, and is tried again when its time is over. Raises OperationalError: the
    database is away.
    """
    return [
        chore.name
        for chore in chores
        if not wait(0) and _claimed(database, clock, chore) and _done(database, clock, chore, wait)
    ]


def _claimed(database: Database, clock: Clock, chore: Chore) -> bool:
    """Return whether it is due and ours to do now."""
    now = clock()
    with database.read() as session:
        due_at = session.scalar(select(ChoreRow.next_at).where(ChoreRow.name == chore.name))
    if due_at is not None and due_at > now:
        return False
    with database.write() as session:
        if due_at is None:
            first = {"name": chore.name, "next_at": now + _WITHIN, "said": ""}
            new = inserting(session, ChoreRow).values(first).on_conflict_do_nothing()
            return session.connection().execute(new.returning(ChoreRow.name)).first() is not None
        mine = update(ChoreRow).where(ChoreRow.name == chore.name, ChoreRow.next_at == due_at)
        return session.connection().execute(mine.values(next_at=now + _WITHIN)).rowcount > 0


def _done(database: Database, clock: Clock, chore: Chore, wait: Callable[[float], bool]) -> bool:
    began = clock()
    try:
        said = chore.do(wait)
    except Exception as error:  # noqa: BLE001 - the other chores have their time too
        _log.error("%s was not done to its end (%s).", chore.name, type(error).__name__)
        return False
    if wait(0):
        return False  # stopped: the rest is done when its time is over
    with database.write() as session:
        row = session.get_one(ChoreRow, chore.name, with_for_update=True)
        row.next_at, row.done_at, row.said = began + EVERY, clock(), said
    _log.info("%s: %s", chore.name, said or "nothing was due")
    return True

"""The database is away for a while: whoever works waits for it and goes on where they were."""

from __future__ import annotations

import logging
import sqlite3
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

if TYPE_CHECKING:
    from collections.abc import Callable

_log = logging.getLogger(__name__)

_Value = TypeVar("_Value")

_LONGEST_WAIT = 5.0
_PASSING_CLASSES = ("08", "40", "53", "57", "58")
"""Of PostgreSQL's errors: connections, conflicts, resources, operators, the system around it
(https://www.postgresql.org/docs/current/errcodes-appendix.html)."""
_PASSING_WORDS = ("locked", "busy", "disk", "full", "unable to open")
"""In SQLite's messages (https://www.sqlite.org/rescode.html)."""


@dataclass(frozen=True)
class Outages:
    """Waits for the database of one worker."""

    wait: Callable[[float], bool]
    """Waits that many seconds; returns whether the worker is to stop."""
    patience: float = 900.0
    """Seconds after which the outage is somebody's to mend: the error is raised."""

    def over(self, action: Callable[[], _Value], done: Callable[[], _Value | None] = lambda: None) -> _Value:
        """Return what `action` returns, tried again until the database answers.

        A connection that breaks in a commit leaves open whether it happened: `done` is asked before every further try,
        and says what the first one came to, or None. Raises the database's own error when the worker is to stop
        meanwhile, and when it takes too long.
        """
        waited, delay, first = 0.0, 0.5, True
        while True:
            try:
                known = None if first else done()
                return action() if known is None else known
            except DBAPIError as error:
                if not passes(error) or waited >= self.patience or self.wait(delay):
                    raise
                _log.warning("The database does not answer (%s); trying again.", type(error.orig).__name__)
            waited, delay, first = waited + delay, min(_LONGEST_WAIT, delay * 2), False


def passes(error: DBAPIError) -> bool:
    """Return whether time, or somebody at the database, mends this; anything else is a defect or a setting."""
    if error.connection_invalidated:
        return True
    if not isinstance(error, (OperationalError, InterfaceError)):
        return False
    if isinstance(error.orig, sqlite3.Error):
        return any(word in str(error.orig) for word in _PASSING_WORDS)
    state = getattr(error.orig, "sqlstate", None)
    return state is None or state.startswith(_PASSING_CLASSES)

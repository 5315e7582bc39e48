"""All stored events, read again: what would be different first, and the same done when it is wanted."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from newsletter.feedback.addresses import rejudge_strikes
from newsletter.feedback.apply import SOFT_BOUNCES
from newsletter.feedback.replaying.difference import Difference
from newsletter.feedback.replaying.redo import changed, redo
from newsletter.feedback.replaying.stored import Scope, page
from newsletter.feedback.rules import meaning_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sqlalchemy.orm import Session

    from newsletter.feedback.events import Event
    from newsletter.feedback.rules import Meaning
    from newsletter.feedback.storing import Placed
    from subscribers.clock import Clock
    from subscribers.database import Database


def _nobody(_done: int, _total: int) -> None:
    """Tell nobody."""


def _never(_seconds: float) -> bool:
    return False


@dataclass(frozen=True, kw_only=True)
class Replay:
    """Reads stored events again."""

    database: Database
    clock: Clock
    rules: Callable[[Event], Meaning] = meaning_of
    soft_bounces: int = SOFT_BOUNCES
    wait: Callable[[float], bool] = _never
    """Returns whether to stop."""
    page_size: int = 500

    def run(self, scope: Scope, *, apply: bool, moved: Callable[[int, int], None] = _nobody) -> Difference:
        """Read the events of `scope` again; return what that changes, or would change without `apply`.

        Each page is a transaction of its own, undone at its end without `apply`. Stopped or killed, the same again
        finishes it: an event that means what it was taken for changes nothing. `moved` is told how many of how many
        were read. Consumers may go on meanwhile.
        """
        found = Difference()
        with self.database.read() as session:
            total = session.scalar(select(func.count()).select_from(scope.query().order_by(None).subquery())) or 0
        for events, rows in self._pages(scope):
            found.events += rows
            changes = [changed(each, new) for each in events if (new := self.rules(each.event)) is not each.meaning]
            if changes:
                with self._trying(apply=apply) as session:
                    redo(session, changes, found, soft_bounces=self.soft_bounces, now=self.clock())
            moved(found.events, total)
        return found

    def rejudge(self, *, apply: bool) -> Difference:
        """Judge everybody anew whose mailbox took no mail for a passing cause: by the limit of today's settings."""
        found, after = Difference(), 0
        while True:
            with self._trying(apply=apply) as session:
                people, judged = rejudge_strikes(
                    session, after, size=self.page_size, soft_bounces=self.soft_bounces, now=self.clock()
                )
                found.judged(*judged)
            if not people or self.wait(0):
                return found
            after = people[-1]

    def _pages(self, scope: Scope) -> Iterator[tuple[Sequence[Placed], int]]:
        after = b""
        while not self.wait(0):
            with self.database.read() as session:
                events, rows, after = page(session, scope, after, size=self.page_size)
            if not rows:
                return
            yield events, rows

    @contextmanager
    def _trying(self, *, apply: bool) -> Iterator[Session]:
        """Yield a session in a transaction that is undone at its end without `apply`."""
        with self.database.write() as session:
            yield session
            if not apply:
                session.rollback()

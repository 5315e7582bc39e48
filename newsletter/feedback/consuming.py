"""The loop of a consumer: fetch, take in, commit, and only then delete."""

from __future__ import annotations

import logging
import math
from collections import deque
from dataclasses import dataclass, field
from datetime import timedelta
from time import monotonic
from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError

from newsletter.delivery.outages import Outages
from newsletter.errors import Refused, RetryLater
from newsletter.feedback.apply import SOFT_BOUNCES
from newsletter.feedback.intake import Intake, Tally
from newsletter.feedback.streams import note, note_answer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from newsletter.feedback.stream import Backlog, Message, Stream
    from subscribers.clock import Clock
    from subscribers.database import Database
    from subscribers.privacy.erased import Erasures

_log = logging.getLogger(__name__)

_POLL_SECONDS = 5
"""How long a poll waits for events: longer is cheaper, shorter ends sooner when it is asked to."""
_LAST_POLL_SECONDS = 1
"""The same where nothing is waited for but the end; a poll without any wait would ask a part of the queue only."""
_LONGEST_DELAY = 30.0


@dataclass(frozen=True, slots=True)
class Round:
    """What one poll came to."""

    tally: Tally
    emptied: bool = False
    """Nothing is left in the queue, nor on its way to somebody."""


def _nobody(_tally: Tally) -> None:
    """Tell nobody."""


@dataclass(frozen=True, kw_only=True)
class Consumer:
    """Takes in one stream. Any number may, at once, in any processes."""

    database: Database
    stream: Stream
    clock: Clock
    wait: Callable[[float], bool]
    """Waits that many seconds; returns whether to stop, at once when it is so."""
    soft_bounces: int = SOFT_BOUNCES
    """So many in a row count as one bounce for good."""
    erased: Erasures | None = None
    """Of whom nothing is written down."""
    patience: float = math.inf
    """Seconds that a database may be away, and a stream not answer, before that is raised."""
    certain_after: float = 60.0
    """Seconds after which a queue that was empty has to be so again, for both to count: what it says of itself is up to
    a minute old, and what another consumer has in hand shows again by then."""
    timer: Callable[[], float] = field(default=monotonic)
    _empty: _Empty = field(init=False)

    def __post_init__(self) -> None:
        """Begin without an empty queue seen."""
        object.__setattr__(self, "_empty", _Empty(timedelta(seconds=self.certain_after)))

    def consume(self, *, until_empty: bool = False, heard: Callable[[Tally], None] = _nobody) -> Tally:
        """Take in what comes until it is to stop, or until the stream is empty; `heard` is told the sum so far.

        Waits where database or stream are away: nothing is deleted before it is committed. Raises RetryLater, and the
        database's own error, after `patience`; FixConfiguration.
        """
        total, delay, troubled_since = Tally(), 1.0, None
        while not self.wait(0):
            try:
                latest = self.round(_LAST_POLL_SECONDS if until_empty else _POLL_SECONDS)
            except RetryLater as error:
                troubled_since = self.timer() if troubled_since is None else troubled_since
                if self.timer() - troubled_since > self.patience:
                    raise
                _log.warning("Trying again in %.0f s: %s", delay, error)
                self.wait(delay)
                delay = min(_LONGEST_DELAY, delay * 2)
                continue
            except DBAPIError:
                if self.wait(0):
                    break  # what was not committed was not deleted: it comes again
                raise
            delay, troubled_since = 1.0, None
            total += latest.tally
            heard(total)
            if until_empty and latest.emptied:
                break
        return total

    def round(self, seconds: int) -> Round:
        """Poll once, for up to `seconds`, and take in what came. Raises RetryLater, FixConfiguration; notes either."""
        try:
            return self._round(seconds)
        except (RetryLater, Refused) as error:
            trouble = str(error)
            self._lasting(lambda: self._note_trouble(trouble))
            raise

    def _round(self, seconds: int) -> Round:
        began = self.clock()
        messages = self.stream.receive(seconds)
        if messages:
            return Round(self._take(messages))
        backlog = self.stream.backlog()
        self._lasting(lambda: self._note(began, backlog))
        return Round(Tally(), emptied=backlog.is_empty)

    def _note(self, began: datetime, backlog: Backlog) -> None:
        """Note an answer without messages: all of the queue was asked, so what came before is taken in, or in hand."""
        with self.database.write() as session:
            note_answer(session, self.stream.name, at=self.clock(), trouble=backlog.lost)
            if backlog.is_empty and not backlog.lost:
                note(session, self.stream.name, drained_at=began)
                if (certain_at := self._empty.certain_at(began)) is not None:
                    note(session, self.stream.name, certain_at=certain_at)

    def _take(self, messages: Sequence[Message]) -> Tally:
        intake = Intake(self.database, self.clock, self.stream.name, self.soft_bounces, self.erased)
        waiting = _Hiding(self.stream, messages, self.wait, self.timer)
        try:
            tally = Outages(waiting, self.patience).over(lambda: intake.take([message.body for message in messages]))
        except BaseException:
            self._give_back(messages)
            raise
        try:
            self.stream.delete(messages)
        except RetryLater as error:
            _log.warning("What was taken in could not be deleted, and will come again: %s", error)
        return tally

    def _give_back(self, messages: Sequence[Message]) -> None:
        try:
            self.stream.hide(messages, 0)
        except (RetryLater, Refused) as error:
            _log.warning("Messages show again only when their time is over: %s", error)

    def _note_trouble(self, trouble: str) -> None:
        with self.database.write() as session:
            note(session, self.stream.name, trouble=trouble, troubled_at=self.clock())

    def _lasting(self, action: Callable[[], None]) -> None:
        Outages(self.wait, self.patience).over(action)


class _Empty:
    """The moments at which a queue was empty."""

    def __init__(self, gap: timedelta) -> None:
        self._gap = gap
        self._moments: deque[datetime] = deque()

    def certain_at(self, moment: datetime) -> datetime | None:
        """Add a moment; return the last one that lies so far back that the new one confirms it."""
        self._moments.append(moment)
        confirmed = None
        while self._moments and self._moments[0] <= moment - self._gap:
            confirmed = self._moments.popleft()
        return confirmed


class _Hiding:
    """Waits, and keeps messages hidden from others meanwhile."""

    def __init__(
        self,
        stream: Stream,
        messages: Sequence[Message],
        wait: Callable[[float], bool],
        timer: Callable[[], float],
    ) -> None:
        self._stream = stream
        self._messages = messages
        self._wait = wait
        self._timer = timer
        self._hidden_at = timer()

    def __call__(self, seconds: float) -> bool:
        if self._timer() - self._hidden_at > self._stream.hidden_seconds / 3:
            self._hidden_at = self._timer()
            try:
                self._stream.hide(self._messages, int(self._stream.hidden_seconds))
            except RetryLater as error:
                _log.warning("Messages may show again before they are taken in: %s", error)
        return self._wait(seconds)

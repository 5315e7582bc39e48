"""What runs errands until it is told to stop, and how each is carried out, whichever engine brought it."""

from __future__ import annotations

import logging
from collections import Counter
from contextlib import suppress
from datetime import timedelta
from threading import Lock
from typing import TYPE_CHECKING, Protocol

from sqlalchemy.exc import DBAPIError

from newsletter.delivery import campaigns
from newsletter.delivery.claims import Claims
from newsletter.delivery.jobs import Errand, Kind, due
from newsletter.delivery.outages import passes
from newsletter.errors import Hold, Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from threading import Event

    from sqlalchemy.orm import Session

    from newsletter.delivery.sending import Sender

_log = logging.getLogger(__name__)

_REST = 5.0
_LONGEST_HOLD = timedelta(seconds=15)
"""A quota can be raised, and room can come back sooner than was thought."""
_TRIES = 3


class Engine(Protocol):
    """Implemented by `engine_threads` and `engine_procrastinate`; chosen and run by `bootstrap.working`."""

    def run(self, stop: Event) -> None:
        """Have errands carried out until `stop` is set and those under way have come to an end.

        Outlives the database's absence. Raises AnotherSender where this process may not send.
        """
        ...


class Clerk:
    """Knows what is due and does it, for as many threads as there are."""

    def __init__(self, sender: Sender) -> None:
        self.sender = sender
        self._claims = Claims(sender.database, sender.token, sender.claim_seconds)
        self._failures: Counter[str] = Counter()
        self._held_until: datetime | None = None
        self._lock = Lock()

    def due(self, session: Session) -> Sequence[Errand]:
        """Return what can be done now."""
        return due(session, self._claims, now=self.sender.clock())

    def carry_out(self, errand: Errand) -> None:
        """Do it as far as it goes; whatever goes wrong is on the log, and the ledger says what is to be done again.

        What fails time and again pauses its campaign: a person has to look.
        """
        try:
            self._do(errand)
        except Hold as hold:
            self._hold(hold)
        except Exception as error:  # noqa: BLE001 - a worker outlives whatever one campaign may hold
            if isinstance(error, DBAPIError) and passes(error):
                _log.warning("%s: the database does not answer (%s).", errand.name, type(error.orig).__name__)
            else:
                self._failed(errand, error)
        else:
            with self._lock:
                del self._failures[errand.name]

    def _do(self, errand: Errand) -> None:
        if errand.kind is Kind.PLAN:
            self.sender.plan(errand.campaign_id)
        elif errand.kind is Kind.WIND_UP:
            if self.sender.feedback is not None:
                self.sender.feedback.listen()
            self.sender.wind_up(errand.campaign_id)
        elif errand.chunk_no is not None and not self._on_hold():
            self.sender.send_chunk(errand.campaign_id, errand.chunk_no)

    def _hold(self, hold: Hold) -> None:
        with self._lock:
            self._held_until = min(hold.until, self.sender.clock() + _LONGEST_HOLD)
        _log.warning("Sending waits until %s: %s", f"{hold.until:%H:%M} UTC", hold)

    def _on_hold(self) -> bool:
        with self._lock:
            return self._held_until is not None and self.sender.clock() < self._held_until

    def _failed(self, errand: Errand, error: Exception) -> None:
        _log.error("%s failed: %s", errand.name, error, exc_info=None if isinstance(error, Refused) else error)
        with self._lock:
            self._failures[errand.name] += 1
            last = self._failures[errand.name] >= _TRIES
        if last:
            reason = str(error) if isinstance(error, Refused) else f"{type(error).__name__}: see the worker's log"
            with suppress(Refused), self.sender.database.write() as session:  # it goes on no more: all the better
                campaigns.pause(session, errand.campaign_id, reason)


class Rest:
    """Keeps whoever hands out errands from handing out the same again and again, while it stays due."""

    def __init__(self, timer: Callable[[], float], seconds: float = _REST) -> None:
        self._timer = timer
        self._seconds = seconds
        self._until: dict[str, float] = {}

    def rested(self, errands: Sequence[Errand]) -> list[Errand]:
        """Return those that were not handed out just now."""
        now = self._timer()
        self._until = {name: until for name, until in self._until.items() if until > now}
        return [errand for errand in errands if errand.name not in self._until]

    def begin(self, errand: Errand) -> None:
        """Let this one be for a while."""
        self._until[errand.name] = self._timer() + self._seconds

"""The engine of one process: threads that take what is due from the ledger themselves.

All that SQLite needs; under PostgreSQL any number of such processes do no harm to each other.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from threading import Lock, Thread
from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError

from newsletter.delivery.engine import Rest
from newsletter.delivery.sole_sender import sole_sender

if TYPE_CHECKING:
    from collections.abc import Callable
    from threading import Event

    from newsletter.delivery.engine import Clerk
    from newsletter.delivery.jobs import Errand

_log = logging.getLogger(__name__)

_LOOK_EVERY = 0.5
"""Seconds between two looks into a ledger where nothing was due."""


class Threads:
    """`size` threads of this process."""

    def __init__(self, clerk: Clerk, size: int, looked: Callable[[], None]) -> None:
        """Call `looked` whenever the ledger was asked what is due."""
        self._clerk = clerk
        self._size = size
        self._feed = _Feed(clerk, looked)

    def run(self, stop: Event) -> None:
        """Have errands carried out until `stop` is set and those under way have come to an end."""
        with sole_sender(self._clerk.sender.database):
            self._clerk.sender.take_over()
            # daemons: whoever asks a second time to stop does not wait for them
            threads = [Thread(target=self._work, args=(stop,), daemon=True) for _ in range(self._size)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()

    def _work(self, stop: Event) -> None:
        while not stop.is_set():
            errand = self._feed.take()
            if errand is None:
                stop.wait(_LOOK_EVERY)
                continue
            self._clerk.carry_out(errand)
            self._feed.give_back(errand)


class _Feed:
    """Hands out what is due: none to two threads at once, and none again right after it was done."""

    def __init__(self, clerk: Clerk, looked: Callable[[], None]) -> None:
        self._clerk = clerk
        self._looked = looked
        self._waiting: deque[Errand] = deque()
        self._under_way: set[str] = set()
        self._rest = Rest(time.monotonic)
        self._next_look = 0.0
        self._lock = Lock()

    def take(self) -> Errand | None:
        """Return something to do; None: there is nothing now."""
        with self._lock:
            if not self._waiting:
                self._look()
            if not self._waiting:
                return None
            errand = self._waiting.popleft()
            self._under_way.add(errand.name)
            return errand

    def give_back(self, errand: Errand) -> None:
        """Be told that it was done, as far as it went."""
        with self._lock:
            self._under_way.discard(errand.name)
            self._rest.begin(errand)

    def _look(self) -> None:
        if time.monotonic() < self._next_look:
            return
        try:
            with self._clerk.sender.database.read() as session:
                errands = self._rest.rested(self._clerk.due(session))
        except DBAPIError as error:
            _log.warning("The database does not say what is due (%s); asking again.", error.orig)
        else:
            self._waiting.extend(errand for errand in errands if errand.name not in self._under_way)
            self._looked()
        if not self._waiting:
            self._next_look = time.monotonic() + _LOOK_EVERY

"""Ctrl-C and SIGTERM while work is under way: what was begun ends and is written down, nothing more begins."""

from __future__ import annotations

import signal
from contextlib import contextmanager
from threading import Event
from typing import TYPE_CHECKING

from newsletter.cli.exits import Exit
from newsletter.cli.output import tell

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType


class Stop:
    """Whether somebody asked to stop, and by what signal."""

    def __init__(self, when: str) -> None:
        self._when = when
        self.event = Event()
        """Set by a signal, or by the command itself when there is nothing left to do."""
        self._signal: int | None = None

    @property
    def wait(self) -> Callable[[float], bool]:
        """Waits that many seconds; returns whether to stop, at once when it is so."""
        return self.event.wait

    @property
    def exit_code(self) -> Exit | None:
        """How the command ends; None: nobody asked to stop."""
        if self._signal is None:
            return None
        return Exit.TERMINATED if self._signal == signal.SIGTERM else Exit.INTERRUPTED

    def request(self, number: int, _frame: FrameType | None) -> None:
        """Take a signal; the second Ctrl-C does not wait any more."""
        if self._signal is not None:
            raise KeyboardInterrupt
        self._signal = number
        self.event.set()
        tell("", f"Stopping when {self._when}; once more stops at once.")


@contextmanager
def stopping(when: str = "the mails under way are written down") -> Iterator[Stop]:
    """Yield what takes SIGINT and SIGTERM meanwhile. `when`: what is finished first, for the person who waits."""
    stop = Stop(when)
    before = {number: signal.signal(number, stop.request) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)

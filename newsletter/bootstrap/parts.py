"""The parts of an installation that run until they are told to stop: in one process, or each on its own."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from functools import partial
from threading import Thread
from typing import TYPE_CHECKING, Protocol

from newsletter.bootstrap.feedback import listener
from newsletter.bootstrap.scheduling import ticking
from newsletter.bootstrap.working import work
from newsletter.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime
    from threading import Event

    from newsletter.bootstrap.installation import Newsletter
    from subscribers.clock import Clock

_log = logging.getLogger(__name__)

_AGAIN_AFTER = 5.0


@dataclass(frozen=True, kw_only=True)
class Part:
    """Something that runs until it is told to stop."""

    name: str
    run: Callable[[Event], None]
    """Returns when the event is set and what is under way has come to an end. A refusal ends the whole process."""


@dataclass(frozen=True)
class Pulse:
    """When each part last did what it does again and again: what a watcher asks after."""

    clock: Clock
    beats: dict[str, datetime] = field(default_factory=dict)

    def beat(self, name: str) -> None:
        """Note that this part is alive. Any thread may call it."""
        self.beats[name] = self.clock()

    def seen(self) -> Mapping[str, datetime]:
        """Return when each part was last alive."""
        return dict(self.beats)


class Web(Protocol):
    """Makes the web part; implemented by `newsletter.web`, handed in by `__main__`."""

    def __call__(
        self, newsletter: Newsletter, pulse: Pulse, *, host: str, port: int, ready: Callable[[str], None]
    ) -> Part:
        """Return what serves on that address; it calls `ready` with its URL. Raises Refused where it cannot."""
        ...


def background(newsletter: Newsletter, pulse: Pulse, *, concurrency: int | None = None) -> list[Part]:
    """Return what runs beside the web in a process that does everything; each is a command of its own, too."""

    def worker(stop: Event) -> None:
        work(newsletter, stop, concurrency=concurrency, looked=partial(pulse.beat, "worker"))

    def scheduler(stop: Event) -> None:
        with ticking(newsletter):
            stop.wait()

    def feedback(stop: Event) -> None:
        with listener(newsletter, stop.wait) as listening:
            if listening is None:
                stop.wait()  # the settings name no queue
            else:
                listening.run(stop)

    return [
        Part(name="worker", run=worker),
        Part(name="scheduler", run=scheduler),
        Part(name="feedback", run=feedback),
    ]


def run_together(parts: Sequence[Part], stop: Event) -> None:
    """Run all of them until `stop` is set and each has ended; begin one anew that fell over.

    Raises what refused one of them; the others are stopped then.
    """
    refusals: list[Refused] = []
    # daemons: whoever asks a second time to stop does not wait for them
    threads = [Thread(target=_keep_up, args=(part, stop, refusals), name=part.name, daemon=True) for part in parts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if refusals:
        raise refusals[0]


def _keep_up(part: Part, stop: Event, refusals: list[Refused]) -> None:
    while not stop.is_set():
        try:
            part.run(stop)
        except Refused as refusal:
            refusals.append(refusal)
            stop.set()
        except Exception:  # noqa: BLE001 - the other parts go on
            _log.exception("The %s fell over.", part.name)
        if not stop.wait(_AGAIN_AFTER):
            _log.warning("The %s begins anew.", part.name)

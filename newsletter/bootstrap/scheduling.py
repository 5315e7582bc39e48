"""What makes things begin at their time, and what knows how much is still to come."""

from __future__ import annotations

from contextlib import contextmanager
from functools import partial
from threading import Event
from typing import TYPE_CHECKING

from newsletter.bootstrap.retaining import chores
from newsletter.scheduling.chores import do_due
from newsletter.scheduling.expected import expected_later
from newsletter.scheduling.ticker import Ticker, running_ticker

if TYPE_CHECKING:
    from collections.abc import Iterator

    from newsletter.bootstrap.installation import Newsletter


@contextmanager
def ticking(newsletter: Newsletter) -> Iterator[None]:
    """Begin what is due, in the background, as long as the context lasts. Any number of processes may.

    What is done once a day is done beside it, and stops between two batches when the context ends.
    """
    stop = Event()
    daily = partial(do_due, newsletter.database, newsletter.clock, chores(newsletter), stop.wait)
    with running_ticker(ticker(newsletter), beside=daily):
        try:
            yield
        finally:
            stop.set()


def ticker(newsletter: Newsletter) -> Ticker:
    """Return what looks, once, what is due."""
    return Ticker(
        database=newsletter.database, clock=newsletter.clock, catch_up_hours=newsletter.settings.catch_up_hours
    )


def still_to_come(newsletter: Newsletter, hours: float = 24) -> int:
    """Return about how many recipients the campaigns have that are to begin within so many hours."""
    with newsletter.database.read() as session:
        return expected_later(session, newsletter.now(), hours)

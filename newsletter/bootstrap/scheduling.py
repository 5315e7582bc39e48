"""What makes things begin at their time, and what knows how much is still to come."""

from __future__ import annotations

from typing import TYPE_CHECKING

from newsletter.scheduling.expected import expected_later
from newsletter.scheduling.ticker import Ticker, running_ticker

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from newsletter.bootstrap.installation import Newsletter


def ticking(newsletter: Newsletter) -> AbstractContextManager[None]:
    """Begin what is due, in the background, as long as the context lasts. Any number of processes may."""
    return running_ticker(ticker(newsletter))


def ticker(newsletter: Newsletter) -> Ticker:
    """Return what looks, once, what is due."""
    return Ticker(
        database=newsletter.database, clock=newsletter.clock, catch_up_hours=newsletter.settings.catch_up_hours
    )


def still_to_come(newsletter: Newsletter, hours: float = 24) -> int:
    """Return about how many recipients the campaigns have that are to begin within so many hours."""
    with newsletter.database.read() as session:
        return expected_later(session, newsletter.now(), hours)

"""Run a campaign in front of somebody: its progress while it goes, its books when it stands."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from newsletter.bootstrap.sending import sender
from newsletter.cli.campaign_text import progress_of, show
from newsletter.cli.exits import Exit
from newsletter.cli.output import tell
from newsletter.cli.progress import progress
from newsletter.cli.stopping import stopping
from newsletter.delivery.lifecycle import ENDED, State
from newsletter.delivery.sole_sender import AnotherSender

if TYPE_CHECKING:
    from collections.abc import Callable

    from newsletter.bootstrap.installation import Newsletter
    from newsletter.delivery.books import Books
    from newsletter.delivery.campaigns import Progress

_LOOK_EVERY = 1.0
"""Seconds between two looks at a campaign that another process sends."""


def run(newsletter: Newsletter, number: int, *, as_json: bool) -> int | None:
    """Send until the end, or until somebody stops it; say how it stands then.

    Where another process is sending from this database already, that one does it, and it is watched.
    """
    with stopping() as stop:
        try:
            with progress("Sending", "mails") as moved, sender(newsletter, stop.wait) as sending:
                books = sending.run(number, moved)
        except AnotherSender as other:
            tell(
                f"{other.holder} is sending from this database, and sends this as well. Ctrl-C only ends the watching."
            )
            books = watched(newsletter, number, stop.wait).books
    found = progress_of(newsletter, number)
    show(found, as_json=as_json)
    if newsletter.settings.transport == "outbox":
        tell(
            "",
            f"The mails are files in {newsletter.settings.outbox_dir / found.campaign.label}; none left this machine.",
        )
    if books.state is State.SENDING and stop.exit_code is not None:
        tell(f"Stopped with {books.pending} mails to go: run the same command again to go on.")
        return stop.exit_code
    return _ending(number, books, alarmed=found.watch.alarmed)


def watched(newsletter: Newsletter, number: int, wait: Callable[[float], bool]) -> Progress:
    """Look again and again until the campaign is over, or until told to stop; say what changes."""
    state = None
    with progress("Sending", "mails") as moved:
        while True:
            found = progress_of(newsletter, number)
            if found.books.state is not state and not sys.stderr.isatty():
                tell(f"Campaign {number} is {found.books.state}: {found.books.settled} of {found.books.planned}.")
            state = found.books.state
            moved(found.books.settled, found.books.planned)
            if (state in ENDED and not found.books.pending) or wait(_LOOK_EVERY):
                return found


def _ending(number: int, books: Books, *, alarmed: bool) -> int | None:
    if books.state is State.PAUSED:
        despite = " --despite-alarm" if alarmed else ""
        tell(f"Paused: {books.state_reason or 'by somebody'}", f"Then: `newsletter campaign resume {number}{despite}`.")
    elif books.state is State.CANCELLED:
        tell(f"Cancelled{f': {books.state_reason}' if books.state_reason else ''}.")
    if books.state is not State.SENT:
        return Exit.REFUSED
    if books.uncertain:
        tell(
            f"{books.uncertain} mails may or may not have been accepted: they are not sent again on a guess. "
            f"`newsletter campaign uncertain {number}` lists them, for you to decide."
        )
        return Exit.LEFT_FOR_A_PERSON
    return None

"""`newsletter worker`: works campaigns off, beside any number of others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
from sqlalchemy.exc import OperationalError

from newsletter.bootstrap.installation import opened
from newsletter.bootstrap.working import work
from newsletter.cli.campaign_text import progress_of
from newsletter.cli.exits import Exit
from newsletter.cli.logs import write_log
from newsletter.cli.output import json_option, print_json, say, tell
from newsletter.cli.stopping import stopping
from newsletter.delivery.lifecycle import State

if TYPE_CHECKING:
    from collections.abc import Collection

    from newsletter.bootstrap.installation import Newsletter
    from newsletter.delivery.campaigns import Progress

concurrency_option = click.option(
    "--concurrency",
    type=click.IntRange(1, 64),
    metavar="N",
    help="Calls under way side by side; NEWSLETTER_CONCURRENCY where left out.",
)


@click.command()
@concurrency_option
@click.option("--until-idle", is_flag=True, help="End when no campaign goes on by itself any more.")
@json_option
def worker(*, concurrency: int | None, until_idle: bool, as_json: bool) -> int | None:
    """Work off the campaigns that were started, beside any number of other workers.

    It runs until Ctrl-C or SIGTERM; then the calls under way end, their outcomes are written, no other begins. Killed,
    it leaves nothing that another one does not take over. Under SQLite there can be one.
    """
    write_log()
    with opened() as newsletter:
        with stopping() as stop:
            seen = work(newsletter, stop.event, concurrency=concurrency, until_idle=until_idle)
        found = _found(newsletter, seen, stopped=stop.exit_code is not None)
    if as_json:
        print_json({"campaigns": [each.as_json() for each in found]})
    else:
        say(*(_line(each) for each in found))
    if not until_idle:
        return None
    if stop.exit_code is not None:
        return stop.exit_code
    return Exit.LEFT_FOR_A_PERSON if any(map(_needs_a_person, found)) else None


def _found(newsletter: Newsletter, seen: Collection[int], *, stopped: bool) -> list[Progress]:
    """Return how far the campaigns are; whoever asked to stop is not kept by a database that is away."""
    try:
        return [progress_of(newsletter, number) for number in sorted(seen)]
    except OperationalError:
        if not stopped:
            raise
        tell("The database does not answer: how far the campaigns are is not known.")
        return []


def _needs_a_person(found: Progress) -> bool:
    return bool(found.books.state is State.PAUSED or found.books.uncertain)


def _line(found: Progress) -> str:
    books = found.books
    reason = f" ({books.state_reason})" if books.state_reason else ""
    doubt = f", {books.uncertain} uncertain" if books.uncertain else ""
    return f"Campaign {found.campaign.id} is {books.state}{reason}: {books.settled} of {books.planned}{doubt}."

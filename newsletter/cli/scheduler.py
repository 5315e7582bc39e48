"""`newsletter scheduler`: what is scheduled begins at its time."""

from __future__ import annotations

import logging

import click

from newsletter.bootstrap.installation import opened
from newsletter.cli.output import tell
from newsletter.cli.stopping import stopping

_A_WHILE = 3600.0


@click.command()
def scheduler() -> None:
    """Begin scheduled campaigns, and the slots of lists, at their time.

    It runs until Ctrl-C or SIGTERM. Run one or several, on one machine or several: everything begins once. The workers
    send what has begun.
    """
    from newsletter.bootstrap.scheduling import ticking  # noqa: PLC0415 - APScheduler; this command alone needs it

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("apscheduler").setLevel(logging.WARNING)  # it would say that it ticks, at every tick
    with opened() as newsletter, stopping("what is being begun has begun") as stop, ticking(newsletter):
        tell(f"Looking every few seconds what is due in {newsletter.where}; Ctrl-C ends it.")
        while not stop.wait(_A_WHILE):
            pass

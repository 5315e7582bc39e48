"""`newsletter feedback replay`: stored events, read again by the rules of today."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

import click

from newsletter.bootstrap.feedback import replay as replaying
from newsletter.bootstrap.installation import opened
from newsletter.cli.exits import Exit
from newsletter.cli.output import json_option, print_json, say, table, tell
from newsletter.cli.progress import progress
from newsletter.cli.stopping import stopping
from newsletter.delivery import campaigns
from newsletter.feedback.replaying.stored import Scope

if TYPE_CHECKING:
    from datetime import datetime

    from newsletter.feedback.replaying.difference import Difference


@click.command()
@click.option("--apply", "is_applied", is_flag=True, help="Make the difference; left out: show it, and change nothing.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]), help="Only what happened since (UTC).")
@click.option("--campaign", help="Only what came back of this campaign.")
@json_option
def replay(*, is_applied: bool, since: datetime | None, campaign: str | None, as_json: bool) -> int | None:
    """Read stored events again, after a rule has changed, and show what would be different.

    Nothing is changed without --apply. Stopped or killed, the same command finishes it. Exit code 3: people were taken
    off a list by SES's page who, by the rules of today, had not asked for it; nobody is put back without being asked.
    """
    with opened() as newsletter, stopping("the events at hand are read") as stop:
        with newsletter.database.read() as session:
            number = None if campaign is None else campaigns.find(session, campaign).id
        work = replaying(newsletter, stop.wait)
        with progress("Reading again", "events") as moved:
            scope = Scope(since=None if since is None else since.replace(tzinfo=UTC), campaign_id=number)
            found = work.run(scope, apply=is_applied, moved=moved)
        if scope == Scope():
            found.add_others(work.rejudge(apply=is_applied))
    if as_json:
        print_json({"applied": is_applied, **found.as_json()})
    else:
        _say(found, is_applied=is_applied)
    if stop.exit_code is not None:
        return stop.exit_code
    return Exit.LEFT_FOR_A_PERSON if found.for_a_person else None


def _say(found: Difference, *, is_applied: bool) -> None:
    say(f"{found.events} events were read again.")
    if found.changed:
        rows = [(old.value, new.value, events) for (old, new), events in sorted(found.changed.items())]
        say("", *table(("was taken for", "is", "events"), rows))
    figures = [(what, count) for what, count in _figures(found) if count]
    if figures:
        say("", *table(("this makes", ""), figures))
    elif not found.changed:
        say("They mean what they were taken for: nothing is different.")
    if found.for_a_person:
        tell("", f"{found.for_a_person} people had left a list by SES's page, and by these rules had not asked to.")
    if not is_applied and (found.changed or figures):
        tell("", "Nothing was changed: the same command with --apply does it.")


def _figures(found: Difference) -> list[tuple[str, int]]:
    counts = found.suppressions()
    return [
        ("addresses suppressed", counts["suppressed"]),
        ("addresses no longer suppressed", counts["reinstated"]),
        ("addresses suppressed for another reason", counts["revised"]),
        ("mails that count as failed, not as sent", found.failed),
        ("mails that count as sent, not as failed", found.sent),
        ("people taken off a list", found.unsubscribed),
    ]

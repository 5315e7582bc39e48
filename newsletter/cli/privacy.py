"""`newsletter privacy`: what the scheduler does once a day, by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from newsletter.bootstrap import retaining
from newsletter.bootstrap.installation import opened
from newsletter.cli.exits import Exit
from newsletter.cli.groups import OrderedGroup
from newsletter.cli.output import json_option, print_json, say, table, tell
from newsletter.cli.stopping import stopping

if TYPE_CHECKING:
    from newsletter.bootstrap.retaining import Dusk

_plan = click.option("--plan", "is_plan", is_flag=True, help="Say what would be done; change nothing.")


@click.group(cls=OrderedGroup)
def privacy() -> None:
    """Let go what of people is kept for a while only."""


@privacy.command()
@_plan
@json_option
def retain(*, is_plan: bool, as_json: bool) -> int | None:
    """Let go what is kept no longer, by the policies of the lists.

    Requests nobody confirmed, networks that consent came from, what became of each mail, events of SES, links that have
    had their time. The scheduler does it once a day. Stopped, the same command goes on.
    """
    with opened() as newsletter, stopping("the batch at hand has gone") as stop:
        rows = retaining.due(newsletter) if is_plan else retaining.retain(newsletter, stop.wait)
    if as_json:
        print_json({"plan": is_plan, "rows": dict(rows)})
    elif any(rows.values()):
        say(*table(("what", "rows to go" if is_plan else "rows gone"), [each for each in rows.items() if each[1]]))
    else:
        say("Nothing is kept for too long.")
    return stop.exit_code


@privacy.command()
@_plan
@json_option
def sunset(*, is_plan: bool, as_json: bool) -> int | None:
    """Ask people who give no sign of life whether they still want a list.

    Only where the list says so (sunset_months). Who does not answer in time is taken off it. The scheduler does it once
    a day. Exit code 3: a list has the policy, and nothing that tells who reads.
    """
    with opened() as newsletter, stopping("the batch at hand was asked") as stop:
        found = retaining.dusk(newsletter) if is_plan else retaining.sunset(newsletter, stop.wait)
    if as_json:
        print_json({"plan": is_plan, "lists": [_document(each) for each in found]})
    elif not found:
        say("No list has a sunset policy.")
    else:
        days = [f"{each.since:%Y-%m-%d}" if each.since else "–" for each in found]
        rows = [(each.list, each.months, day, each.asked, each.left) for each, day in zip(found, days, strict=True)]
        say(*table(("list", "months", "signs since", "asked", "taken off"), rows))
    waiting = [each for each in found if each.waits]
    tell(*(f"{each.list}: {each.waits}." for each in waiting))
    return stop.exit_code if stop.exit_code is not None else Exit.LEFT_FOR_A_PERSON if waiting else None


def _document(found: Dusk) -> dict[str, Any]:
    return {
        "list": found.list,
        "months": found.months,
        "signs_since": found.since.isoformat() if found.since else None,
        "asked": found.asked,
        "taken_off": found.left,
        "waits": found.waits,
    }

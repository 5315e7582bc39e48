"""`newsletter suppression`: addresses that get no mail, whatever list they are on."""

from __future__ import annotations

import click

from newsletter.bootstrap.installation import opened
from newsletter.cli.groups import OrderedGroup
from newsletter.cli.output import json_option, print_json, say, table
from newsletter.cli.suppression_sync import sync
from subscribers.suppression import Reason, reinstate, suppress, suppressions

_SOURCE = "command line"


@click.group(cls=OrderedGroup)
def suppression() -> None:
    """Addresses that get no mail from any list."""


@suppression.command()
@click.argument("email")
@click.option("--reason", type=click.Choice([each.value for each in Reason]), default="manual", show_default=True)
@click.option("--detail", default="", help="A note for whoever reads the list later.")
@json_option
def add(*, email: str, reason: str, detail: str, as_json: bool) -> None:
    """Send nothing to EMAIL any more, from no list.

    The first reason stands; only a complaint replaces another one.
    """
    with opened() as newsletter, newsletter.database.write() as session:
        new = suppress(session, email, Reason(reason), source=_SOURCE, now=newsletter.now(), detail=detail)
    if as_json:
        print_json({"email": email, "added": new})
    else:
        say(f"{email} gets no mail from any list now." if new else f"{email} was suppressed already.")


@suppression.command("list")
@json_option
def list_(*, as_json: bool) -> None:
    """Show the suppressed addresses, oldest first."""
    with opened() as newsletter, newsletter.database.read() as session:
        found = list(suppressions(session))
    if as_json:
        entries = [{"email": each.email, "reason": each.reason, "since": each.since.isoformat()} for each in found]
        print_json({"suppressions": entries})
    elif not found:
        say("No address is suppressed.")
    else:
        rows = [(each.email, each.reason, f"{each.since:%Y-%m-%d %H:%M} UTC", each.detail) for each in found]
        say(*table(("address", "reason", "since", "detail"), rows))


@suppression.command()
@click.argument("email")
@json_option
def remove(*, email: str, as_json: bool) -> None:
    """Let mail go to EMAIL again, on the lists where it was active.

    Somebody who had complained stays unsubscribed.
    """
    with opened() as newsletter, newsletter.database.write() as session:
        reinstate(session, email, source=_SOURCE, now=newsletter.now())
    if as_json:
        print_json({"email": email, "removed": True})
    else:
        say(f"{email} is no longer suppressed.")


suppression.add_command(sync)

"""`newsletter feedback`: what SES says afterwards."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import click

from newsletter.bootstrap.feedback import consumer, purge_feedback
from newsletter.bootstrap.installation import opened
from newsletter.cli.exits import Exit
from newsletter.cli.feedback_replay import replay
from newsletter.cli.groups import OrderedGroup
from newsletter.cli.output import json_option, print_json, say, table, tell
from newsletter.cli.progress import progress
from newsletter.cli.stopping import stopping
from newsletter.errors import Refused, RetryLater
from newsletter.feedback.quarantine import quarantined, quarantined_message
from newsletter.feedback.reporting.domains import by_domain, by_provider
from newsletter.feedback.stats import feedback_stats

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from newsletter.feedback.intake import Tally
    from newsletter.feedback.stats import Stats


@click.group(cls=OrderedGroup)
def feedback() -> None:
    """Take in what SES says of the mails: sent, delivered, bounced."""


@feedback.command()
@click.option("--until-empty", is_flag=True, help="End when nothing is left in the queue.")
@json_option
def consume(*, until_empty: bool, as_json: bool) -> int | None:
    """Take in the events of the queue, as they come.

    It stays until it is stopped. An event is taken off the queue when what it says is committed; the same event again
    changes nothing. Exit code 3: some could not be read, and are kept aside.
    """
    with (
        opened() as newsletter,
        stopping("the events at hand are written down") as stop,
        progress("Taking in", "events") as moved,
        consumer(newsletter, stop.wait) as consuming,
    ):
        try:
            tally = consuming.consume(until_empty=until_empty, heard=lambda sofar: moved(sofar.events, sofar.events))
        except RetryLater as error:
            raise Refused(f"{error} What was taken in is kept; run the same command again.") from error
    _print_tally(tally, as_json=as_json)
    if stop.exit_code is not None:
        return stop.exit_code
    return Exit.LEFT_FOR_A_PERSON if tally.quarantined else None


@feedback.command()
@click.option("--by", type=click.Choice(["provider", "domain"]), help="Count by mailbox provider, or by domain.")
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True, help="The domains told most of.")
@json_option
def stats(*, by: str | None, limit: int, as_json: bool) -> None:
    """Count what came back, by kind and by day, and say how the queue does."""
    with opened() as newsletter, newsletter.database.read() as session:
        wait = timedelta(seconds=newsletter.settings.uncertain_wait)
        found = feedback_stats(session, newsletter.settings.ses_events_queue_url, uncertain_wait=wait)
        parts = by_provider(session) if by == "provider" else by_domain(session, limit=limit) if by else {}
    if as_json:
        more = {f"{by}s": [{str(by): name, "kinds": kinds} for name, kinds in parts.items()]} if by else {}
        print_json({**found.as_json(), **more})
    elif by:
        say(*_kinds_table(by, parts))
    else:
        _say_stats(found)


@feedback.command()
@click.argument("number", type=int, required=False)
@json_option
def quarantine(*, number: int | None, as_json: bool) -> None:
    """Show the messages that were kept aside, and why; with NUMBER, one of them whole."""
    with opened() as newsletter, newsletter.database.read() as session:
        found = quarantined(session) if number is None else [quarantined_message(session, number)]
    if as_json:
        messages = [
            {
                "number": each.id,
                "received_at": each.received_at.isoformat(),
                "stream": each.stream,
                "reason": each.reason,
                "body": each.body,
            }
            for each in found
        ]
        print_json({"quarantine": messages})
    elif number is not None:
        say(*(each.body for each in found))
    elif not found:
        say("No message was kept aside.")
    else:
        rows = [(each.id, _at(each.received_at), f"{len(each.body)} characters", each.reason) for each in found]
        say(*table(("number", "received", "size", "why"), rows))
        tell("", "`newsletter feedback quarantine NUMBER` shows one whole.")


feedback.add_command(replay)


@feedback.command()
@json_option
def purge(*, as_json: bool) -> int | None:
    """Forget the events that are older than NEWSLETTER_FEEDBACK_DAYS says; what follows from them stays."""
    with opened() as newsletter, stopping("the events at hand are forgotten") as stop:
        found = purge_feedback(newsletter, stop.wait)
    if as_json:
        print_json(found.as_json())
    else:
        say(f"{found.events} events and {found.quarantined} messages that could not be read are forgotten.")
    return stop.exit_code


def _print_tally(tally: Tally, *, as_json: bool) -> None:
    if as_json:
        print_json(tally.as_json())
    else:
        say(f"{tally.events} events: {tally.applied} applied, {tally.duplicates} known already.")
    if tally.quarantined:
        tell(f"{tally.quarantined} could not be read, and are kept aside: `newsletter feedback quarantine` shows them.")


def _say_stats(found: Stats) -> None:
    days: dict[str, Mapping[str, int]] = {f"{day:%Y-%m-%d}": counts for day, counts in found.days.items()}
    say(*_kinds_table("day", {**days, "all": found.kinds} if days else {}))
    for state in found.streams:
        say("", state.name)
        say(f"  last answer: {_at(state.polled_at)}; empty: {_at(state.drained_at)}")
        say(f"  everything is certainly taken in up to: {_at(state.certain_at)}")
        if state.trouble:
            say(f"  trouble since {_at(state.troubled_at)}: {state.trouble}")
    if found.quarantined:
        say("", f"{found.quarantined} messages are kept aside: `newsletter feedback quarantine` shows them.")
    for doubt in found.doubts:
        why = doubt.why_not or "they were not accepted, and are sent again by whoever sends the campaign"
        say("", f"Campaign {doubt.campaign_id}: {doubt.in_doubt} mails in doubt: {why}.")


def _kinds_table(heading: str, parts: Mapping[str, Mapping[str, int]]) -> list[str]:
    kinds = sorted({kind for counts in parts.values() for kind in counts})
    rows = [(name, *(counts.get(kind, 0) for kind in kinds)) for name, counts in parts.items()]
    return table((heading, *kinds), rows) if rows else ["Nothing has come back yet."]


def _at(instant: datetime | None) -> str:
    return f"{instant:%Y-%m-%d %H:%M:%S} UTC" if instant else "never"

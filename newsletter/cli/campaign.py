"""`newsletter campaign`: an issue goes out to a list."""

from __future__ import annotations

import secrets
import sys
import time
from typing import TYPE_CHECKING, Any

import click

from newsletter.bootstrap.installation import opened
from newsletter.bootstrap.sending import sender
from newsletter.cli.campaign_schedule import schedule, start
from newsletter.cli.campaign_text import progress_of, show, state_in_short
from newsletter.cli.choosing import list_option
from newsletter.cli.exits import Exit
from newsletter.cli.groups import OrderedGroup
from newsletter.cli.output import json_option, print_json, say, table, tell
from newsletter.cli.progress import progress
from newsletter.cli.stopping import stopping
from newsletter.delivery import appointments, campaigns
from newsletter.delivery.lifecycle import ENDED, State
from newsletter.delivery.scheduled import refuse_nobody
from newsletter.delivery.sole_sender import AnotherSender
from newsletter.issues.queries import finalized

if TYPE_CHECKING:
    from datetime import datetime

    from newsletter.bootstrap.installation import Newsletter
    from newsletter.delivery.books import Books
    from newsletter.delivery.campaigns import CampaignInfo, Progress

_LOOK_EVERY = 1.0
"""Seconds between two looks of `status --watch`."""

_campaign = click.argument("campaign", metavar="[CAMPAIGN]", default="latest")


@click.group(cls=OrderedGroup)
def campaign() -> None:
    """Send an issue to a list; watch, pause, resume, cancel.

    CAMPAIGN is a campaign's number, or `latest`, which is meant when it is left out.
    """


@campaign.command()
@click.argument("issue")
@list_option
@json_option
def send(*, issue: str, list_slug: str | None, as_json: bool) -> int | None:
    """Send a finalized ISSUE to its list.

    To everybody, each in their language and topics; the command stays until it is done. Stopped or killed, it goes on
    where it was when you run it again: nobody is written to twice. Exit code 3: some deliveries are uncertain, a person
    has to look; 1: the campaign is not at its end.
    """
    with opened() as newsletter:
        with newsletter.database.write() as session:
            publication, revision, slug = finalized(session, issue, list_slug)
            number = campaigns.begin(
                session, publication.id, revision, slug, token=lambda: secrets.token_hex(4), now=newsletter.now()
            )
            state = campaigns.find(session, number).state
            if state is State.PLANNING:  # one that has a plan goes on, whoever is left
                refuse_nobody(session, publication)
            if state is State.SENT:
                tell(f"Issue {slug} was sent to the list {publication.slug} before: nothing is sent now.")
        return _run(newsletter, number, as_json=as_json)


@campaign.command()
@_campaign
@click.option("--watch", is_flag=True, help="Stay until it is over.")
@json_option
def status(*, campaign: str, watch: bool, as_json: bool) -> None:
    """Show how far a campaign is.

    At every moment planned = sent + skipped + failed + uncertain + pending.
    """
    with opened() as newsletter:
        with newsletter.database.read() as session:
            number = campaigns.find(session, campaign).id
        found = _watched(newsletter, number) if watch else progress_of(newsletter, number)
    show(found, as_json=as_json)


@campaign.command("list")
@json_option
def list_(*, as_json: bool) -> None:
    """Show all campaigns, the newest first."""
    with opened() as newsletter, newsletter.database.read() as session:
        found = campaigns.all_campaigns(session)
    if as_json:
        print_json({"campaigns": [_document(each) for each in found]})
    elif not found:
        say("Nothing was sent yet: `newsletter campaign send ISSUE` begins.")
    else:
        rows = [
            (each.id, each.list, each.issue, each.revision, state_in_short(each), _at(each.created_at))
            for each in found
        ]
        say(*table(("campaign", "list", "issue", "revision", "state", "begun"), rows))


@campaign.command()
@_campaign
@click.option("--reason", default="", help="A note, shown by `status`.")
@json_option
def pause(*, campaign: str, reason: str, as_json: bool) -> None:
    """Let no more mail of a campaign begin; what is under way ends."""
    with opened() as newsletter:
        with newsletter.database.write() as session:
            number = campaigns.find(session, campaign).id
            campaigns.pause(session, number, reason)
        show(progress_of(newsletter, number), as_json=as_json)
    tell(f"`newsletter campaign resume {number}` lets it go on.")


@campaign.command()
@_campaign
@json_option
def resume(*, campaign: str, as_json: bool) -> int | None:
    """Let a paused campaign go on, and stay until it is done."""
    with opened() as newsletter:
        with newsletter.database.write() as session:
            number = campaigns.find(session, campaign).id
            campaigns.resume(session, number)
        return _run(newsletter, number, as_json=as_json)


@campaign.command()
@_campaign
@click.option("--reason", default="", help="A note, shown by `status`.")
@json_option
def cancel(*, campaign: str, reason: str, as_json: bool) -> int | None:
    """End a campaign for good.

    Who got no mail yet gets none, and the books say so.
    """
    with opened() as newsletter:
        with newsletter.database.write() as session:
            found = campaigns.find(session, campaign)
            if found.state is not State.CANCELLED:
                campaigns.cancel(session, found.id, reason, now=newsletter.now())
        try:
            with sender(newsletter) as sending:
                sending.run(found.id)
        except AnotherSender:
            tell("The process that is sending it sees this within seconds and closes the books.")
        show(progress_of(newsletter, found.id), as_json=as_json)
    return None


campaign.add_command(schedule)
campaign.add_command(start)


def _run(newsletter: Newsletter, number: int, *, as_json: bool) -> int | None:
    """Send until the end, or until somebody stops it; say how it stands then."""
    with stopping() as stop, progress("Sending", "mails") as moved, sender(newsletter, stop.wait) as sending:
        books = sending.run(number, moved)
    found = progress_of(newsletter, number)
    show(found, as_json=as_json)
    if newsletter.settings.transport == "outbox":
        tell(
            "",
            f"The mails are files in {newsletter.settings.outbox_dir / found.campaign.label}; none left this machine.",
        )
    if books.pending and stop.exit_code is not None:
        tell(f"Stopped with {books.pending} mails to go: run the same command again to go on.")
        return stop.exit_code
    return _ending(number, books)


def _ending(number: int, books: Books) -> int | None:
    if books.state is State.PAUSED:
        tell(f"Paused: {books.state_reason or 'by somebody'}", f"Then: `newsletter campaign resume {number}`.")
    elif books.state is State.CANCELLED:
        tell(f"Cancelled{f': {books.state_reason}' if books.state_reason else ''}.")
    if books.state is not State.SENT:
        return Exit.REFUSED
    if books.uncertain:
        tell(
            f"{books.uncertain} mails may or may not have been accepted: they are not sent again on a guess. Ask the "
            f"mail server's log, or the people.",
        )
        return Exit.LEFT_FOR_A_PERSON
    return None


def _watched(newsletter: Newsletter, number: int) -> Progress:
    """Look again and again until the campaign is over; say what changes."""
    state = None
    with progress("Sending", "mails") as moved:
        while True:
            found = progress_of(newsletter, number)
            if found.books.state is not state and not sys.stderr.isatty():
                tell(f"Campaign {number} is {found.books.state}: {found.books.settled} of {found.books.planned}.")
            state = found.books.state
            moved(found.books.settled, found.books.planned)
            if state in ENDED and not found.books.pending:
                return found
            time.sleep(_LOOK_EVERY)


def _document(info: CampaignInfo) -> dict[str, Any]:
    return {
        "campaign": info.id,
        "list": info.list,
        "issue": info.issue,
        "revision": info.revision,
        "state": info.state.value,
        "created_at": info.created_at.isoformat(),
        "started_at": info.started_at.isoformat() if info.started_at else None,
        "finished_at": info.finished_at.isoformat() if info.finished_at else None,
        **appointments.as_json(info),
    }


def _at(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M} UTC"

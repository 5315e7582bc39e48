"""`newsletter campaign`: an issue goes out to a list."""

from __future__ import annotations

import secrets
from threading import Event
from typing import TYPE_CHECKING, Any

import click

from newsletter.bootstrap.installation import opened
from newsletter.bootstrap.sending import sender
from newsletter.cli.campaign_report import report_
from newsletter.cli.campaign_run import run, watched
from newsletter.cli.campaign_schedule import schedule, start
from newsletter.cli.campaign_second_tries import retry_failed, uncertain
from newsletter.cli.campaign_text import progress_of, show, state_in_short
from newsletter.cli.choosing import campaign_argument, list_option
from newsletter.cli.estimate import estimate
from newsletter.cli.groups import OrderedGroup
from newsletter.cli.output import json_option, print_json, say, table, tell
from newsletter.cli.show_mail import show_mail
from newsletter.delivery import appointments, campaigns
from newsletter.delivery.guarding import alarms
from newsletter.delivery.lifecycle import State
from newsletter.delivery.scheduled import refuse_nobody, refuse_scheduled
from newsletter.delivery.sole_sender import AnotherSender
from newsletter.issues.queries import finalized, newer_draft

if TYPE_CHECKING:
    from datetime import datetime

    from newsletter.delivery.campaigns import CampaignInfo


@click.group(cls=OrderedGroup)
def campaign() -> None:
    """Send an issue to a list; watch, pause, resume, cancel.

    CAMPAIGN is a campaign's number, an issue (the newest campaign of it is meant), or `latest`, which is meant when it
    is left out.
    """


campaign.add_command(estimate)


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
            refuse_scheduled(session, publication, revision.issue_id, slug)
            number = campaigns.begin(
                session, publication.id, revision, slug, token=lambda: secrets.token_hex(4), now=newsletter.now()
            )
            state = campaigns.find(session, number).state
            if state is State.PLANNING:  # one that has a plan goes on, whoever is left
                refuse_nobody(session, publication, revision.issue_id)
            if state is State.SENT:
                tell(f"Issue {slug} was sent to the list {publication.slug} before: nothing is sent now.")
            else:
                newer = newer_draft(session, revision)
                if newer is not None:
                    tell(
                        f"Issue {slug}: revision {revision.revision} is sent, the last one that was finalized. "
                        f"What was edited since (revision {newer}) is not in it: "
                        f"`newsletter issue finalize {slug}` freezes it."
                    )
        return run(newsletter, number, as_json=as_json)


@campaign.command()
@campaign_argument
@click.option("--watch", is_flag=True, help="Stay until it is over.")
@json_option
def status(*, campaign: str, watch: bool, as_json: bool) -> None:
    """Show how far a campaign is.

    At every moment planned = sent + skipped + failed + uncertain + pending.
    """
    with opened() as newsletter:
        with newsletter.database.read() as session:
            number = campaigns.find(session, campaign).id
        found = watched(newsletter, number, Event().wait) if watch else progress_of(newsletter, number)
    show(found, as_json=as_json)


campaign.add_command(report_)


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
@campaign_argument
@click.option("--reason", default="", help="A note, shown by `status`.")
@json_option
def pause(*, campaign: str, reason: str, as_json: bool) -> None:
    """Let no more mail of a campaign begin; what is under way ends."""
    with opened() as newsletter:
        with newsletter.database.write() as session:
            number = campaigns.find(session, campaign).id
            campaigns.pause(session, number, reason)
            onwards = alarms.way_on(session, number)
        show(progress_of(newsletter, number), as_json=as_json)
    tell(f"`{onwards}` lets it go on.")


@campaign.command()
@campaign_argument
@click.option("--despite-alarm", is_flag=True, help="Also after an alarm: you have seen to its cause.")
@json_option
def resume(*, campaign: str, despite_alarm: bool, as_json: bool) -> int | None:
    """Let a paused campaign go on, and stay until it is done.

    One that an alarm stopped needs --despite-alarm; what comes back from then on is judged anew.
    """
    with opened() as newsletter:
        with newsletter.database.write() as session:
            number = campaigns.find(session, campaign).id
            if despite_alarm:
                alarms.acknowledge(session, number, now=newsletter.now())
            campaigns.resume(session, number)
        return run(newsletter, number, as_json=as_json)


campaign.add_command(uncertain)
campaign.add_command(retry_failed)
campaign.add_command(show_mail)


@campaign.command()
@campaign_argument
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

"""`newsletter campaign schedule` and `start`: an issue is approved, and goes out when its time has come."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

import click

from newsletter.bootstrap.installation import opened
from newsletter.cli.campaign_text import show_progress
from newsletter.cli.choosing import list_option
from newsletter.cli.output import json_option, tell
from newsletter.delivery import campaigns, scheduled
from newsletter.delivery.appointments import Appointment, appoint, appoint_by_own_clocks
from newsletter.delivery.guarding import alarms
from newsletter.delivery.lifecycle import State
from newsletter.delivery.wall_time import read_wall
from newsletter.errors import Refused
from newsletter.issues.queries import finalized
from subscribers.repository import reader_timezones
from subscribers.timezones import UTC, zone_name

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from newsletter.bootstrap.installation import Newsletter
    from subscribers.publication import Publication


def _timed(*, required: bool) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command the options that say when."""

    def decorated(command: Callable[..., None]) -> Callable[..., None]:
        for option in (
            click.option(
                "--local-time",
                is_flag=True,
                help="Everybody gets it at that time by a clock of their own zone; ZONE is for those who have none.",
            ),
            click.option("--timezone", metavar="ZONE", help="The zone of TIME; left out: the list's, else UTC."),
            click.option("--at", required=required, metavar="TIME", help="When it begins, as in 2026-11-27T08:00."),
        ):
            command = option(command)
        return command

    return decorated


@click.command()
@click.argument("issue")
@list_option
@_timed(required=True)
@json_option
def schedule(
    *, issue: str, list_slug: str | None, at: str, timezone: str | None, local_time: bool, as_json: bool
) -> None:
    """Approve a finalized ISSUE and let it go out at a time to come.

    A time that clocks show twice is the first of the two, one that they skip is the first instant after. What is
    scheduled already gets the new time. If the issue is edited afterwards, the campaign does not begin: finalize it and
    schedule it again.
    """
    _schedule(issue, list_slug, at, timezone, local_time=local_time, as_json=as_json)


@click.command()
@click.argument("issue")
@list_option
@_timed(required=False)
@json_option
def start(
    *, issue: str, list_slug: str | None, at: str | None, timezone: str | None, local_time: bool, as_json: bool
) -> None:
    """Hand a finalized ISSUE to the workers, at once or at a time to come.

    At once also where it was scheduled for later, or waits for a person. With --at it does what `schedule` does.
    """
    if at is not None:
        _schedule(issue, list_slug, at, timezone, local_time=local_time, as_json=as_json)
        return
    if timezone or local_time:
        raise click.UsageError("--timezone and --local-time say what --at means: name a time with it.")
    with opened() as newsletter:
        with newsletter.database.write() as session:
            publication, revision, slug = finalized(session, issue, list_slug)
            number = scheduled.start(session, publication, revision, slug, token=_token, now=newsletter.now())
            state, onwards = campaigns.find(session, number).state, alarms.way_on(session, number)
        if state is State.PAUSED:
            raise Refused(f"Campaign {number} is paused: `{onwards}` lets it go on.")
        show_progress(newsletter, number, as_json=as_json)
    if state is State.SENT:
        tell(f"Issue {slug} was sent to the list {publication.slug} before: nothing is sent now.")
    else:
        tell("", "`newsletter worker`, or `newsletter serve`, sends it; `newsletter campaign status --watch` shows it.")


def _schedule(
    issue: str, list_slug: str | None, at: str, timezone: str | None, *, local_time: bool, as_json: bool
) -> None:
    with opened() as newsletter:
        now = newsletter.now()
        with newsletter.database.write() as session:
            publication, revision, slug = finalized(session, issue, list_slug)
            when, remark = _appointment(session, publication, at, timezone, local_time=local_time, now=now)
            number = scheduled.schedule(session, publication.id, revision, slug, when, token=_token, now=now)
        _tell(newsletter, when, remark)
        show_progress(newsletter, number, as_json=as_json)


def _appointment(
    session: Session, publication: Publication, at: str, timezone: str | None, *, local_time: bool, now: datetime
) -> tuple[Appointment, str]:
    wall = read_wall(at)
    zone = zone_name(timezone or publication.timezone or UTC)
    if local_time:
        return appoint_by_own_clocks(wall, zone, reader_timezones(session, publication.id), now=now)
    return appoint(wall, zone)


def _tell(newsletter: Newsletter, when: Appointment, remark: str) -> None:
    if remark:
        tell(remark)
    if when.local_time:
        tell(f"The first of the readers' zones has that time at {when.at:%Y-%m-%d %H:%M} UTC.")
    tell(
        f"Approved for {when}. `newsletter scheduler`, or `newsletter serve`, has to be running then; more than "
        f"{newsletter.settings.catch_up_hours:g} hours late it does not begin without asking you.",
        "",
    )


def _token() -> str:
    return secrets.token_hex(4)

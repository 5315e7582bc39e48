"""`newsletter list schedule`: when a list sends by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from newsletter.bootstrap.installation import opened
from newsletter.cli.choosing import chosen_list
from newsletter.cli.output import json_option, print_json, say, table, tell
from newsletter.scheduling.slots import parse_slot
from newsletter.scheduling.timetable import occurrences, set_slots, slots_of
from subscribers.lists import ListStore
from subscribers.timezones import UTC

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime

    from sqlalchemy.orm import Session

    from newsletter.bootstrap.installation import Newsletter
    from newsletter.scheduling.timetable import OccurrenceInfo, ScheduleInfo

_LONGEST = 168
"""Hours: a week."""


@click.command()
@click.argument("slug", required=False)
@click.option(
    "--set",
    "slots",
    multiple=True,
    metavar="SLOT",
    help="From now on it sends then, as in 'fri 08:00 Europe/Paris', and at no other time; may be repeated.",
)
@click.option("--clear", is_flag=True, help="From now on it sends nothing by itself.")
@click.option("--local-time", is_flag=True, help="Everybody gets it at that time by a clock of their own zone.")
@click.option(
    "--catch-up",
    type=click.FloatRange(0, _LONGEST),
    metavar="HOURS",
    help="How late it may begin without asking; left out: NEWSLETTER_CATCH_UP_HOURS.",
)
@json_option
def schedule(
    *, slug: str | None, slots: Sequence[str], clear: bool, local_time: bool, catch_up: float | None, as_json: bool
) -> None:
    """Show or set when a list sends by itself.

    At its times the newest issue goes out that was finalized and not changed since; one of a later time's date waits
    for that. Where none is ready nothing goes, and what is shown here says why. A time that comes round once a month,
    as 'first mon 08:00' or 'last day 18:00', is the digest's: nothing else goes out then, digests at no other time.
    """
    if clear and slots:
        raise click.UsageError("--clear takes the times away, --set gives new ones: name one of them.")
    if (local_time or catch_up is not None) and not slots:
        raise click.UsageError("--local-time and --catch-up say how --set is meant: name a time with it.")
    with opened() as newsletter, _session(newsletter, writes=bool(slots) or clear) as session:
        found = chosen_list(ListStore(session), slug)
        wanted = [parse_slot(text, found.timezone or UTC) for text in slots]
        if wanted or clear:
            now = newsletter.now()
            set_slots(session, found.id, wanted, local_time=local_time, catch_up_hours=catch_up, now=now)
        there_are, were = slots_of(session, found.id), occurrences(session, found.id)
    if as_json:
        print_json(_document(found.slug, there_are, were))
        return
    _say(found.slug, there_are, were)
    if wanted:
        tell("", "`newsletter scheduler`, or `newsletter serve`, has to be running then.")


def _session(newsletter: Newsletter, *, writes: bool) -> AbstractContextManager[Session]:
    return newsletter.database.write() if writes else newsletter.database.read()


def _say(slug: str, there_are: Sequence[ScheduleInfo], were: Sequence[OccurrenceInfo]) -> None:
    if there_are:
        rows = [(_named(each), f"{each.next_wall:%Y-%m-%d %H:%M}", _utc(each.next_fire_at)) for each in there_are]
        say(*table((f"the list {slug} sends", "next", ""), rows))
    else:
        say(f"The list {slug} sends nothing by itself: `newsletter list schedule {slug} --set 'fri 08:00'` changes it.")
    if were:
        past = [(f"{each.wall_time:%Y-%m-%d %H:%M}", each.outcome, each.campaign_id or "–", each.note) for each in were]
        say("", *table(("was due", "", "campaign", ""), past))


def _named(info: ScheduleInfo) -> str:
    monthly = ", the digest" if info.slot.is_monthly else ""
    return f"{info.slot}{monthly}, each reader by their own clock" if info.local_time else f"{info.slot}{monthly}"


def _utc(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M} UTC"


def _document(slug: str, there_are: Sequence[ScheduleInfo], were: Sequence[OccurrenceInfo]) -> dict[str, Any]:
    return {
        "list": slug,
        "slots": [
            {
                "slot": str(each.slot),
                "digest": each.slot.is_monthly,
                "local_time": each.local_time,
                "catch_up_hours": each.catch_up_hours,
                "next": each.next_wall.isoformat(),
                "next_at": each.next_fire_at.isoformat(),
            }
            for each in there_are
        ],
        "occurrences": [
            {
                "slot": str(each.slot),
                "wall_time": each.wall_time.isoformat(),
                "due_at": each.due_at.isoformat(),
                "fired_at": each.fired_at.isoformat(),
                "outcome": each.outcome,
                "campaign": each.campaign_id,
                "note": each.note,
            }
            for each in were
        ],
    }

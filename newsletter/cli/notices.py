"""`newsletter notices`: the mails to single people, outside campaigns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from newsletter.bootstrap.installation import opened
from newsletter.bootstrap.people import notice_sender
from newsletter.cli.exits import Exit
from newsletter.cli.groups import OrderedGroup
from newsletter.cli.logs import write_log
from newsletter.cli.output import json_option, print_json, say, shortened, table
from newsletter.cli.stopping import stopping
from newsletter.delivery.notices import by_hand
from newsletter.delivery.notices.ledger import count_states
from newsletter.delivery.notices.lifecycle import State
from newsletter.delivery.notices.listing import newest_notices

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from newsletter.delivery.notices.listing import NoticeInfo

_WIDTH = 60


@click.group(cls=OrderedGroup)
def notices() -> None:
    """Mails to single people: to confirm, to welcome, to tell."""


@notices.command("list")
@click.option(
    "--state", "states", multiple=True, type=click.Choice([each.value for each in State]), help="May be repeated."
)
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, metavar="N")
@click.option("--show", is_flag=True, help="With addresses, and what was said of each.")
@json_option
def list_(*, states: tuple[str, ...], limit: int, show: bool, as_json: bool) -> None:
    """Show the last mails that were asked for, the newest first, and how many are in which state."""
    with opened() as newsletter, newsletter.database.read() as session:
        counts = _by_state(count_states(session))
        found = newest_notices(session, [State(each) for each in states], limit=limit)
    if as_json:
        print_json({"states": counts, "notices": [each.as_json(with_addresses=show) for each in found]})
        return
    if not counts:
        say("No mail to a single person was ever asked for.")
        return
    say(", ".join(f"{number} {state}" for state, number in counts.items()), "")
    headings = ("", "kind", "list", "state", "asked for", "sent", *(("address", "") if show else ()))
    say(*table(headings, (_row(each, show=show) for each in found)))


@notices.command()
@click.option("--limit", type=click.IntRange(1, 1_000_000), default=1000, show_default=True, metavar="N")
@json_option
def send(*, limit: int, as_json: bool) -> int | None:
    """Send what is due now, in this process.

    `newsletter worker` and `newsletter serve` do it all the time; this is for an installation that has neither running,
    by cron. It may run beside them: nobody gets a mail twice.
    """
    write_log()
    with opened() as newsletter, stopping() as stop, notice_sender(newsletter, stop.wait) as sender:
        counts = sender.send_due(limit=limit)
    if as_json:
        print_json(counts.as_json())
    else:
        say(", ".join(f"{number} {state}" for state, number in counts.as_json().items()) + ".")
    if stop.exit_code is not None:
        return stop.exit_code
    return Exit.LEFT_FOR_A_PERSON if counts.uncertain or counts.failed else None


_numbers = click.argument("numbers", nargs=-1, required=True, type=click.IntRange(min=1), metavar="NOTICE...")


@notices.command()
@_numbers
@json_option
def retry(*, numbers: tuple[int, ...], as_json: bool) -> None:
    """Send mails again that failed, or that may have gone: those may arrive twice.

    They are due at once, and have their whole time anew. What makes no sense any more when its turn comes (an address
    that is suppressed, a link that is over) is dropped even so.
    """
    with opened() as newsletter, newsletter.database.write() as session:
        done = by_hand.send_again(session, numbers, now=newsletter.now())
    _tell(done, State.WAITING, as_json=as_json)


@notices.command()
@_numbers
@json_option
def drop(*, numbers: tuple[int, ...], as_json: bool) -> None:
    """Let mails be that wait, failed, or may have gone."""
    with opened() as newsletter, newsletter.database.write() as session:
        done = by_hand.drop(session, numbers)
    _tell(done, State.DROPPED, as_json=as_json)


def _tell(numbers: Sequence[int], state: State, *, as_json: bool) -> None:
    if as_json:
        print_json({"state": state.value, "notices": list(numbers)})
    else:
        say(f"{state.value}: {', '.join(map(str, numbers))}")


def _by_state(counts: Mapping[tuple[str, str], int]) -> dict[str, int]:
    found = {state.value: sum(n for (_, each), n in counts.items() if each == state) for state in State}
    return {state: number for state, number in found.items() if number}


def _row(info: NoticeInfo, *, show: bool) -> tuple[object, ...]:
    sent = f"{info.sent_at:%Y-%m-%d %H:%M} UTC" if info.sent_at else ""
    row = (info.id, info.kind, info.list, info.state.value, f"{info.created_at:%Y-%m-%d %H:%M} UTC", sent)
    return (*row, info.email, shortened(info.reason or info.message_id or "", _WIDTH)) if show else row

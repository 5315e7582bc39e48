"""`newsletter campaign uncertain | retry-failed`: those who may not have got their mail, and those who did not."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

import click

from newsletter.bootstrap.installation import opened
from newsletter.cli.campaign_run import run
from newsletter.cli.choosing import campaign_argument
from newsletter.cli.exits import Exit
from newsletter.cli.output import json_option, print_json, say, table, tell
from newsletter.delivery import campaigns
from newsletter.delivery.doubts import in_doubt, settle_as_sent
from newsletter.delivery.models import Delivery
from newsletter.delivery.receipts import settle_filed
from newsletter.delivery.recipients import outcomes
from newsletter.delivery.reopening import send_again
from newsletter.errors import NotFound
from subscribers.address import normalised

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from sqlalchemy.orm import Session

    from newsletter.bootstrap.installation import Newsletter
    from newsletter.delivery.recipients import Outcome

_AT_ONCE = 500
"""People of one transaction."""
_SAID = "a person said that it went"


@click.command()
@campaign_argument
@click.option("--went", multiple=True, metavar="EMAIL", help="They got it: count as sent. May be repeated.")
@click.option("--again", multiple=True, metavar="EMAIL", help="They did not get it: to be sent again. May be repeated.")
@click.option("--all-went", is_flag=True, help="All of them got it.")
@click.option("--all-again", is_flag=True, help="None of them got it: to be sent again.")
@json_option
def uncertain(
    *, campaign: str, went: tuple[str, ...], again: tuple[str, ...], all_went: bool, all_again: bool, as_json: bool
) -> int | None:
    """List whose mail may or may not have been accepted, and settle it.

    They are never written to again on a guess. With a feedback stream their Send events settle it, or their absence;
    otherwise a person decides, after a look at the mail server's log or by asking them. Exit code 3: some are left.
    """
    if bool(went) + bool(again) + all_went + all_again > 1:
        raise click.UsageError("Say one thing at a time: --went, --again, --all-went or --all-again.")
    with opened() as newsletter:
        with newsletter.database.write() as session:
            number = campaigns.find(session, campaign).id
            settle_filed(session, number)
        if went or all_went:
            settled = _settled(newsletter, number, went, _call_sent)
        elif again or all_again:
            settled = _settled(newsletter, number, again, _call_for_another)
        else:
            settled = 0
        with newsletter.database.read() as session:
            left = list(outcomes(session, number, in_doubt(number)))
    _show(number, left, settled, as_json=as_json)
    if settled and (again or all_again):
        tell(f"`newsletter campaign resume {number}` sends to them; workers that run do so by themselves.")
    return Exit.LEFT_FOR_A_PERSON if left else None


@click.command("retry-failed")
@campaign_argument
@click.option("--reason", default="", metavar="TEXT", help="Only those whose reason contains this.")
@json_option
def retry_failed(*, campaign: str, reason: str, as_json: bool) -> int | None:
    """Send once more to those that failed, and to nobody else; stay until it is done."""
    with opened() as newsletter:
        with newsletter.database.read() as session:
            number = campaigns.find(session, campaign).id
            failed = Delivery.state == "failed", Delivery.reason.contains(reason, autoescape=True)
            people = [each.subscriber_id for each in outcomes(session, number, *failed)]
        taken = sum(_in_transactions(newsletter, number, people, _try_again))
        if not taken:
            tell(f"Nobody of campaign {number} failed{f' for “{reason}”' if reason else ''}: nothing is sent.")
            return None
        tell(f"{taken} are tried again.")
        return run(newsletter, number, as_json=as_json)


def _settled(newsletter: Newsletter, number: int, emails: Sequence[str], settle: _Settle) -> int:
    """Settle the doubt of these people, or of all in doubt; return of how many. Raises NotFound for anybody else."""
    with newsletter.database.read() as session:
        doubtful = {each.email: each.subscriber_id for each in outcomes(session, number, in_doubt(number))}
    wanted = [normalised(email) for email in emails]
    if strangers := [email for email in wanted if email not in doubtful]:
        raise NotFound(f"Not in doubt in campaign {number}: {', '.join(strangers)}. Nothing was settled.")
    people = [doubtful[email] for email in wanted] or doubtful.values()
    return sum(_in_transactions(newsletter, number, people, settle))


def _in_transactions(newsletter: Newsletter, number: int, people: Iterable[int], settle: _Settle) -> Iterator[int]:
    rest = iter(people)
    while some := list(islice(rest, _AT_ONCE)):
        with newsletter.database.write() as session:
            yield settle(newsletter, session, number, some)


def _call_sent(_newsletter: Newsletter, session: Session, number: int, people: Sequence[int]) -> int:
    return settle_as_sent(session, {(number, person): None for person in people}, _SAID)


def _call_for_another(newsletter: Newsletter, session: Session, number: int, people: Sequence[int]) -> int:
    return send_again(session, number, people, now=newsletter.now(), why="a person said that it did not go")


def _try_again(newsletter: Newsletter, session: Session, number: int, people: Sequence[int]) -> int:
    return send_again(session, number, people, now=newsletter.now(), why="retry-failed")


def _show(number: int, left: Sequence[Outcome], settled: int, *, as_json: bool) -> None:
    if as_json:
        print_json({"campaign": number, "settled": settled, "uncertain": [_document(each) for each in left]})
        return
    if settled:
        say(f"{settled} settled.")
    if not left:
        say(f"Nobody of campaign {number} is in doubt.")
        return
    rows = [
        (each.email or f"(erased, {each.subscriber_id})", f"{each.at:%Y-%m-%d %H:%M} UTC", each.reason) for each in left
    ]
    say(*table(("who", "when", "why"), rows))


def _document(outcome: Outcome) -> dict[str, Any]:
    return {
        "email": outcome.email,
        "subscriber": outcome.subscriber_id,
        "at": outcome.at.isoformat(),
        "reason": outcome.reason,
    }


if TYPE_CHECKING:
    _Settle = Callable[[Newsletter, Session, int, Sequence[int]], int]

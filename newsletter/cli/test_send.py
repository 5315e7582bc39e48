"""`newsletter test-send`: an issue to a few addresses of one's own, before everybody gets it."""

from __future__ import annotations

import secrets
from threading import Event
from typing import TYPE_CHECKING, Any

import click

from newsletter.bootstrap.installation import opened
from newsletter.bootstrap.pacing import pace
from newsletter.bootstrap.sending import transport
from newsletter.cli.exits import Exit
from newsletter.cli.output import json_option, print_json, say, table, tell
from newsletter.cli.whose_mail import meant, whose_mail
from newsletter.delivery.transport import Verdict
from newsletter.delivery.trial import send_trial
from subscribers.address import normalised
from subscribers.errors import InvalidAddress

if TYPE_CHECKING:
    from newsletter.delivery.transport import Outcome


@click.command("test-send")
@click.argument("issue")
@click.option("--to", "addresses", multiple=True, required=True, metavar="EMAIL", help="May be repeated.")
@whose_mail
@json_option
def test_send(*, issue: str, addresses: tuple[str, ...], as_json: bool, **whose: Any) -> int | None:  # noqa: ANN401 - click's
    """Send an issue to a few addresses of your own.

    A draft too. The subject says that it is a test; no campaign counts it, and its links change nobody's subscription.
    """
    people = list(dict.fromkeys(_address(each) for each in addresses))
    with opened() as newsletter:
        mail = meant(newsletter, issue, **whose)
        prepared = mail.mails.trial(mail.variant)
        with transport(newsletter) as outward:
            outcomes = send_trial(
                outward,
                prepared,
                people,
                name=mail.name,
                token=secrets.token_hex(4),
                now=newsletter.now(),
                pace=pace(newsletter, "preview"),
                wait=Event().wait,
            )
            via = outward.name
    if as_json:
        mails = [_document(address, outcome) for address, outcome in zip(people, outcomes, strict=True)]
        print_json({"issue": mail.issue.slug, "via": via, "mails": mails})
    else:
        rows = [
            (address, outcome.verdict, outcome.message_id or outcome.reason or "")
            for address, outcome in zip(people, outcomes, strict=True)
        ]
        say(f"“{prepared.subject}” by {via}:", "", *table(("to", "", ""), rows))
    return _ending(outcomes)


def _address(text: str) -> str:
    try:
        return normalised(text)
    except InvalidAddress as error:
        raise InvalidAddress(f"--to {text}: {error} Nothing was sent.") from error


def _document(address: str, outcome: Outcome) -> dict[str, Any]:
    return {
        "to": address,
        "outcome": outcome.verdict.value,
        "message_id": outcome.message_id,
        "reason": outcome.reason,
    }


def _ending(outcomes: list[Outcome]) -> int | None:
    if all(outcome.verdict is Verdict.ACCEPTED for outcome in outcomes):
        return None
    if any(outcome.verdict is Verdict.UNCERTAIN for outcome in outcomes):
        tell("Where it is uncertain, the mail may have gone all the same: look into the mailbox before you try again.")
        return Exit.LEFT_FOR_A_PERSON
    tell("Not all of them were accepted; the reasons stand above. Mend them and run the same command again.")
    return Exit.REFUSED

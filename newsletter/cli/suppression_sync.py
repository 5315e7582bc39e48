"""`newsletter suppression sync`: our suppression list and the one of the SES account."""

from __future__ import annotations

import click

from newsletter.bootstrap.aws import suppression_sync
from newsletter.bootstrap.installation import opened
from newsletter.cli.exits import Exit
from newsletter.cli.output import json_option, print_json, say, table, tell
from newsletter.cli.progress import progress
from newsletter.cli.stopping import stopping


@click.command()
@click.option("--plan", "is_plan", is_flag=True, help="Say what would be done; write nothing, here or there.")
@click.option(
    "--delete", "delete_others", is_flag=True, help="Take off the account's list whoever was let go here, too."
)
@click.option(
    "--rate",
    type=click.FloatRange(min=0.01, max=100),
    default=1.0,
    show_default=True,
    help="Calls to SES a second.",
)
@json_option
def sync(*, is_plan: bool, delete_others: bool, rate: float, as_json: bool) -> int | None:
    """Bring our suppression list and the one of the SES account together.

    What the account suppresses gets no mail from here; what bounced or complained here is put on the account's list.
    Nothing is taken off the account's list that was not put there from here, unless --delete says so. Stopped or
    killed, the same command goes on. Exit code 3: there are addresses that a person has to decide on.
    """
    with (
        opened() as newsletter,
        stopping("the call under way is written down") as stop,
        progress("Asking SES", "calls") as moved,
        suppression_sync(newsletter, stop.wait, rate=rate, moved=lambda calls: moved(calls, calls)) as syncing,
    ):
        found = syncing.plan() if is_plan else syncing.run(delete_others=delete_others)
    if as_json:
        print_json({"plan": is_plan, **found.as_json()})
    else:
        say(*table(("to be done" if is_plan else "done", "addresses"), _figures(found.as_json())))
    if found.let_go:
        tell(
            "",
            f"{found.let_go} addresses were let go here and are on the account's list still: SES sends them nothing. "
            f"--delete takes them off it.",
        )
    if stop.exit_code is not None:
        return stop.exit_code
    return Exit.LEFT_FOR_A_PERSON if found.let_go else None


def _figures(figures: dict[str, int]) -> list[tuple[str, int]]:
    said = {
        "imported": "put on our list, since the account has them",
        "put": "put on the account's list",
        "deleted": "taken off the account's list",
        "let_go": "let go here, still on the account's list",
        "erased": "of erased people: not brought back",
        "unusable": "no addresses that mail could go to",
    }
    return [(said[name], number) for name, number in figures.items() if number or name in {"imported", "put"}]

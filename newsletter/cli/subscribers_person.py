"""`newsletter subscribers export-person` and `erase`: what is kept of one person, told or gone."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from newsletter.bootstrap.installation import opened
from newsletter.bootstrap.privacy import HOLDERS, erase_person, known_of
from newsletter.cli.exits import Exit
from newsletter.cli.output import harmless, json_option, print_json, say, table, tell
from newsletter.errors import Refused
from subscribers.files import complete_or_absent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from newsletter.bootstrap.privacy import Known

_ELSEWHERE = (
    "Not reached from here: backups, files of the outbox and of imports, what Amazon SES keeps (docs/privacy.md). "
)


@click.command("export-person")
@click.argument("email")
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
    help="Where it goes, for its owner alone to read; JSON with --json.",
)  # fmt: skip
@json_option
def export_person(*, email: str, output: Path | None, as_json: bool) -> None:
    """Write down everything that is kept of one person.

    Of every table, whether they are on a list or only on the suppression list: what a request for access is answered
    with. EMAIL is the address they have, or one they had before. Look that the request is theirs before you hand it
    over.
    """
    with opened() as newsletter:
        known = known_of(newsletter, email, formerly=True)
    if known.formerly:
        tell(
            "They moved from the address you named to another one: somebody else may read the old one by now: answer "
            "to the present one."
        )
    if output is not None:
        text = json.dumps(known.as_json(), ensure_ascii=False, indent=2) if as_json else "\n".join(_pages(known))
        with complete_or_absent(output) as file:
            file.write(f"{text}\n".encode(errors="backslashreplace"))
        tell(f"{known.rows} rows of {sum(bool(each.rows) for each in known.held)} tables in {output}.")
    elif as_json:
        print_json(known.as_json())
    else:
        say(*_pages(known))


@click.command()
@click.argument("email")
@click.option("--plan", "is_plan", is_flag=True, help="Say what would be erased; change nothing.")
@click.option("--unknown", is_flag=True, help="Also where nothing is kept of them: no file is to bring them.")
@click.option("--yes", is_flag=True, help="Do not ask first.")
@json_option
def erase(*, email: str, is_plan: bool, unknown: bool, yes: bool, as_json: bool) -> int | None:
    """Erase one person: from every table, in one transaction.

    The books of campaigns keep a number that is nobody's. A keyed hash of the address stays, so that no file brings
    them back; they themselves may always join again. Mail to them that has not left yet does not leave.
    """
    with opened() as newsletter:
        known = known_of(newsletter, email)
        found = {each.table: len(each.rows) for each in known.held}
        if is_plan:
            _answer(known, found, as_json=as_json, done=False)
            return None
        if not (known.rows or known.erased_before or unknown):
            raise Refused(
                f"Nothing is kept of {known.person.email}: is it spelled right? "
                "--unknown notes all the same that no file is to bring them."
            )
        if not yes:
            if not sys.stdin.isatty():
                raise Refused("Erasing cannot be undone: look with --plan, then say --yes.")
            tell(*table(("what", "rows"), [(name, rows) for name, rows in found.items() if rows]), "")
            if not click.confirm("Erase all of it? It cannot be undone.", err=True):
                tell("Nothing was erased.")
                return Exit.REFUSED
        _answer(known, dict(erase_person(newsletter, email)), as_json=as_json, done=True)
    return None


def _answer(known: Known, rows: dict[str, int], *, as_json: bool, done: bool) -> None:
    """Say what was erased, or would be."""
    stays = {each.table: each.stays for each in HOLDERS if each.stays and len(_rows(known, each.table))}
    if as_json:
        plan = {"plan": not done, "rows": rows, "stays": stays}
        print_json({"email": known.person.email, "subscriber": known.person.number, **plan})
        return
    if not known.rows:
        say(f"Nothing is kept of {known.person.email}.")
    else:
        say(*table(("table", "rows erased" if done else "rows kept"), [each for each in rows.items() if each[1]]))
    if stays:
        say("", "What stays:", *(f"  {name}: {what}" for name, what in stays.items()))
    if done:
        say("", f"{known.person.email} is erased: no file brings them back. {_ELSEWHERE}".rstrip())


def _rows(known: Known, name: str) -> list[object]:
    return [row for each in known.held if each.table == name for row in each.rows]


def _pages(known: Known) -> Iterator[str]:
    """Yield the lines of the readable form."""
    yield f"What is kept of {known.person.email}, as of {known.at:%Y-%m-%d %H:%M} UTC"
    if known.person.addresses[1:]:
        yield f"Formerly: {', '.join(known.person.addresses[1:])}"
    if known.erased_before:
        yield "This address was erased: a keyed hash of it is kept, so that no file brings it back."
    if not known.rows:
        yield "Nothing."
    for each in known.held:
        if not each.rows:
            continue
        yield from ("", f"{each.what} ({each.table}, {len(each.rows)})")
        for row in each.rows:
            yield ""
            yield from (f"  {name}: {_told(value)}" for name, value in row.items() if value not in (None, ""))


def _told(value: object) -> str:
    return harmless(str(value)).replace("\n", "\n    ")

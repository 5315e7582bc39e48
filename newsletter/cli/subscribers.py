"""`newsletter subscribers`: who receives a list, and what they chose."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from newsletter.bootstrap.installation import opened
from newsletter.cli.choosing import Separated, chosen_list, list_option
from newsletter.cli.exits import Exit
from newsletter.cli.groups import OrderedGroup
from newsletter.cli.output import json_option, print_json, say, table, tell
from newsletter.cli.progress import progress
from newsletter.errors import NotFound
from newsletter.rendering.catalogs import all_languages, catalog_languages
from subscribers import service
from subscribers.address import normalised
from subscribers.importing import import_subscribers
from subscribers.lists import ListStore
from subscribers.preferences import Vocabulary
from subscribers.repository import Member, memberships, status_counts

if TYPE_CHECKING:
    from subscribers.importing import ImportReport
    from subscribers.publication import Publication

_SOURCE = "command line"


@click.group(cls=OrderedGroup)
def subscribers() -> None:
    """Who receives a list, in which language, which topics."""


@subscribers.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@list_option
@click.option("--source", default="", help="Where their consent is from, for the log.")
@click.option("--result", type=click.Path(dir_okay=False, path_type=Path), help="Where the result file goes.")
@json_option
def import_(*, file: Path, list_slug: str | None, source: str, result: Path | None, as_json: bool) -> int | None:
    """Bring the people of a CSV FILE to a list.

    Its columns: email, and if you like name, language, topics (several separated by ;), timezone, status. The result
    file says of every row what became of it. Rows that cannot be taken are left out, with the reason, and the exit
    code is 3; the same file again changes nothing. Nobody who left comes back by an import.
    """
    with opened() as newsletter:
        with newsletter.database.read() as session:
            publication = chosen_list(ListStore(session), list_slug)
        with progress("Importing", "lines") as moved:
            report = import_subscribers(
                newsletter.database,
                publication,
                file,
                vocabulary=_vocabulary(publication),
                result=result or _beside(file),
                now=newsletter.now(),
                source=source,
                progress=moved,
            )
    tell(*report.warnings)
    if as_json:
        figures = ("rows", "added", "updated", "unchanged", "rejected")
        print_json({each: getattr(report, each) for each in figures} | {"result_file": str(report.result_file)})
    else:
        _say_report(report, file, publication)
    return Exit.LEFT_FOR_A_PERSON if report.rejected else None


@subscribers.command()
@click.argument("email")
@list_option
@click.option("--name", default="", help="How to greet them.")
@click.option("--language", "languages", type=Separated(), default=(), help="Languages they read, best first.")
@click.option("--topics", type=Separated(), default=(), help="Topics they chose; none: all.")
@click.option("--source", default=_SOURCE, show_default=True, help="Where their consent is from, for the log.")
@click.option("--returning", is_flag=True, help="They had left, and asked to come back.")
@json_option
def add(*, email: str, list_slug: str | None, as_json: bool, **given: Any) -> None:  # noqa: ANN401 - click's
    """Put one person on a list, or change what they chose.

    Active at once: you answer for their consent.
    """
    with opened() as newsletter, newsletter.database.write() as session:
        publication = chosen_list(ListStore(session), list_slug)
        fate = service.add(
            session, publication, email, vocabulary=_vocabulary(publication), now=newsletter.now(), **given
        )
    if as_json:
        print_json({"list": publication.slug, "email": email, "fate": fate.value})
    else:
        say(f"{email}: {fate.value} on the list {publication.slug}.")


@subscribers.command()
@click.argument("email")
@json_option
def show(*, email: str, as_json: bool) -> None:
    """Show what one person has of every list."""
    with opened() as newsletter, newsletter.database.read() as session:
        found = memberships(session, normalised(email))
        now = newsletter.now()
    if not found:
        raise NotFound(f"Nobody with the address {email} is on any list: look at its spelling.")
    if as_json:
        print_json({"email": found[0].email, "name": found[0].name, "lists": [_document(each, now) for each in found]})
        return
    say(f"{found[0].name or 'No name'} <{found[0].email}>", "")
    rows = [
        (
            each.list,
            _standing(each, now),
            each.languages or "the list's",
            each.topics or "all",
            f"{each.since:%Y-%m-%d}",
        )
        for each in found
    ]
    say(*table(("list", "status", "languages", "topics", "since"), rows))


@subscribers.command()
@click.argument("email")
@list_option
@json_option
def unsubscribe(*, email: str, list_slug: str | None, as_json: bool) -> None:
    """Take one person off a list.

    Mail to them that has not left yet does not leave.
    """
    with opened() as newsletter, newsletter.database.write() as session:
        publication = chosen_list(ListStore(session), list_slug)
        subscription = service.subscription_of(session, publication, email)
        left = service.unsubscribe(session, subscription, source=_SOURCE, now=newsletter.now())
    if as_json:
        print_json({"list": publication.slug, "email": email, "unsubscribed": left})
    else:
        word = "has left" if left else "had left"
        say(f"{email} {word} the list {publication.slug}{'.' if left else ' before.'}")


@subscribers.command()
@click.argument("email")
@click.option(
    "--until",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="YYYY-MM-DD",
    required=True,
    help="The day mail begins again (UTC).",
)
@list_option
@json_option
def pause(*, email: str, until: datetime, list_slug: str | None, as_json: bool) -> None:
    """Send one person nothing until a day."""
    end = until.replace(tzinfo=UTC)
    with opened() as newsletter, newsletter.database.write() as session:
        publication = chosen_list(ListStore(session), list_slug)
        subscription = service.subscription_of(session, publication, email)
        new = service.pause(session, subscription, until=end, source=_SOURCE, now=newsletter.now())
    if as_json:
        print_json({"list": publication.slug, "email": email, "paused_until": end.isoformat(), "changed": new})
    else:
        say(f"{email} gets nothing of the list {publication.slug} before {end:%Y-%m-%d}.")


@subscribers.command()
@click.argument("email")
@list_option
@json_option
def resume(*, email: str, list_slug: str | None, as_json: bool) -> None:
    """End the pause of one person."""
    with opened() as newsletter, newsletter.database.write() as session:
        publication = chosen_list(ListStore(session), list_slug)
        subscription = service.subscription_of(session, publication, email)
        ended = service.resume(session, subscription, source=_SOURCE, now=newsletter.now())
    if as_json:
        print_json({"list": publication.slug, "email": email, "resumed": ended})
    else:
        say(f"{email} gets the list {publication.slug} again." if ended else f"{email} was not paused.")


@subscribers.command()
@list_option
@json_option
def stats(*, list_slug: str | None, as_json: bool) -> None:
    """Count the people on a list by status."""
    with opened() as newsletter, newsletter.database.read() as session:
        publication = chosen_list(ListStore(session), list_slug)
        counts = {status.value: people for status, people in status_counts(session, publication.id).items()}
    if as_json:
        print_json({"list": publication.slug, "subscribers": counts})
    else:
        say(*table(("status", "people"), [*counts.items(), ("all", sum(counts.values()))]))


def _vocabulary(publication: Publication) -> Vocabulary:
    return Vocabulary.of(publication, catalog_languages(), all_languages())


def _beside(file: Path) -> Path:
    """Return where the result of importing `file` goes: next to it, or here where nothing can be written there."""
    folder = file.parent if os.access(file.parent, os.W_OK) else Path()
    return folder / f"{file.stem}.result.csv"


def _say_report(report: ImportReport, file: Path, publication: Publication) -> None:
    say(f"{file.name}: {report.rows} rows for the list {publication.slug}.", "")
    fates = ("added", "updated", "unchanged", "rejected")
    say(*table(("what became of them", "rows"), [(fate, getattr(report, fate)) for fate in fates]), "")
    if report.rejected:
        tell("Rejected:", *(f"  line {line}: {reason}" for line, reason in report.samples))
        left = report.rejected - len(report.samples)
        if left:
            tell(f"  and {left} more")
        tell("Mend these rows and import the file again: the others will be unchanged.")
    say(f"Row by row: {report.result_file}")


def _standing(member: Member, now: datetime) -> str:
    if member.suppressed:
        return f"suppressed ({member.suppressed})"
    if member.paused_until and member.paused_until > now:
        return f"paused until {member.paused_until:%Y-%m-%d}"
    return member.status.value


def _document(member: Member, now: datetime) -> dict[str, Any]:
    return {
        "list": member.list,
        "status": member.status.value,
        "standing": _standing(member, now).partition(" ")[0],
        "languages": member.languages.split(),
        "topics": member.topics.split(),
        "timezone": member.timezone,
        "paused_until": member.paused_until.isoformat() if member.paused_until else None,
        "suppressed": member.suppressed,
        "since": member.since.isoformat(),
    }

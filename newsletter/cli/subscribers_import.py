"""`newsletter subscribers import`: a file of people → a list."""

from __future__ import annotations

import os
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from newsletter.bootstrap.installation import opened
from newsletter.bootstrap.privacy import erasures
from newsletter.cli.choosing import Assigned, Separated, chosen_list, list_option, reason_given, vocabulary_of
from newsletter.cli.exits import Exit
from newsletter.cli.output import json_option, print_json, say, tell
from newsletter.cli.progress import progress
from newsletter.cli.subscribers_import_text import described, document, so_far
from newsletter.cli.subscribers_mapping import said_in_browser
from subscribers.importing import Instructions, import_subscribers
from subscribers.importing.doubts import Policies, Policy
from subscribers.importing.fates import Existing, Rules
from subscribers.importing.fields import Field
from subscribers.importing.layouts import TOOLS
from subscribers.importing.mapping import Choices
from subscribers.importing.says import Says
from subscribers.lists import ListStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from newsletter.bootstrap.entrances import Served
    from subscribers.importing import ImportReport

    Progress = Callable[[int, int], None]

_FILE = click.Path(dir_okay=False, path_type=Path)
_POLICY = click.Choice([each.value for each in Policy])

_OPTIONS = [
    click.option("--source", default="", help="Where their consent is from, for the log."),
    click.option("--dry-run", is_flag=True, help="Say what would become of the rows; change nothing."),
    click.option("--result", type=_FILE, help="Where the result file goes."),
    click.option(
        "--map", "fields", type=Assigned("COLUMN", "FIELD"), multiple=True,
        help=f"What a column is about: {', '.join(Field)}. May be repeated. #3 is the third one.",
    ),
    click.option(
        "--map-in-browser", is_flag=True,
        help="Say what the columns are about on a page of this machine, which shows what would become of the rows.",
    ),
    click.option("--ignore", "ignored", metavar="COLUMN", multiple=True, help="Do not read a column. May be repeated."),
    click.option("--headings", type=Separated(), default=(), help="What the columns of a file without headings are."),
    click.option(
        "--tool", type=click.Choice(["auto", "none", *TOOLS]), default="auto", show_default=True,
        help="Which tool wrote the file, where its headings do not show it; none: no matter which.",
    ),
    click.option(
        "--status", type=click.Choice([each.value for each in Says]),
        help="Of the people whose row says nothing of it; left out: active.",
    ),
    click.option("--consent-time-column", metavar="COLUMN", help="Where it stands when they agreed."),
    click.option("--date-format", default="", metavar="FORMAT", help="How the file writes times, like %d/%m/%Y %H:%M."),
    click.option(
        "--topic", "tags", type=Assigned("TAG", "TOPIC"), multiple=True,
        help="Which topic a tag of another tool means. May be repeated.",
    ),
    click.option(
        "--lenient", is_flag=True,
        help="Take people without what is wrong in a name, language, topics, excluded, digest or time zone; "
        "left out: such a cell costs the row.",
    ),
    click.option(
        "--existing", type=click.Choice([each.value for each in Existing]), default="update", show_default=True,
        help="Who is on the list already: update what the file names, fill gaps only, or skip them.",
    ),
    click.option(
        "--override-unsubscribed", "override", metavar="REASON", callback=reason_given,
        help="Bring back who had unsubscribed; the reason goes into the log of consents.",
    ),
    click.option(
        "--override-erased", metavar="REASON", callback=reason_given,
        help="Bring back who had everything about them erased; the reason goes into the log of consents.",
    ),
    click.option("--role-addresses", "role", type=_POLICY, default="flag", show_default=True, help="Such as info@."),
    click.option(
        "--disposable-addresses", "disposable", type=_POLICY, default="flag", show_default=True,
        help="Of hosts that give out addresses to be thrown away.",
    ),
    click.option(
        "--likely-typos", "typo", type=_POLICY, default="flag", show_default=True, help="Such as gamil.com.",
    ),
    click.option("--encoding", metavar="NAME", help="Of the file, where it is taken for another one."),
    click.option("--sheet", metavar="NAME", help="Of a workbook; left out: the first one."),
]  # fmt: skip


def _instructed(command: Callable[..., Any]) -> Callable[..., Any]:
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@list_option
@_instructed
@json_option
@click.pass_obj
def import_(
    served: Served | None,
    /,
    *,
    file: Path,
    list_slug: str | None,
    source: str,
    dry_run: bool,
    map_in_browser: bool,
    result: Path | None,
    as_json: bool,
    **given: Any,  # noqa: ANN401 - click's
) -> int | None:
    """Bring the people of a FILE to a list.

    CSV, TSV, XLSX, JSON lines or one address a line, each also compressed with gzip, in any usual encoding; the export
    files of Mailchimp, Substack, Ghost, listmonk, Sendy, Mailman and Buttondown as they are. The result file says of
    every row what became of it. Rows that cannot be taken are left out, with the reason, and the exit code is 3; the
    same file again changes nothing. Nobody who left comes back by an import.
    """
    said = _instructions(**given)
    goes_to = result or (None if dry_run else _beside(file))
    with ExitStack() as stack:
        newsletter = stack.enter_context(opened())
        with newsletter.database.read() as session:
            publication = chosen_list(ListStore(session), list_slug)

        def bring(**how: Any) -> ImportReport:  # noqa: ANN401 - those of the verb
            return import_subscribers(
                newsletter.database,
                publication,
                file,
                vocabulary=vocabulary_of(publication),
                now=newsletter.now(),
                source=source,
                erased=erasures(newsletter),
                **how,
            )

        if map_in_browser:
            look = partial(bring, result=None, dry_run=True)
            page = said_in_browser(served, file, publication, said, look, dry_run=dry_run)
            said = stack.enter_context(page)
        label = "Looking at" if dry_run else "Importing"
        with _told_how_far(file, dry_run=dry_run) as watched, progress(label, "lines") as moved:
            report = bring(result=goes_to, said=said, dry_run=dry_run, progress=watched(moved))
    tell(*report.warnings)
    if as_json:
        print_json(document(report))
    else:
        results, messages = described(report, file.name, publication)
        say(*results)
        tell(*messages)
    return Exit.LEFT_FOR_A_PERSON if report.rejected else None


@contextmanager
def _told_how_far(file: Path, *, dry_run: bool) -> Iterator[Callable[[Progress], Progress]]:
    """Yield what watches a progress; after Ctrl-C it is said how far that came."""
    reached = 0, 0

    def watched(moved: Progress) -> Progress:
        def on(done: int, lines: int) -> None:
            nonlocal reached
            reached = done, lines
            moved(done, lines)

        return on

    try:
        yield watched
    except KeyboardInterrupt:
        tell(so_far(file.name, *reached, dry_run=dry_run))
        raise


def _instructions(
    *,
    fields: tuple[tuple[str, str], ...],
    ignored: tuple[str, ...],
    consent_time_column: str | None,
    **given: Any,  # noqa: ANN401 - click's
) -> Instructions:
    chosen = {column: _field(about) for column, about in fields}
    if consent_time_column:
        chosen[consent_time_column] = Field.CONSENTED
    policies = {kind: Policy(given[kind]) for kind in ("role", "disposable", "typo")}
    return Instructions(
        choices=Choices(fields=chosen, ignored=ignored, tool=given["tool"]),
        headings=given["headings"],
        encoding=given["encoding"],
        sheet=given["sheet"],
        status=Says(given["status"]) if given["status"] else None,
        date_format=given["date_format"],
        tags=dict(given["tags"]),
        policies=Policies(**policies),
        lenient=given["lenient"],
        rules=Rules(Existing(given["existing"]), given["override"], given["override_erased"]),
    )


def _field(about: str) -> Field:
    if about not in list(Field):
        raise click.UsageError(f"A column cannot be about “{about}”; it can be about: {', '.join(Field)}.")
    return Field(about)


def _beside(file: Path) -> Path:
    """Return where the result of importing `file` goes: next to it, or here where nothing can be written there."""
    folder = file.parent if os.access(file.parent, os.W_OK) else Path()
    return folder / f"{Path(file.name.removesuffix('.gz')).stem}.result.csv"

"""`newsletter subscribers export`: a list → a file of people."""

from __future__ import annotations

import gzip
import sys
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast

import click

from newsletter.bootstrap.installation import opened
from newsletter.cli.choosing import Separated, chosen_list, list_option, vocabulary_of
from newsletter.cli.output import json_option, print_json, tell
from newsletter.cli.progress import progress
from newsletter.errors import Refused
from subscribers.exporting import FORMATS, Wanted, export_subscribers
from subscribers.files import complete_or_absent
from subscribers.lists import ListStore

if TYPE_CHECKING:
    from collections.abc import Iterator


@click.command()
@list_option
@click.option("--format", "form", type=click.Choice(list(FORMATS)), help="Left out: what FILE ends with, or csv.")
@click.option("--status", "statuses", type=Separated(), default=(), help="Only these, such as active,pending.")
@click.option("--language", default="", help="Only who reads it: by choice, or as the list's first language.")
@click.option("--topics", type=Separated(), default=(), help="Only who gets one of these: by choice, or as all topics.")
@click.option(
    "--since", type=click.DateTime(["%Y-%m-%d"]), metavar="YYYY-MM-DD", help="Only who came that day (UTC) or later."
)
@click.option("--columns", type=Separated(), default=(), help="Which, and in which order.")
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
    help="Where it goes, compressed if it ends with .gz; left out: standard output.",
)  # fmt: skip
@json_option
def export(*, list_slug: str | None, form: str | None, output: Path | None, as_json: bool, **given: Any) -> None:  # noqa: ANN401 - click's
    """Write the people of a list to a file.

    `subscribers import` reads all of these formats again, and changes nothing by it. A cell that a spreadsheet would
    run as a formula is written with an apostrophe before it, which the import takes off again.
    """
    form = form or _ending(output)
    if as_json and output is None:
        raise click.UsageError("With --json the people need a file of their own: say where with -o FILE.")
    if form == "xlsx" and output is None and sys.stdout.isatty():
        raise click.UsageError("A workbook cannot be shown here: say where it goes with -o FILE.")
    since: datetime | None = given.pop("since")
    with opened() as newsletter:
        with newsletter.database.read() as session:
            publication = chosen_list(ListStore(session), list_slug)
        wanted = Wanted.of(vocabulary_of(publication), since=since.replace(tzinfo=UTC) if since else None, **given)
        with progress("Exporting", "people") as moved, _opened(output) as out:
            rows = export_subscribers(
                newsletter.database, publication, out, form=form, wanted=wanted, progress=moved if output else None
            )
    if as_json:
        columns = list(wanted.columns)
        print_json({"list": publication.slug, "rows": rows, "file": str(output), "format": form, "columns": columns})
    else:
        tell(f"{rows} people of the list {publication.slug}{f' in {output}' if output else ''}.")


def _ending(output: Path | None) -> str:
    """Return the format that the name of the file asks for. Raises Refused where it asks for none that there is."""
    if output is None:
        return "csv"
    ending = Path(output.name.lower().removesuffix(".gz")).suffix.removeprefix(".")
    if ending not in FORMATS:
        known = "|".join(FORMATS)
        raise Refused(f"The name {output.name} does not say which format it is to be: say it with --format {known}.")
    return ending


@contextmanager
def _opened(output: Path | None) -> Iterator[BinaryIO]:
    if output is None:
        yield sys.stdout.buffer
    elif output.name.lower().endswith(".gz"):
        # the name and the time in its head would make two exports of the same people differ
        with complete_or_absent(output) as file, gzip.GzipFile("", "wb", 6, file, mtime=0) as packed:
            yield cast("BinaryIO", packed)
    else:
        with complete_or_absent(output) as file:
            yield file

"""`newsletter campaign report`: what became of a campaign."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from newsletter.bootstrap.installation import opened
from newsletter.cli.choosing import campaign_argument
from newsletter.cli.output import json_option, print_json, say, shortened, table
from newsletter.feedback.reporting.figures import BESIDES, COLUMNS, OF_SENT, Figures
from newsletter.feedback.reporting.report import Report, report
from newsletter.feedback.reporting.table import as_csv

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

_MOST = 20
"""Lines of a table; the other two forms have them all."""
_ITEM_WIDTH = 40


@click.command("report")
@campaign_argument
@click.option("--csv", "as_table", is_flag=True, help="Print a table for spreadsheets, and nothing else.")
@json_option
def report_(*, campaign: str, as_table: bool, as_json: bool) -> None:
    """Show what became of a campaign: delivered, bounced, complained, left.

    By language, variant, mailbox provider and day. In every part planned = sent + skipped + failed + uncertain +
    pending, and sent is the sum of what became of the mails.
    """
    if as_table and as_json:
        raise click.UsageError("Either --csv or --json.")
    with opened() as newsletter:
        found = report(newsletter.database, campaign)
    if as_json:
        print_json(found.as_json())
    elif as_table:
        click.echo(as_csv(found).encode("utf-8"), nl=False)
    else:
        say(*_described(found))


def _described(found: Report) -> list[str]:
    info = found.campaign
    issue = f"issue {info.issue} (revision {info.revision})"
    lines = [
        f"Campaign {info.id}: {issue} to the list {info.list}: {found.books.state}.",
        "",
        *_account(found),
        "",
        *_part("language", found.languages.items()),
        "",
        *_part("provider", found.providers.items()),
    ]
    biggest = sorted(found.variants, key=lambda each: -each.figures.planned)[:_MOST]
    lines += ["", *_part("variant", ((f"{each.number} {each.language}", each.figures) for each in biggest))]
    if len(found.variants) > len(biggest):
        lines.append(f"… and {len(found.variants) - len(biggest)} smaller variants: --csv and --json have them all.")
    if found.days:
        lines += ["", *_days(found.days)]
    if found.details:
        rows = [(meaning, word, count) for meaning, words in found.details.items() for word, count in words.items()]
        lines += ["", *table(("events", "in SES's words", ""), rows)]
    if found.links:
        clicked = [
            (each.clicks, each.by_machine, shortened(each.item or "–", _ITEM_WIDTH), each.link)
            for each in found.links[:_MOST]
        ]
        lines += ["", *table(("clicks", "by machine", "item", "link"), clicked)]
    return lines


def _account(found: Report) -> list[str]:
    """Return the books, and under `sent` what became of the mails."""
    figures = found.total.as_json()
    rows: list[tuple[str, object, str]] = []
    for name in COLUMNS:
        number = figures[name]
        if name in OF_SENT and number:
            rows.append((f"  {_words(name)}", number, _share(number, figures["sent"])))
        elif name in BESIDES:
            rows.append((_words(name), number, _share(number, figures["sent"])))
        elif name not in OF_SENT:
            reasons = ", ".join(f"{reason}: {people}" for reason, people in found.books.skipped.items())
            rows.append((name, number, reasons if name == "skipped" else ""))
    return table(("people", "", ""), rows)


def _part(heading: str, parts: Iterable[tuple[str, Figures]]) -> list[str]:
    """Return a table of the figures of each, with the columns in which anything stands."""
    rows = [(name, figures.as_json()) for name, figures in parts]
    columns = [name for name in COLUMNS if name in {"planned", "sent"} or any(row[name] for _, row in rows)]
    return table(
        (heading, *map(_words, columns)), [(name, *(figures[column] for column in columns)) for name, figures in rows]
    )


def _days(days: Mapping[date, Mapping[str, int]]) -> list[str]:
    kinds = list(dict.fromkeys(kind for events in days.values() for kind in events))
    return table(
        ("day (UTC)", *kinds), [(day, *(events.get(kind, 0) for kind in kinds)) for day, events in days.items()]
    )


def _words(name: str) -> str:
    return name.replace("_", " ")


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.2f} %" if whole else ""

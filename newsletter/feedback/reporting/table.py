"""A report as a table for spreadsheets: a line for the whole, each language, variant, provider, day and link. Pure."""

from __future__ import annotations

import csv
from io import StringIO
from typing import TYPE_CHECKING

from newsletter.feedback.reporting.figures import COLUMNS, Figures
from newsletter.feedback.rules import Meaning

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from newsletter.feedback.reporting.report import Report

HEADINGS = ("campaign", "by", "which", *COLUMNS, "opened", "opened_by_machine", "clicked", "clicked_by_machine")
_NO_MAILS = [""] * len(COLUMNS)
_NOT_TRACKED = [""] * 4
"""Opens and clicks are known of the whole, of days and of links alone."""
_HAPPENED: Mapping[str, str] = {
    "handed over": "sent",
    "left the list": "unsubscribed",
    Meaning.DELIVERED.value: "delivered",
    Meaning.HARD.value: "hard_bounced",
    Meaning.SOFT.value: "soft_bounced",
    Meaning.REFUSED.value: "refused",
    Meaning.LISTED.value: "withheld",
    Meaning.WITHHELD.value: "withheld",
    Meaning.LEFT.value: "withheld",
    Meaning.DELAYED.value: "delayed",
    Meaning.REJECTED.value: "unsent",
    Meaning.UNRENDERED.value: "unsent",
    Meaning.COMPLAINT.value: "complained",
}
"""Under which heading what happened on a day is counted."""
_READING = (Meaning.OPENED, Meaning.OPENED_BY_MACHINE, Meaning.CLICKED, Meaning.CLICKED_BY_MACHINE)


def as_csv(report: Report) -> str:
    """Return the table (RFC 4180)."""
    text = StringIO()
    csv.writer(text).writerows([HEADINGS, *_lines(report)])
    return text.getvalue()


def _lines(report: Report) -> Iterator[list[object]]:
    number = report.campaign.id
    for by, which, figures in _parts(report):
        reading = map(report.happened, _READING) if by == "all" else _NOT_TRACKED
        yield [number, by, which, *figures.as_json().values(), *reading]
    for day, events in report.days.items():
        figures = Figures()
        for what, count in events.items():
            if what in _HAPPENED:
                figures.add(_HAPPENED[what], count)
        happened = [figures.counts.get(name, "") for name in COLUMNS]
        yield [number, "day", day.isoformat(), *happened, *(events.get(meaning, "") for meaning in _READING)]
    for each in report.links:
        yield [number, "link", each.link, *_NO_MAILS, "", "", each.clicks, each.by_machine]


def _parts(report: Report) -> Iterable[tuple[str, str, Figures]]:
    yield "all", "", report.total
    yield from (("language", name, figures) for name, figures in report.languages.items())
    yield from (("variant", f"{each.number} {each.language}", each.figures) for each in report.variants)
    yield from (("provider", name, figures) for name, figures in report.providers.items())

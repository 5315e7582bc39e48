"""From the bytes of a file to a document: the one door of reading. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from babel import localedata

from newsletter.issues.canonical.form import is_canonical, read_document
from newsletter.issues.dates import WEEK, date_in_name, week_until
from newsletter.issues.decode import decode
from newsletter.issues.findings import Finding, Notes
from newsletter.issues.layout.account import left_out
from newsletter.issues.layout.reader import read_layout
from newsletter.issues.model import Document, Period
from newsletter.issues.words import WORDS

if TYPE_CHECKING:
    import datetime as dt

    from newsletter.issues.reading import Reading

_LANGUAGE_IN_NAME = re.compile(r"[._-]([A-Za-z]{2,3}(?:-[A-Za-z]{2})?)\.[A-Za-z]+$")
_WORDS_SHOWN = 10
_LATE = WEEK
"""An issue may be dated some days after the period it covers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """A document that was read, the date of the issue it belongs to, and what is doubtful in it."""

    name: str
    """Of the file."""
    date: dt.date
    document: Document
    warnings: tuple[Finding, ...] = ()


def parse_document(data: bytes, *, name: str, language: str | None = None, date: dt.date | None = None) -> Parsed:
    """Read a file: the editors' layout, or the canonical form (docs/issue-format.md).

    `name`, `language` and `date` (the issue's) are what is known from outside; what the text does not say is taken
    from the options, then from the name (`2026-05-22.fr.txt`). Raises DocumentError, with every line that cannot be
    placed, and nothing else, whatever the bytes.
    """
    notes = Notes(name)
    text = decode(data, notes)
    named = date_in_name(name)
    reading = _read(text, language or language_in_name(name), date or named, notes)
    period = reading.period or _assumed_period(date or named, notes)
    if reading.language is None:
        notes.reject(0, "", "to know the language: name it (--language fr), or call the file ….fr.txt")
    if reading.language is None or period is None:
        raise notes.refusal()
    document = Document(language=reading.language, title=reading.title, period=period, sections=reading.sections)
    if not is_canonical(text):
        _check_words(text, document, notes)
    issue_date = _issue_date((date, reading.date, named), period, notes)
    return Parsed(name=name, date=issue_date, document=document, warnings=notes.settle())


def _read(text: str, language: str | None, near: dt.date | None, notes: Notes) -> Reading:
    if not is_canonical(text):
        return read_layout(text, language=language, near=near, notes=notes)
    reading = read_document(text, notes)
    if language and reading.language not in {language, None}:
        message = f"The front matter says “{reading.language}”, the option or file name “{language}”, which is taken."
        notes.warn(1, "language", message)
    return replace(reading, language=language or reading.language)


def language_in_name(name: str) -> str | None:
    """Return the language code that a file name ends with, such as `2026-05-22.fr.txt`."""
    found = _LANGUAGE_IN_NAME.search(name)
    code = found[1].lower() if found else ""
    return code if code in WORDS or localedata.exists(code.replace("-", "_")) else None


def _assumed_period(known: dt.date | None, notes: Notes) -> Period | None:
    if known is None:
        notes.reject(
            0,
            "",
            "to know the period: a week in the title or summary (“week of 16 to 22 May 2026”), "
            "a date in the file's name (2026-05-22.fr.txt), or --date 2026-05-22",
        )
        return None
    notes.warn(None, "period", f"The text names no period: the seven days until {known} are taken.")
    return week_until(known)


def _issue_date(candidates: tuple[dt.date | None, ...], period: Period, notes: Notes) -> dt.date:
    """Return the first date there is, else the period's last day; `candidates`: option, text, file name."""
    dates = [date for date in candidates if date is not None]
    if not dates:
        return period.end
    for other in dict.fromkeys(dates[1:]):
        if other != dates[0]:
            notes.warn(None, "date", f"The issue is dated {dates[0]}, but its text or file name says {other}.")
    if dates[0] < period.start or dates[0] - period.end > _LATE:
        notes.warn(None, "date", f"The issue is dated {dates[0]}, but its period is {period.start} to {period.end}.")
    return dates[0]


def _check_words(text: str, document: Document, notes: Notes) -> None:
    lost = left_out(text, document)
    if lost:
        shown = ", ".join(f"“{word}”" for word in lost[:_WORDS_SHOWN])
        notes.warn(None, "left-out", f"{len(lost)} words of the text were not found in what was read: {shown}.")

"""Instants as files write them. Pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from subscribers.errors import Refused
from subscribers.sentences import Sentence

_OF_GO = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)(?:\.\d+)? ([+-]\d{4}) \S+")
"""As Go prints a time, and listmonk with it: `2024-03-01 09:30:00.123 +0000 UTC`."""
_NAMED_ZONE = re.compile(r"(.+) (?:UTC|GMT|Z)")
_EPOCH = re.compile(r"(\d{9,10})(\d{3})?")
"""Seconds, or milliseconds, since 1970."""
_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
_AHEAD = timedelta(days=1)
"""By how much a clock elsewhere may be fast."""


def instant(cell: str, pattern: str = "") -> datetime:
    """Return the instant in `cell`, in UTC where it names no zone. Raises Refused for what is none.

    ISO 8601 (`2024-03-01`, `2024-03-01 09:30:00`, `2024-03-01T09:30:00+01:00`), or seconds since 1970. `pattern`:
    how it is written instead, as `datetime.strptime` has it: `03/01/2024` alone could be either of two days.
    """
    text = cell.strip()
    try:
        found = datetime.strptime(text, pattern) if pattern else _iso(text)  # noqa: DTZ007 - made aware in the next line
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(
            UTC
        )  # year 1 may lie before time begins
    except (ValueError, OverflowError) as error:
        raise Refused(_no_time(text, pattern)) from error


def past(at: datetime, now: datetime) -> datetime:
    """Return `at`. Raises Refused where nobody can have agreed or left: before there were newsletters, or later."""
    if not _EARLIEST <= at <= now + _AHEAD:
        day = f"{at:%Y-%m-%d}"
        if at > now:
            raise Refused(Sentence("{day} cannot be: it lies ahead.", day=day))
        raise Refused(Sentence("{day} cannot be: it lies before 1990.", day=day))
    return at


def _no_time(text: str, pattern: str) -> Sentence:
    if pattern:
        return Sentence("“{text}” is no time written like {pattern}.", text=text, pattern=pattern)
    return Sentence(
        "“{text}” is no time like {day} or {instant}. Another form: --date-format.",
        text=text,
        day="2024-03-01",
        instant="2024-03-01T09:30:00+01:00",
    )


def _iso(text: str) -> datetime:
    of_go = _OF_GO.fullmatch(text)
    if of_go:
        return datetime.fromisoformat(of_go[1] + of_go[2])
    epoch = _EPOCH.fullmatch(text)
    if epoch:
        return datetime.fromtimestamp(int(epoch[1]), UTC)
    named = _NAMED_ZONE.fullmatch(text)
    return datetime.fromisoformat(f"{named[1]}+00:00" if named else text)

"""Dates and periods as people write them in a text or a file name."""

from __future__ import annotations

import re
from datetime import date, timedelta
from functools import cache
from typing import TYPE_CHECKING

from babel import Locale
from babel.dates import get_month_names

from newsletter.issues.model import Period
from newsletter.issues.text import key
from newsletter.issues.words import WORDS

if TYPE_CHECKING:
    from collections.abc import Mapping

WEEK = timedelta(days=6)
_ISO = re.compile(r"(?<!\d)(\d{4})[-_](\d{2})[-_](\d{2})(?!\d)")
_NUMERIC = re.compile(r"\d{1,4}[./-]\d{1,2}(?:[./-]\d{1,4})?")
_LONGEST = 45
"""Days; what is longer is not what one issue covers."""


def date_in_name(name: str) -> date | None:
    """Return the date that a file name holds, such as `2026-05-22.fr.txt`."""
    found = _ISO.search(name)
    try:
        return date(int(found[1]), int(found[2]), int(found[3])) if found else None
    except ValueError:
        return None


def week_until(end: date) -> Period:
    """Return the seven days that end with `end`."""
    return Period(max(end, date.min + WEEK) - WEEK, end)


def find_period(text: str, *, announced: bool, near: date | None = None) -> Period | None:
    """Return the first period in `text`, in any language of the table; None when there is none.

    `announced`: only after a word such as “week”. `near` tells the year where the text leaves it out.
    """
    folded = key(text)
    for pattern in _periods(announced):
        for found in pattern.finditer(folded):
            period = _period(found.groupdict(), near)
            if period is not None:
                return period
    return None


def looks_like_date(text: str) -> bool:
    """Whether `text` is a date, or a month and year, and nothing else."""
    folded = key(text)
    if _NUMERIC.fullmatch(folded) or re.fullmatch(r"(?:19|20)\d\d", folded):
        return True
    words = [word for word in re.split(r"[\s.,/-]+", folded) if word]
    others = [word for word in words if word not in _months() and not re.fullmatch(r"\d{1,4}(?:er|st|nd|rd|th)?", word)]
    return not others and any(word in _months() for word in words)


@cache
def _months() -> Mapping[str, int]:
    """Return month numbers by folded name, long and short, in every language of the table."""
    return {
        key(name).rstrip("."): number
        for language in WORDS
        for width in ("wide", "abbreviated")
        for context in ("format", "stand-alone")
        for number, name in get_month_names(width, context, Locale.parse(language)).items()
    }


@cache
def _periods(announced: bool) -> tuple[re.Pattern[str], ...]:  # noqa: FBT001 - positional for the cache
    month = "(?:" + "|".join(sorted(map(re.escape, _months()), key=len, reverse=True)) + r")\b\.?"
    until = "|".join(sorted({re.escape(key(word)) for words in WORDS.values() for word in words.until}))
    week = "|".join(sorted({re.escape(key(word)) for words in WORDS.values() for word in words.week}))
    before = rf"\b(?:{week})\b(?:\s+\d{{1,2}}\b)?\D{{0,24}}?" if announced else ""
    day = r"(?<!\d)(?P<{0}_day>\d{{1,2}})(?!\d)(?:(?:er|st|nd|rd|th)\b|\.)?"
    between = rf"\s*(?:-|\b(?:{until})\b)\s*(?:[a-z]{{2,10}},?\s+)??"
    year = r"(?:,?\s+(?P<{0}_year>\d{{4}})(?!\d))?"
    first_d, last_d, first_y, last_y = day.format("a"), day.format("b"), year.format("a"), year.format("b")
    first_m, last_m = f"(?P<a_month>{month})", f"(?P<b_month>{month})"
    return (
        re.compile(rf"{before}{first_d}(?:\s*{first_m})?{first_y}{between}{last_d}\s*(?:of\s+)?{last_m}{last_y}"),
        re.compile(rf"{before}\b{first_m}\s*{first_d}{first_y}{between}(?:{last_m}\s*)?{last_d}{last_y}"),
        re.compile(rf"{before}(?P<a_iso>\d{{4}}-\d\d-\d\d)\s*(?:/|-|\b(?:{until})\b)\s*(?P<b_iso>\d{{4}}-\d\d-\d\d)"),
    )


def _period(parts: Mapping[str, str | None], near: date | None) -> Period | None:
    try:
        start, end = _from_iso(parts) if parts.get("a_iso") else _from_words(parts, near)
    except ValueError:
        return None
    return Period(start, end) if start <= end and (end - start).days <= _LONGEST else None


def _from_iso(parts: Mapping[str, str | None]) -> tuple[date, date]:
    return date.fromisoformat(parts["a_iso"] or ""), date.fromisoformat(parts["b_iso"] or "")


def _from_words(parts: Mapping[str, str | None], near: date | None) -> tuple[date, date]:
    """Fill in what the first day shares with the last. Raises ValueError for what is no date."""
    b_month = _month(parts["b_month"] or parts["a_month"])
    a_month = _month(parts["a_month"] or parts["b_month"])
    b_day, a_day = int(parts["b_day"] or 0), int(parts["a_day"] or 0)
    if parts["b_year"] or parts["a_year"]:
        b_year = int(parts["b_year"] or parts["a_year"] or 0)
    elif near is not None:
        b_year = min(
            (near.year + shift for shift in (-1, 0, 1)), key=lambda year: _distance(year, b_month, b_day, near)
        )
    else:
        raise ValueError("no year")
    a_year = int(parts["a_year"]) if parts["a_year"] and parts["b_year"] else b_year - (a_month > b_month)
    return date(a_year, a_month, a_day), date(b_year, b_month, b_day)


def _month(name: str | None) -> int:
    if name is None:
        raise ValueError("no month")
    return _months()[name.rstrip(".")]


def _distance(year: int, month: int, day: int, near: date) -> int:
    return abs((date(year, month, min(day, 28)) - near).days)

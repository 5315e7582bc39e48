"""The issues of a month, and the digest of them."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from newsletter.issues.digest import compose, month_of
from newsletter.issues.model import Article, Issue, Item, Period
from tests.factories.issues import DATE, sample_issue

MARCH = month_of(DATE)


def week(number: int, *languages: str) -> Issue:
    """The sample issue, `number` weeks later, with news of its own; week 0 is the one of `DATE`."""
    sample = sample_issue(*(languages or ("fr", "en")))
    days = dt.timedelta(weeks=number)
    documents = {
        code: replace(
            document,
            title="",
            period=Period(document.period.start + days, document.period.end + days),
            sections=tuple(
                replace(section, items=tuple(_other(item, number) for item in section.items))
                for section in document.sections
            ),
        )
        for code, document in sample.documents.items()
    }
    return Issue(date=sample.date + days, documents=documents)


def digest(*weeks: int, languages: tuple[str, ...] = ("fr", "en")) -> Issue:
    """The digest of these weeks' issues."""
    return compose([week(number, *languages) for number in weeks or (0, 1)], MARCH).issue


def _other(item: Item, number: int) -> Item:
    own = replace(item, body=f"{item.body} ({number})", links=())
    return replace(own, doi=None, pmid=None) if isinstance(own, Article) else own

"""Items whose layout is label, title, body, source: articles, announcements, society news; and the summary."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from newsletter.issues.dates import looks_like_date
from newsletter.issues.layout import labels
from newsletter.issues.layout.markup import bold_runs, markdown, plain
from newsletter.issues.layout.prose import body, ends_sentence, sort, take_title
from newsletter.issues.model import Announcement, Article, SocietyNews, Summary

if TYPE_CHECKING:
    from collections.abc import Sequence

    from newsletter.issues.findings import Notes
    from newsletter.issues.layout.outline import RawItem
    from newsletter.issues.lines import Line, Paragraph

_LAST_PART = re.compile(rf"(?:(.*)(?:(?<!\\){labels.DOT}|\s[—–]\s))?\s*(.*)", re.DOTALL)
_DASH = re.compile(r"\s+(?:[—–]|--)\s+")
_LEADING_DASH = re.compile(r"(?:[—–]|--)\s+(?=\S)")
_ABBREVIATED = re.compile(r"(?:\bet al|\b\w)\.$", re.IGNORECASE)
_BADGE = re.compile(r"(?<!\\)\[((?:\\.|[^\\\[\]])*)\]")
_BADGES = re.compile(rf"\s*((?:{_BADGE.pattern}\s*)+)$")
_BETWEEN_BADGES = re.compile(r"\s+\+\s+")
_LONGEST_BYLINE = 400


def read_summary(prose: Sequence[Paragraph], line: Line, notes: Notes) -> Summary:
    """Read the week's text; a first paragraph in bold is its title."""
    sorted_, references = sort(prose, notes)
    runs = bold_runs(sorted_[0].source) if len(sorted_) > 1 else None
    title = plain(sorted_.pop(0).source) if runs and len(runs) == 1 else ""
    return Summary(title=title, body=body(sorted_, line, notes), links=references.links)


def read_article(raw: RawItem, notes: Notes) -> Article:
    """Read `ARTICLE n · journal · date`, title, authors — institution, body, DOI and PMID."""
    journal, date = _journal_and_date(raw, notes)
    prose, references = sort(raw.paragraphs, notes)
    title = take_title(prose, raw.line, notes)
    authors, institution = _byline(prose, raw.line, notes)
    if references.doi is None:
        notes.warn(raw.line.number, "missing-doi", "The article has no DOI.")
    if references.pmid is None and not references.indexing_pending:
        notes.warn(raw.line.number, "missing-pmid", "The article has no PMID, and nothing says that one is pending.")
    return Article(
        title=title,
        body=body(prose, raw.line, notes),
        links=references.links,
        journal=journal,
        date=date,
        authors=authors,
        institution=institution,
        doi=references.doi,
        pmid=references.pmid,
        indexing_pending=references.indexing_pending,
    )


def read_announcement(raw: RawItem, notes: Notes) -> Announcement:
    """Read `ANNOUNCEMENT n · company [badge + badge]`, title, body, source."""
    rest = raw.label.rest
    found = _BADGES.search(rest)
    badges = tuple(
        badge
        for group in _BADGE.findall(found[1] if found else "")
        for badge in _BETWEEN_BADGES.split(plain(group))
        if badge
    )
    company = plain(rest[: found.start()] if found else rest)
    _expect(company, "company", raw, notes)
    prose, references = sort(raw.paragraphs, notes)
    title = take_title(prose, raw.line, notes)
    _expect_source(references.links, raw, notes)
    text = body(prose, raw.line, notes)
    return Announcement(title=title, body=text, links=references.links, company=company, badges=badges)


def read_society(raw: RawItem, notes: Notes) -> SocietyNews:
    """Read `NEWS n · organisation`, title, body, source."""
    organisation = plain(raw.label.rest)
    _expect(organisation, "organisation", raw, notes)
    prose, references = sort(raw.paragraphs, notes)
    title = take_title(prose, raw.line, notes)
    _expect_source(references.links, raw, notes)
    text = body(prose, raw.line, notes)
    return SocietyNews(title=title, body=text, links=references.links, organisation=organisation)


def _journal_and_date(raw: RawItem, notes: Notes) -> tuple[str, str]:
    """Read `journal · date`; a journal may have a dot in its name, the date stands last."""
    parted = _LAST_PART.fullmatch(raw.label.rest)
    journal, date = (plain(parted[1] or ""), plain(parted[2])) if parted else ("", "")
    if not looks_like_date(date):
        journal, date = plain(raw.label.rest), ""
    _expect(journal, "journal", raw, notes)
    _expect(date, "date", raw, notes)
    return journal, date


def _byline(prose: list[Paragraph], line: Line, notes: Notes) -> tuple[str, str]:
    """Take `authors — institution` off the paragraphs after the title, when it stands there."""
    if not prose or not _is_byline(prose[0].source, followed=len(prose) > 1):
        notes.warn(line.number, "missing-authors", "The article has no line with authors — institution.")
        return "", ""
    text = prose.pop(0).source
    if leading := _LEADING_DASH.match(text):
        return "", plain(text[leading.end() :])
    authors, *rest = _DASH.split(text, maxsplit=1)
    return plain(authors), plain("".join(rest))


def _is_byline(text: str, *, followed: bool) -> bool:
    """Tell a byline: short and no sentence; without a dash it must have a body after it, to be told from one."""
    if len(text) > _LONGEST_BYLINE or (ends_sentence(markdown(text)) and not _ABBREVIATED.search(text)):
        return False
    return followed or _DASH.search(text) is not None or _LEADING_DASH.match(text) is not None


def _expect(value: str, what: str, raw: RawItem, notes: Notes) -> None:
    if not value:
        notes.warn(raw.line.number, f"missing-{what}", f"The label names no {what}.")


def _expect_source(links: tuple[object, ...], raw: RawItem, notes: Notes) -> None:
    if not links:
        notes.warn(raw.line.number, "missing-source", "The item has no source line.")

"""Reading the editors' layout: the text of an issue as converters deliver it."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from newsletter.issues.dates import find_period
from newsletter.issues.layout import labels
from newsletter.issues.layout.items import read_announcement, read_article, read_society, read_summary
from newsletter.issues.layout.leaders import read_leader
from newsletter.issues.layout.markup import check_markup, plain
from newsletter.issues.layout.media import read_media
from newsletter.issues.layout.outline import Outline, RawItem, RawSection, outline
from newsletter.issues.lines import Paragraph, numbered
from newsletter.issues.model import Item, Kind, Period, Section
from newsletter.issues.reading import Reading
from newsletter.issues.words import WORDS

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Mapping, Sequence

    from newsletter.issues.findings import Notes

_CELL = re.compile(r"(?i)</?p(?:\s[^<>]*)?>")
_HASHES = re.compile(r"^#{1,6}\s+")

_READERS: Mapping[Kind, Callable[[RawItem, Notes], Item]] = {
    Kind.ARTICLES: read_article,
    Kind.ANNOUNCEMENTS: read_announcement,
    Kind.SOCIETIES: read_society,
    Kind.LEADERS: read_leader,
}


def read_layout(text: str, *, language: str | None, near: dt.date | None, notes: Notes) -> Reading:
    """Read `text`; `language` is what is known of it from elsewhere, `near` a day not far from its period."""
    lines = numbered(text)
    for line in lines:
        check_markup(line, notes)
    languages = _first(language)
    cut = outline(lines, notes, languages)
    if not cut.sections:
        notes.reject(0, "", f"numbered headings of sections, such as {labels.known_headings(languages[0])}")
    return Reading(
        language=_language(cut, language, notes),
        title=_title(cut.preamble, languages[0], near, notes),
        period=_period(cut, near),
        sections=tuple(_section(section, notes) for section in cut.sections),
    )


def _first(language: str | None) -> tuple[str, ...]:
    return tuple(sorted(WORDS, key=lambda each: each != language))


def _language(cut: Outline, known: str | None, notes: Notes) -> str | None:
    """Return the language that is known, or that of most headings."""
    counts = Counter(section.heading.language for section in cut.sections if section.heading.language)
    told = max(counts, key=lambda each: counts[each]) if counts else None
    if known is not None and known not in WORDS and cut.sections:
        expected = f"a language whose words are known ({', '.join(WORDS)}), or any language in the canonical form"
        notes.reject(0, known, expected)
    elif known is not None and told is not None and told != known:
        line = cut.sections[0].line.number
        notes.warn(line, "language", f"The headings are in “{told}”, but the text is said to be in “{known}”.")
    return known or told


def _title(preamble: Sequence[Paragraph], language: str, near: dt.date | None, notes: Notes) -> str:
    """Return what stands before the first heading: a title, and the period on a line of its own."""
    for paragraph in preamble[1:]:
        if find_period(paragraph.source, announced=False, near=near) is None:
            expected = f"a section after the title and the period, such as {labels.known_headings(language)}"
            notes.reject(paragraph.number, paragraph.source, expected)
    return " — ".join(plain(_HASHES.sub("", paragraph.source)) for paragraph in preamble)


def _period(cut: Outline, near: dt.date | None) -> Period | None:
    """Find the period before the first heading, else announced as a week in the summary."""
    before = " ".join(paragraph.source for paragraph in cut.preamble)
    summary = [section for section in cut.sections if section.heading.kind is Kind.SUMMARY]
    texts = [section.heading.text for section in cut.sections]
    texts += [paragraph.source for section in summary for paragraph in section.lead]
    found = (find_period(text, announced=True, near=near) for text in texts)
    return find_period(before, announced=False, near=near) or next(filter(None, found), None)


def _section(section: RawSection, notes: Notes) -> Section:
    kind = section.heading.kind
    items = _items(section, notes)
    if not items:
        notes.warn(section.line.number, "empty-section", f"There is nothing under “{section.heading.text}”.")
    return Section(kind, plain(section.heading.text), items)


def _items(section: RawSection, notes: Notes) -> tuple[Item, ...]:
    kind = section.heading.kind
    if kind is Kind.MEDIA:
        return read_media(section, notes)
    _no_rows(section, notes)
    if kind is Kind.SUMMARY:
        return (read_summary(section.lead, section.line, notes),) if section.lead else ()
    for paragraph in section.lead:
        notes.reject(paragraph.number, paragraph.source, f"the label of an item: {labels.known_labels(kind)}")
    return tuple(_READERS[kind](raw, notes) for raw in section.items)


def _no_rows(section: RawSection, notes: Notes) -> None:
    found = [*section.lead, *(paragraph for raw in section.items for paragraph in raw.paragraphs)]
    for line in (line for paragraph in found for line in paragraph.lines):
        if _CELL.search(line.text):
            notes.reject(
                line.number, line.text.strip(), "a paragraph: rows of a table are read under media highlights only"
            )

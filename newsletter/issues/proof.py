"""Looking an issue over before it is finalized: what a careful reader would stumble on. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from newsletter.issues.lineup import DoesNotLineUp, check_lineup, doubts
from newsletter.issues.model import Announcement, Article, Document, Issue, Item, Kind, OpinionLeader
from newsletter.issues.text import key

if TYPE_CHECKING:
    from collections.abc import Iterator

    from subscribers.publication import Publication

_DEAD_LINK = re.compile(r"\[([^\[\]]*)\]\(\s*#?\s*\)")
_LEFT_MARKUP = re.compile(r"</?[A-Za-z][^<>]*>|\*\*|&[A-Za-z]{2,8};|\]\(")
_TWICE_ENCODED = re.compile("Ã[\u0080-\u00bf]|â€")
_LONG_TITLE = 250
_TITLE_SHOWN = 60


class Severity(StrEnum):
    """How much a concern weighs."""

    ERROR = "error"
    """The issue cannot be finalized like this."""
    WARNING = "warning"
    """A person should look at it, and may decide that it is right."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Concern:
    """One thing that was noticed; `language` and `position` None: the issue as a whole. `code` is stable."""

    severity: Severity
    code: str
    message: str
    language: str | None = None
    position: int | None = None

    def __str__(self) -> str:
        where = [self.language, None if self.position is None else f"item {self.position}"]
        named = ", ".join(part for part in where if part)
        return f"{named}: {self.message} [{self.code}]" if named else f"{self.message} [{self.code}]"


def proof(issue: Issue, publication: Publication | None = None) -> tuple[Concern, ...]:
    """Return every concern, those of the issue as a whole first, then language by language, item by item."""
    concerns = [*_whole(issue), *(_of_list(issue, publication) if publication else ())]
    for language, document in issue.documents.items():
        concerns += _document(document)
        for position, kind, item in document.items():
            for code, message in _item(kind, item):
                shown = f"“{_shown(item)}”: {message}" if _shown(item) else message
                concerns.append(_warning(code, shown, language, position))
    return tuple(concerns)


def _warning(code: str, message: str, language: str | None = None, position: int | None = None) -> Concern:
    return Concern(severity=Severity.WARNING, code=code, message=message, language=language, position=position)


def _error(code: str, message: str) -> Concern:
    return Concern(severity=Severity.ERROR, code=code, message=message)


def _whole(issue: Issue) -> Iterator[Concern]:
    documents = list(issue.documents.values())
    if not documents or not any(True for _ in documents[0].items()):
        yield _error("nothing", "There is nothing in this issue.")
        return
    for other in documents[1:]:
        try:
            check_lineup(documents[0], other)
        except DoesNotLineUp as difference:
            yield _error("line-up", str(difference))
        else:
            yield from (_warning(finding.code, finding.message) for finding in doubts(documents[0], other))
            yield from _untranslated(documents[0], other)
    yield from _twice(documents[0])


def _of_list(issue: Issue, publication: Publication) -> Iterator[Concern]:
    for language in publication.languages:
        if language not in issue.documents:
            yield _warning("language-missing", f"The list is also in “{language}”; those readers get another language.")
    for language, document in issue.documents.items():
        if language not in publication.languages:
            yield _warning("language-not-listed", "The list is not published in this language.", language)
        if publication.topics and language == next(iter(issue.documents)):
            for position, kind, item in document.items():
                if not item.topics and not item.must_read and kind is not Kind.SUMMARY:
                    yield _warning("no-topic", f"“{_shown(item)}” has no topic: everybody gets it.", None, position)


def _document(document: Document) -> Iterator[Concern]:
    kinds = {section.kind for section in document.sections}
    if Kind.SUMMARY not in kinds:
        yield _warning("no-summary", "There is no summary.", document.language)
    for section in document.sections:
        if not section.items:
            yield _warning("empty-section", f"There is nothing under “{section.heading}”.", document.language)
        if not section.heading:
            yield _warning("no-heading", f"The section “{section.kind}” has no heading.", document.language)


def _item(kind: Kind, item: Item) -> Iterator[tuple[str, str]]:
    yield from _missing(kind, item)
    for link in item.links:
        if link.url is None:
            yield "missing-address", f"the link “{link.label}” has no address: it is shown without one."
    for label in _DEAD_LINK.findall(item.body):
        yield "missing-address", f"the link “{label}” in the text has no address: it is shown without one."
    if len(item.title) > _LONG_TITLE:
        yield "long-title", f"the title has {len(item.title)} characters."
    if found := _LEFT_MARKUP.search(item.title):
        yield "markup", f"the title holds “{found[0]}”, which is shown as it is."
    if any(_TWICE_ENCODED.search(text) for text in (item.title, item.body)):
        yield "encoding", "letters such as “Ã©” show that the text was saved in a wrong encoding."


def _missing(kind: Kind, item: Item) -> Iterator[tuple[str, str]]:
    if not item.title and kind not in {Kind.SUMMARY, Kind.LEADERS}:
        yield "missing-title", "it has no title."
    if not item.body and kind is not Kind.LEADERS:
        yield "missing-body", "it has no text."
    if isinstance(item, Article):
        yield from _missing_identifiers(item)
    elif not item.links and kind is not Kind.SUMMARY:
        yield "missing-source", "it names no source."
    if isinstance(item, Announcement) and not item.company:
        yield "missing-company", "it names no company."
    if isinstance(item, OpinionLeader):
        yield from _doubtful_quotation(item)


def _missing_identifiers(item: Article) -> Iterator[tuple[str, str]]:
    if item.doi is None:
        yield "missing-doi", "it has no DOI."
    if item.pmid is None and item.indexing_pending:
        yield "indexing-pending", "its PMID is not there yet."
    elif item.pmid is None:
        yield "missing-pmid", "it has no PMID."


def _doubtful_quotation(item: OpinionLeader) -> Iterator[tuple[str, str]]:
    if item.quotation is None:
        yield "missing-quotation", "nothing is quoted."
    elif item.quotation.language is None:
        yield "quotation-language", "the language of the quotation is not known: it is set as one of the text's."


def _twice(document: Document) -> Iterator[Concern]:
    """Notice the same paper, or the same title, standing there twice."""
    seen: dict[str, int] = {}
    for position, kind, item in document.items():
        names = {f"the DOI {item.doi}"} if isinstance(item, Article) and item.doi else set()
        names |= {f"the title “{_shown(item)}” among {kind}"} if item.title else set()
        for name in names:
            if name in seen:
                yield _warning("twice", f"Has {name}, as item {seen[name]} has.", document.language, position)
            seen.setdefault(name, position)


def _untranslated(first: Document, other: Document) -> Iterator[Concern]:
    for (position, _, one), (_, _, two) in zip(first.items(), other.items(), strict=True):
        if one.body and key(one.body) == key(two.body):
            message = f"The text is the same as in “{first.language}”: is it translated?"
            yield _warning("untranslated", message, other.language, position)


def _shown(item: Item) -> str:
    title = item.title or (item.name if isinstance(item, OpinionLeader) else "")
    return title if len(title) <= _TITLE_SHOWN else title[:_TITLE_SHOWN] + "…"

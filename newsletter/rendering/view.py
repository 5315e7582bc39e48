"""An issue as a mail shows it: every word typeset, every address checked, labels in the reader's language.

Both forms of the mail, HTML and plain text, are made of this.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING

from newsletter.errors import Refused
from newsletter.issues.model import Announcement, Article, MediaHighlight, OpinionLeader, Period, SocietyNews
from newsletter.rendering.addresses import doi_address, pmid_address, safe_address
from newsletter.rendering.catalogs import catalog, direction, plural
from newsletter.rendering.inline_markdown import paragraphs
from newsletter.rendering.typography import quoted, typeset

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
    from datetime import date

    from newsletter.issues.model import Document, Issue, Item, Kind, Quotation
    from newsletter.rendering.catalogs import Catalog
    from newsletter.rendering.inline_markdown import Rich
    from subscribers.publication import Publication


@dataclass(frozen=True, slots=True)
class Tongue:
    """A language and the direction it is written in."""

    language: str
    direction: str


@dataclass(frozen=True, slots=True)
class LinkView:
    """Where an item leads: `name` ("DOI:", "Source:", or nothing) in the reader's language, `label` the editors'."""

    name: str
    label: str
    url: str | None
    note: str = ""
    """Why there is no address, in the reader's language."""
    is_identifier: bool = False
    """The label is part of the address, which alone is enough in plain text."""


@dataclass(frozen=True, slots=True)
class QuotationView:
    """Somebody's words between the quotation marks of their language, paragraph by paragraph."""

    paragraphs: tuple[str, ...]
    tongue: Tongue


@dataclass(frozen=True, slots=True)
class ItemGroup:
    """The items of one issue in a section of a digest."""

    heading: str
    """Names the issue, in the reader's language."""
    positions: frozenset[int]


@dataclass(frozen=True, slots=True)
class ItemView:
    """An item; what a kind does not have is empty."""

    position: int
    kind: Kind
    kicker: tuple[str, ...]
    """Where it comes from: journal and date, company, outlet or organisation."""
    badges: tuple[str, ...]
    title: str
    byline: tuple[str, ...]
    """Authors and institution."""
    roles: tuple[str, ...]
    occasion: str
    paragraphs: tuple[Rich, ...]
    quotation: QuotationView | None
    links: tuple[LinkView, ...]
    group: ItemGroup | None = None
    """Of the first item that a digest has of an issue in this section: what stands above them."""


@dataclass(frozen=True, slots=True)
class SectionView:
    """A section and the items of it that the mail shows: at least one."""

    kind: Kind
    heading: str
    items: tuple[ItemView, ...]

    @property
    def positions(self) -> frozenset[int]:
        """The positions of the items."""
        return frozenset(item.position for item in self.items)


@dataclass(frozen=True, slots=True, kw_only=True)
class MailView:
    """A whole mail, without what differs from reader to reader."""

    reader: Tongue
    content: Tongue
    subject: str
    name: str
    tagline: str
    title: str
    """The issue's own, often empty."""
    period: str
    fallback: str
    """Says that the content is in another language than the reader's; empty when it is not."""
    introduction: str
    """Of a digest: which issues it is made of."""
    contents_title: str
    sections: tuple[SectionView, ...]
    publication: Publication

    @property
    def is_foreign(self) -> bool:
        """Whether content and labels are in different languages."""
        return self.reader != self.content


def view(
    issue: Issue, publication: Publication, *, content_language: str, language: str, positions: Collection[int] | None
) -> MailView:
    """Return the mail of `issue` with the items at `positions` (None: all).

    Raises Refused when the issue has no text in `content_language`, or there are no labels in `language`.
    """
    labels = catalog(language)
    document = _document(issue, content_language)
    period = labels.month(document.period.start) if issue.is_digest else labels.period(document.period)
    name = typeset(publication.name, "")
    title = typeset(document.title, content_language)
    return MailView(
        reader=Tongue(language, direction(language)),
        content=Tongue(content_language, direction(content_language)),
        subject=title or f"{name} · {period}",
        name=name,
        tagline=typeset(publication.branding.tagline.get(language, ""), language),
        title=title,
        period=period,
        fallback=_fallback(labels, content_language),
        introduction=_introduction(issue, labels),
        contents_title=labels.gettext("The month at a glance") if issue.is_digest else labels.gettext("In this issue"),
        sections=tuple(_sections(document, labels, positions, issue.origins)),
        publication=publication,
    )


def _document(issue: Issue, language: str) -> Document:
    try:
        return issue.documents[language]
    except KeyError:
        raise Refused(
            f"The issue of {issue.date} has no text in {language!r}: it has {', '.join(issue.documents)}."
        ) from None


def _fallback(labels: Catalog, content_language: str) -> str:
    if content_language.partition("-")[0] == labels.language.partition("-")[0]:
        return ""
    note = labels.gettext("This issue is not available in English yet; you are reading it in {language}.")
    return note.format(language=labels.language_name(content_language))


def _introduction(issue: Issue, labels: Catalog) -> str:
    """Say of a digest which issues it is made of: all of them, whatever one reader gets of them."""
    if not issue.is_digest:
        return ""
    dates = sorted(set(issue.origins))
    between = labels.period(Period(dates[0], dates[-1]))
    note = labels.number_of(
        *plural("The month in one mail: {n} issue, {dates}.", "The month in one mail: {n} issues, {dates}."), len(dates)
    )
    return note.format(n=labels.number(len(dates)), dates=between)


def _sections(
    document: Document, labels: Catalog, positions: Collection[int] | None, origins: Sequence[date]
) -> Iterator[SectionView]:
    first = 0
    for section in document.sections:
        items = [
            _item(position, section.kind, item, document.language, labels)
            for position, item in enumerate(section.items, start=first)
            if positions is None or position in positions
        ]
        first += len(section.items)
        if items:
            shown = _grouped(items, labels, origins) if origins else items
            yield SectionView(section.kind, typeset(section.heading, document.language), tuple(shown))


def _grouped(items: Sequence[ItemView], labels: Catalog, origins: Sequence[date]) -> Iterator[ItemView]:
    """Give the first item of each issue the heading that it and those after it stand under."""
    for origin, of_issue in groupby(items, key=lambda item: origins[item.position]):
        first, *others = of_issue
        heading = labels.gettext("Issue of {date}").format(date=labels.date(origin))
        yield replace(first, group=ItemGroup(heading, frozenset(item.position for item in (first, *others))))
        yield from others


def _item(position: int, kind: Kind, item: Item, language: str, labels: Catalog) -> ItemView:
    def words(text: str) -> str:
        return typeset(text, language)

    def all_words(texts: Iterable[str]) -> tuple[str, ...]:
        return tuple(words(text) for text in texts if text)

    quotation = item.quotation if isinstance(item, OpinionLeader) else None
    return ItemView(
        position=position,
        kind=kind,
        kicker=all_words(_kicker(item)),
        badges=all_words(item.badges) if isinstance(item, Announcement) else (),
        title=words(_title(item)),
        byline=all_words((item.authors, item.institution)) if isinstance(item, Article) else (),
        roles=all_words(item.roles) if isinstance(item, OpinionLeader) else (),
        occasion=words(item.occasion) if isinstance(item, OpinionLeader) else "",
        paragraphs=paragraphs(item.body, language),
        quotation=_quotation(quotation, language) if quotation else None,
        links=tuple(_links(item, words, labels)),
    )


def _kicker(item: Item) -> tuple[str, ...]:
    match item:
        case Article():
            return item.journal, item.date
        case Announcement():
            return (item.company,)
        case MediaHighlight():
            return (item.outlet,)
        case SocietyNews():
            return (item.organisation,)
        case _:
            return ()


def _title(item: Item) -> str:
    return (item.name or item.title) if isinstance(item, OpinionLeader) else item.title


def _quotation(quotation: Quotation, content_language: str) -> QuotationView:
    language = quotation.language or content_language
    texts = [typeset(text, language) for text in quotation.text.split("\n\n") if text.strip()]
    return QuotationView(
        paragraphs=tuple(quoted(text, language) for text in texts),
        tongue=Tongue(language, direction(language)),
    )


def _links(item: Item, words: Callable[[str], str], labels: Catalog) -> Iterator[LinkView]:
    if isinstance(item, Article):
        yield from _identifiers(item, labels)
    name = "" if isinstance(item, MediaHighlight) else labels.gettext("Source:")
    for link in item.links:
        url = safe_address(link.url)
        yield LinkView(name, words(link.label) or url or "", url, "" if url else labels.gettext("link to come"))


def _identifiers(article: Article, labels: Catalog) -> Iterator[LinkView]:
    if article.doi:
        yield LinkView(labels.gettext("DOI:"), typeset(article.doi, ""), doi_address(article.doi), is_identifier=True)
    if article.pmid:
        yield LinkView(
            labels.gettext("PMID:"), typeset(article.pmid, ""), pmid_address(article.pmid), is_identifier=True
        )
    elif article.indexing_pending:
        yield LinkView(labels.gettext("PMID:"), "", None, labels.gettext("indexing pending"))

"""The issue as a value: what the editors wrote, in one or more languages, item by item.

Pure: no database, no network, no clock. Text fields hold the editors' words, composed (NFC), with every run of white
space folded to one plain space: no-break spaces are set by rendering, per language. Paragraphs of `body` and of a
quotation are separated by an empty line. `body` alone may hold inline Markdown: emphasis, and links, of which
`[label](#)` is one whose address is missing; a backslash takes a character's meaning away.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Mapping


class Kind(StrEnum):
    """The kinds of section, in the order they usually stand in."""

    SUMMARY = "summary"
    ARTICLES = "articles"
    ANNOUNCEMENTS = "announcements"
    MEDIA = "media"
    SOCIETIES = "societies"
    LEADERS = "leaders"


@dataclass(frozen=True, slots=True)
class Link:
    """A label and where it leads; `url` is None when the editors left the address open (`#`)."""

    label: str
    url: str | None


@dataclass(frozen=True, slots=True)
class Quotation:
    """Somebody's words, in the language they were said in (None: not known)."""

    text: str
    language: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """What every item has, whatever its kind."""

    title: str = ""
    body: str = ""
    links: tuple[Link, ...] = ()
    topics: tuple[str, ...] = ()
    """Slugs of the list's vocabulary, sorted; none: for everybody."""
    must_read: bool = False
    """For everybody, whatever its topics."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary(Item):
    """The week in one text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Article(Item):
    """A peer-reviewed paper. `doi` and `pmid` are bare identifiers, not addresses."""

    journal: str = ""
    date: str = ""
    authors: str = ""
    institution: str = ""
    doi: str | None = None
    pmid: str | None = None
    indexing_pending: bool = False
    """The PMID is announced but not there yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement(Item):
    """A company's news; `badges` are approvals such as "FDA 510(k)", as written."""

    company: str = ""
    badges: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaHighlight(Item):
    """What an outlet wrote."""

    outlet: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SocietyNews(Item):
    """News of a learned society."""

    organisation: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpinionLeader(Item):
    """A voice of the field."""

    name: str = ""
    roles: tuple[str, ...] = ()
    occasion: str = ""
    quotation: Quotation | None = None


ITEM_CLASSES: Mapping[Kind, type[Item]] = {
    Kind.SUMMARY: Summary,
    Kind.ARTICLES: Article,
    Kind.ANNOUNCEMENTS: Announcement,
    Kind.MEDIA: MediaHighlight,
    Kind.SOCIETIES: SocietyNews,
    Kind.LEADERS: OpinionLeader,
}


@dataclass(frozen=True, slots=True)
class Section:
    """Items of one kind under a heading, as the editors worded it (without its number)."""

    kind: Kind
    heading: str
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Period:
    """The days an issue covers, both included."""

    start: dt.date
    end: dt.date


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """An issue's text in one language."""

    language: str
    title: str
    """The issue's own title; may be empty: then the mail's subject is made of list name and period."""
    period: Period
    sections: tuple[Section, ...]

    def items(self) -> Iterator[tuple[int, Kind, Item]]:
        """Yield (position, kind, item); positions count from 0 through all sections in order."""
        position = 0
        for section in self.sections:
            for item in section.items:
                yield position, section.kind, item
                position += 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """The content of one date, in one or more languages that line up by position and kind."""

    date: dt.date
    documents: Mapping[str, Document]
    """By language code; the first is the one the others were lined up with."""
    origins: tuple[dt.date, ...] = ()
    """Of a digest, by position: the date of the issue that the item was taken from. Empty: this is no digest."""

    @property
    def is_digest(self) -> bool:
        """Whether this is a month's issues in one."""
        return bool(self.origins)

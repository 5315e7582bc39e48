"""Writing a document in the editors' layout, with the warts that converters leave: the reader's other half.

What it writes is read back to the same document, as long as texts do not look like the layout's own words.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from newsletter.issues.model import (
    Announcement,
    Article,
    Document,
    Item,
    Kind,
    Link,
    MediaHighlight,
    OpinionLeader,
    Section,
    SocietyNews,
)
from newsletter.issues.words import WORDS, Words

_SPECIAL = re.compile(r"([\\`*_{}\[\]#|~])")
_PENDING = {"fr": "En attente d'indexation", "en": "Indexing pending", "de": "Indexierung ausstehend"}


@dataclass(frozen=True)
class Warts:
    """What a converter did to the text; by default nothing but what it always does."""

    glued: bool = True
    """The first media item hangs on the heading, its text broken off and continued in a row without outlet."""
    glued_titles: bool = False
    """Titles hang on labels in bold."""
    quotes: tuple[str, str] = ('"', '"')
    broken_lines: bool = False
    """Sentences go over two lines."""
    bold_labels: bool = False


def layout_text(document: Document, warts: Warts = Warts()) -> str:
    """Return the text of `document` as the editors' converter would deliver it, lines ended by LF."""
    writer = _Writer(WORDS[document.language], document.language, warts)
    parts = [_escaped(document.title)] if document.title else []
    for number, section in enumerate(document.sections):
        parts += writer.section(number, section)
    return "\n\n".join(parts) + "\n"


@dataclass(frozen=True)
class _Writer:
    words: Words
    language: str
    warts: Warts

    def section(self, number: int, section: Section) -> list[str]:
        heading = f"{number}. {section.heading}"
        if section.kind is Kind.MEDIA and section.items:
            return self.media(heading, [item for item in section.items if isinstance(item, MediaHighlight)])
        parts = [f"**{heading}**" if self.warts.bold_labels else heading]
        for index, item in enumerate(section.items, start=1):
            parts += self.summary(item) if section.kind is Kind.SUMMARY else self.item(section.kind, index, item)
        return parts

    def summary(self, item: Item) -> list[str]:
        title = [f"**{_escaped(item.title)}**"] if item.title else []
        return [*title, *self.body(item.body), *self.source(item)]

    def item(self, kind: Kind, index: int, item: Item) -> list[str]:
        label = " · ".join([f"{self.words.labels[kind][0].upper()} {index}", *_named(item)])
        if isinstance(item, OpinionLeader):
            return [self.bold(label), *self.leader(item), *self.source(item)]
        if isinstance(item, Announcement) and item.badges:
            label += f" [{' + '.join(map(_escaped, item.badges))}]"
        if self.warts.glued_titles and item.title:
            head = [f"{label}**{_escaped(item.title)}**"]
        else:
            head = [self.bold(label), *([self.broken(_escaped(item.title))] if item.title else [])]
        return [*head, *self.byline(item), *self.body(item.body), *self.identifiers(item), *self.source(item)]

    def bold(self, label: str) -> str:
        return f"**{label}**" if self.warts.bold_labels else label

    def byline(self, item: Item) -> list[str]:
        if not isinstance(item, Article) or not (item.authors or item.institution):
            return []
        institution = f" — {_escaped(item.institution)}" if item.institution else ""
        return [f"{_escaped(item.authors)}{institution}".strip()]

    def body(self, body: str) -> list[str]:
        return [self.broken(part.replace("&", "&amp;")) for part in body.split("\n\n") if part]

    def broken(self, text: str) -> str:
        """Break `text` over two lines before a word in its middle."""
        words = text.split(" ")
        middle = len(words) // 2
        plain = middle and words[middle][:1].isalpha() and self.warts.broken_lines
        return f"{' '.join(words[:middle])}\n{' '.join(words[middle:])}" if plain else text

    def identifiers(self, item: Item) -> list[str]:
        if not isinstance(item, Article):
            return []
        parts = [f"DOI : <https://doi.org/{item.doi}>"] if item.doi else []
        if item.pmid:
            parts.append(f"PMID : [{item.pmid}](https://pubmed.ncbi.nlm.nih.gov/{item.pmid}/)")
        elif item.indexing_pending:
            parts.append(f"PMID : [{_PENDING[self.language]}](#)")
        return [" ".join(parts)] if parts else []

    def source(self, item: Item) -> list[str]:
        links = " ; ".join(map(_link, item.links))
        return [f"{self.words.sources[0]} : {links}"] if links else []

    def leader(self, item: OpinionLeader) -> list[str]:
        lines = [" — ".join(map(_escaped, (item.name, *item.roles)))] if item.roles else []
        lines += [_escaped(item.occasion)] if item.occasion else []
        parts = ["\n".join(lines)] if lines else []
        if item.quotation is not None:
            parts.append(f"{self.warts.quotes[0]}{_escaped(item.quotation.text)}{self.warts.quotes[1]}")
        return [*parts, *self.body(item.body)]

    def media(self, heading: str, items: list[MediaHighlight]) -> list[str]:
        if not self.warts.glued or not _can_be_glued(items[0]):
            return [heading, "\n".join(map(self.row, items))]
        first = items[0]
        text = " ".join(first.body.replace("&", "&amp;").split("\n\n")[:1])
        begun, _, rest = text.partition(", ")
        cells = [
            rest,
            *(part.replace("&", "&amp;") for part in first.body.split("\n\n")[1:]),
            *map(_cell_link, first.links),
        ]
        return [
            f"{heading}**{_escaped(first.outlet)}****{_escaped(first.title)}**",
            f"{begun},",
            "\n".join(["\t" + _cells(cells), *map(self.row, items[1:])]),
        ]

    def row(self, item: MediaHighlight) -> str:
        body = [part.replace("&", "&amp;") for part in item.body.split("\n\n") if part]
        return f"{_escaped(item.outlet)}\t{_cells([_escaped(item.title), *body, *map(_cell_link, item.links)])}"


def _can_be_glued(item: MediaHighlight) -> bool:
    """Whether the text has a place to be broken at, as converters do: behind a comma, before a small letter."""
    _, comma, rest = item.body.split("\n\n")[0].partition(", ")
    return bool(item.outlet and item.title and comma and rest[:1].islower())


def _named(item: Item) -> list[str]:
    """Return what stands behind an item's number."""
    if isinstance(item, Article):
        return [_escaped(part) for part in (item.journal, item.date) if part]
    named = {Announcement: "company", SocietyNews: "organisation", OpinionLeader: "name"}[type(item)]
    return [_escaped(getattr(item, named))] if getattr(item, named) else []


def _cells(texts: list[str]) -> str:
    return " ".join(f"<p>{text}</p>" for text in texts)


def _link(link: Link) -> str:
    return f"[{_escaped(link.label)}]({(link.url or '#').replace('&', '&amp;')})"


def _cell_link(link: Link) -> str:
    return _link(link) if link.url else _escaped(link.label)


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"))

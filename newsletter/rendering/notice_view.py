"""A mail outside campaigns as it is shown, in the reader's language: what its HTML and its text are made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from newsletter.rendering.catalogs import catalog, direction
from newsletter.rendering.notice_words import PREFERENCES_SLOT, UNSUBSCRIBE_SLOT, UNTIL_SLOT, words_of
from newsletter.rendering.typography import typeset
from newsletter.rendering.view import Tongue

if TYPE_CHECKING:
    from newsletter.rendering.catalogs import Catalog
    from newsletter.rendering.markers import Marks
    from subscribers.ports import NoticeKind
    from subscribers.publication import Publication


@dataclass(frozen=True, slots=True)
class Leading:
    """A label and the slot of the address that it leads to."""

    label: str
    slot: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeView:
    """A whole mail; what it lacks are slots, written as marks."""

    reader: Tongue
    subject: str
    preheader: str
    name: str
    tagline: str
    title: str
    paragraphs: tuple[str, ...]
    button: Leading
    notes: tuple[str, ...]
    links: tuple[Leading, ...]
    """At the foot; none where there is nothing to leave yet."""
    is_subscribed: bool
    publication: Publication

    @property
    def content(self) -> Tongue:
        """The language of the content: the labels' own, for nothing in it is anybody else's."""
        return self.reader


def view(kind: NoticeKind, publication: Publication, language: str, marks: Marks) -> NoticeView:
    """Return the mail of that kind. Raises Refused when there are no labels in `language`."""
    labels = catalog(language)
    words = words_of(kind, labels.gettext)
    name = typeset(publication.name, "")

    def filled(text: str) -> str:
        return text.format(list=name, until=marks.slot(UNTIL_SLOT))

    return NoticeView(
        reader=Tongue(language, direction(language)),
        subject=filled(words.subject),
        preheader=filled(words.preheader),
        name=name,
        tagline=typeset(publication.branding.tagline.get(language, ""), language),
        title=filled(words.title),
        paragraphs=tuple(map(filled, words.paragraphs)),
        button=Leading(words.button, words.button_slot),
        notes=tuple(map(filled, words.notes)),
        links=_links(labels) if words.is_subscribed else (),
        is_subscribed=words.is_subscribed,
        publication=publication,
    )


def _links(catalog: Catalog) -> tuple[Leading, ...]:
    labels = catalog.gettext
    return (
        Leading(labels("Choose topics and languages"), PREFERENCES_SLOT),
        Leading(labels("Unsubscribe"), UNSUBSCRIBE_SLOT),
    )

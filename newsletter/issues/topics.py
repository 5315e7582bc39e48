"""Which topics an item is about: suggested by keywords, changed by the editor. Pure.

Keywords are whole words or phrases, compared without case and accents; a space in them stands for a hyphen too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from newsletter.errors import Refused
from newsletter.issues.model import Announcement, Document, Issue, Item, Kind, OpinionLeader, Section
from newsletter.issues.text import key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from subscribers.publication import Topic

_ADDRESS = re.compile(r"\]\([^()\s]*\)|<?https?://\S+")


@dataclass(frozen=True, slots=True)
class Mark:
    """What an item carries, in every language: its topics, and whether everybody gets it."""

    topics: tuple[str, ...] = ()
    must_read: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """What an editor changes of an item; None: stays as it is."""

    topics: tuple[str, ...] | None = None
    must_read: bool | None = None


def suggest(documents: Iterable[Document], vocabulary: Sequence[Topic]) -> tuple[tuple[str, ...], ...]:
    """Return topics by position: those of which a keyword stands in the item, in any of the languages.

    The documents line up. The summary gets none: it goes to everybody.
    """
    found: dict[int, set[str]] = {}
    for document in documents:
        for position, kind, item in document.items():
            texts = [] if kind is Kind.SUMMARY else [(lang, key(text)) for lang, text in _said(item, document.language)]
            found.setdefault(position, set()).update(topic.slug for topic in vocabulary if _suggested(topic, texts))
    return tuple(tuple(sorted(found[position])) for position in sorted(found))


def marks(document: Document) -> tuple[Mark, ...]:
    """Return what each item of a document carries, by position."""
    return tuple(Mark(item.topics, item.must_read) for _, _, item in document.items())


def marked(issue: Issue, by_position: Sequence[Mark]) -> Issue:
    """Return `issue` with its items carrying these marks, in every language."""
    return replace(
        issue, documents={language: _marked(document, by_position) for language, document in issue.documents.items()}
    )


def chosen(before: Sequence[Mark], choices: Mapping[int, Choice], vocabulary: Sequence[Topic] | None) -> list[Mark]:
    """Apply an editor's choices. Raises Refused for an item or topic that does not exist; no vocabulary: any topic."""
    after = list(before)
    for position, choice in choices.items():
        if not 0 <= position < len(after):
            raise Refused(f"There is no item {position}: the issue has items 0 to {len(after) - 1}.")
        if choice.topics is not None:
            check_topics(choice.topics, vocabulary)
            after[position] = replace(after[position], topics=tuple(sorted(set(choice.topics))))
        if choice.must_read is not None:
            after[position] = replace(after[position], must_read=choice.must_read)
    return after


def check_topics(slugs: Iterable[str], vocabulary: Sequence[Topic] | None) -> None:
    """Raise Refused for a topic that the list's vocabulary does not have."""
    if vocabulary is None:
        return
    known = {topic.slug for topic in vocabulary if not topic.retired}
    for slug in slugs:
        if slug not in known:
            there_are = ", ".join(sorted(known)) or "none; give it some with `newsletter list topics`"
            raise Refused(f"The list has no topic “{slug}”. It has: {there_are}.")


def _marked(document: Document, by_position: Sequence[Mark]) -> Document:
    upcoming = iter(by_position)
    sections = tuple(
        Section(section.kind, section.heading, tuple(_with(item, next(upcoming)) for item in section.items))
        for section in document.sections
    )
    return replace(document, sections=sections)


def _with(item: Item, mark: Mark) -> Item:
    return replace(item, topics=mark.topics, must_read=mark.must_read)


def _said(item: Item, language: str) -> Iterator[tuple[str, str]]:
    """Yield what an item says, with the language of it; where it appeared says nothing of what it is about."""
    yield language, item.title
    yield language, _ADDRESS.sub(" ", item.body)
    if isinstance(item, Announcement):
        for badge in item.badges:
            yield language, badge
    if isinstance(item, OpinionLeader):
        yield language, item.occasion
        if item.quotation is not None:
            yield item.quotation.language or language, item.quotation.text


def _suggested(topic: Topic, texts: Sequence[tuple[str, str]]) -> bool:
    return not topic.retired and _is_about(topic, texts)


def _is_about(topic: Topic, texts: Sequence[tuple[str, str]]) -> bool:
    return any(
        _pattern(keyword).search(text)
        for language, text in texts
        for keyword in (*topic.keywords.get(language, ()), *_of_base(topic, language))
        if key(keyword)
    )


def _of_base(topic: Topic, language: str) -> tuple[str, ...]:
    """Return the keywords of `pt` for `pt-br`."""
    base = language.partition("-")[0]
    return topic.keywords.get(base, ()) if base != language else ()


def _pattern(keyword: str) -> re.Pattern[str]:
    words = r"[\s-]+".join(re.escape(word) for word in re.split(r"[\s-]+", key(keyword)) if word)
    return re.compile(rf"(?<!\w){words}(?!\w)")

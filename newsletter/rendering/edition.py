"""The compiled edition: an issue in one language for readers of one language, cut into fragments.

Compiled once, joined many times: any subset of the fragments equals a fresh compile of that subset.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from newsletter.issues.model import Issue, Kind
    from subscribers.publication import Publication


@dataclass(frozen=True, slots=True)
class Slot:
    """A place that is filled later: per variant (`count.articles`, `preheader`) or per recipient (the others)."""

    name: str


Part: TypeAlias = str | Slot

RECIPIENT_SLOTS = ("greeting", "email", "view_url", "preferences_url", "unsubscribe_url")
"""Filled per recipient."""

COUNT_SLOT_PREFIX = "count."
"""`count.<kind>`: the label of how many items of that kind the variant has. Filled per variant."""

PREHEADER_SLOT = "preheader"
"""The line an inbox shows behind the subject. Filled per variant."""


@dataclass(frozen=True, slots=True)
class Fragment:
    """A piece of the mail between two cuts."""

    items: frozenset[int]
    """Shown when any of these positions is chosen; empty: always shown."""
    parts: tuple[Part, ...]
    """Text (LF line ends) and slots, in order."""


@dataclass(frozen=True, slots=True)
class EditionItem:
    """What choosing needs to know of an item."""

    position: int
    kind: Kind
    title: str
    topics: frozenset[str]
    must_read: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """An issue × content language × reader language, ready to be joined per variant."""

    content_language: str
    language: str
    """The reader's: labels, dates, legal lines."""
    direction: str
    """`ltr` or `rtl`, of the reader's language."""
    subject: str
    items: tuple[EditionItem, ...]
    html: tuple[Fragment, ...]
    text: tuple[Fragment, ...]
    counts: Mapping[str, tuple[str, ...]]
    """By kind value: the label for 0, 1, 2 … items of that kind."""
    greeting: str
    """To somebody whose name is not known; plain text."""
    greeting_named: str
    """With one `{name}` in it; plain text."""


def compile_edition(issue: Issue, publication: Publication, *, content_language: str, language: str) -> Edition:
    """Compile the text of `issue` in `content_language`, for readers of `language`.

    Raises Refused when the issue has no such text, when there are no labels in `language`, or when an item cannot be
    set; the message names it.
    """
    return _compile(issue, publication, None, content_language=content_language, language=language)


def compile_selection(
    issue: Issue, publication: Publication, positions: Collection[int], *, content_language: str, language: str
) -> Edition:
    """Compile the items at `positions` alone: slow, and the same as the fragments of the whole edition, joined."""
    return _compile(issue, publication, frozenset(positions), content_language=content_language, language=language)


def _compile(
    issue: Issue,
    publication: Publication,
    positions: frozenset[int] | None,
    *,
    content_language: str,
    language: str,
) -> Edition:
    from newsletter.rendering.compilation import compile_positions  # noqa: PLC0415 - heavy: only when something compiles

    return compile_positions(issue, publication, positions, content_language=content_language, language=language)

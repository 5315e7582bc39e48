"""Which items of an issue somebody gets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from newsletter.issues.model import Kind
from subscribers.publication import NothingLeft

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from newsletter.rendering.edition import EditionItem


def choose(
    items: Sequence[EditionItem], topics: Collection[str], nothing_left: NothingLeft, excluded: Collection[str] = ()
) -> tuple[int, ...]:
    """Return the positions that a subscriber with `topics` gets, in the issue's order; none: nothing for them.

    The summary, what is marked as must-read, what has no topic, and what has one of theirs; without topics of their
    own, everything. Whatever has a topic of `excluded` is left out, unless it is a must-read. When their topics leave
    nothing but the summary, the list's policy decides whether it is sent.
    """
    if not topics and not excluded:
        return tuple(item.position for item in items)
    chosen = [item for item in items if _is_for(item, topics, excluded)]
    left_with_summary = len(chosen) < len(items) and all(item.kind is Kind.SUMMARY for item in chosen)
    if left_with_summary and nothing_left is NothingLeft.SKIP:
        return ()
    return tuple(item.position for item in chosen)


def _is_for(item: EditionItem, topics: Collection[str], excluded: Collection[str]) -> bool:
    if item.kind is Kind.SUMMARY or item.must_read or not item.topics:
        return True
    if any(topic in excluded for topic in item.topics):
        return False
    return not topics or any(topic in topics for topic in item.topics)

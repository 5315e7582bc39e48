"""The items of an edition that a group of subscribers gets, joined: what is left open is one recipient's own."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from newsletter.issues.model import Kind
from newsletter.rendering.edition import COUNT_SLOT_PREFIX, PREHEADER_SLOT, Slot

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from newsletter.rendering.edition import Edition, Fragment, Part

PREHEADER_LENGTH = 110
"""Characters: what the widest inboxes show behind a subject."""


@dataclass(frozen=True, slots=True)
class Variant:
    """Both bodies, in order; the slots that remain are of `RECIPIENT_SLOTS`. Each ends in a line end."""

    html: tuple[Part, ...]
    text: tuple[Part, ...]


def join(edition: Edition, positions: Iterable[int]) -> Variant:
    """Take the fragments of `edition` that show one of `positions` or stand always."""
    chosen = frozenset(positions)
    values = {PREHEADER_SLOT: preheader(edition, chosen), **_counts(edition, chosen)}
    escaped = {name: escape(value) for name, value in values.items()}
    return Variant(
        html=tuple(_ended(_parts(edition.html, chosen, escaped))),
        text=tuple(_ended(_parts(edition.text, chosen, values))),
    )


def preheader(edition: Edition, positions: frozenset[int]) -> str:
    """Return the titles of the first chosen items, as many as an inbox shows; the summary has none worth showing."""
    line = ""
    for item in edition.items:
        if item.position not in positions or item.kind is Kind.SUMMARY or not item.title:
            continue
        longer = f"{line} · {item.title}" if line else item.title
        if len(longer) > PREHEADER_LENGTH:
            return line or f"{item.title[:PREHEADER_LENGTH].rpartition(' ')[0] or item.title[:PREHEADER_LENGTH]}…"
        line = longer
    return line


def _counts(edition: Edition, positions: frozenset[int]) -> dict[str, str]:
    found = Counter(item.kind.value for item in edition.items if item.position in positions)
    return {f"{COUNT_SLOT_PREFIX}{kind}": labels[found[kind]] for kind, labels in edition.counts.items()}


def _parts(fragments: Sequence[Fragment], chosen: frozenset[int], values: Mapping[str, str]) -> Iterable[Part]:
    for fragment in fragments:
        if fragment.items and fragment.items.isdisjoint(chosen):
            continue
        for part in fragment.parts:
            yield values.get(part.name, part) if isinstance(part, Slot) else part


def _ended(parts: Iterable[Part]) -> list[Part]:
    joined = [part for part in parts if part]
    ended = joined and isinstance(joined[-1], str) and joined[-1].endswith("\n")
    return joined if ended else [*joined, "\n"]

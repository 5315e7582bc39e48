"""Cutting a rendered mail at its marks into the fragments of an edition."""

from __future__ import annotations

from typing import TYPE_CHECKING

from newsletter.rendering.edition import Fragment

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from newsletter.rendering.markers import Marks


def cut(text: str, marks: Marks) -> tuple[Fragment, ...]:
    """Return the fragments of `text`, in order, without empty ones; neighbours for the same positions are one."""
    return tuple(Fragment(items, marks.parts(piece)) for items, piece in _merged(marks.pieces(text)) if piece)


def _merged(pieces: Iterable[tuple[frozenset[int], str]]) -> Iterator[tuple[frozenset[int], str]]:
    current: frozenset[int] = frozenset()
    collected: list[str] = []
    for items, piece in pieces:
        if piece and items != current:
            yield current, "".join(collected)
            current, collected = items, []
        collected.append(piece)
    yield current, "".join(collected)

"""Marks left in a mail while it is rendered: where it is cut, and where something is filled in later.

Every compile draws a nonce, so that no word of an issue can be taken for a mark.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from markupsafe import Markup

from newsletter.rendering.edition import Slot

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from newsletter.rendering.edition import Part


@dataclass(frozen=True, slots=True)
class Marks:
    """The marks of one compile.

    A cut is a comment, `<!--cut-NONCE:0,1-->`: what follows is shown when any of these positions is chosen, always when
    there is none. A slot is a word of letters, digits, `-`, `_` and `.`, so that it passes through attributes, URLs,
    text and their escaping unchanged.
    """

    nonce: str = field(default_factory=lambda: secrets.token_hex(8))

    def cut(self, positions: Iterable[int] = ()) -> Markup:
        """Return the comment that starts the fragment of `positions`."""
        return Markup(f"<!--cut-{self.nonce}:{','.join(map(str, sorted(positions)))}-->")  # noqa: S704 - digits only

    def slot(self, name: str) -> str:
        """Return the word that stands for the slot `name`."""
        return f"slot-{self.nonce}-{name}-"

    def positions(self, comment: str) -> frozenset[int] | None:
        """Return the positions of a cut, None when `comment` is no cut of this compile."""
        found = re.fullmatch(f"<!--cut-{self.nonce}:([0-9,]*)-->", comment)
        return _positions(found[1]) if found else None

    def pieces(self, text: str) -> Iterator[tuple[frozenset[int], str]]:
        """Yield (positions, text) between the cuts of `text`; what stands before the first cut is for everybody."""
        before, *rest = re.split(f"<!--cut-{self.nonce}:([0-9,]*)-->", text)
        yield frozenset(), before
        for positions, piece in zip(rest[::2], rest[1::2], strict=True):
            yield _positions(positions), piece

    def parts(self, text: str) -> tuple[Part, ...]:
        """Split `text` at its slots; empty strings are left out."""
        words = re.split(f"slot-{self.nonce}-([a-z_.]+)-", text)
        parts = [Slot(word) if index % 2 else word for index, word in enumerate(words)]
        return tuple(part for part in parts if part)


def _positions(listed: str) -> frozenset[int]:
    return frozenset(map(int, filter(None, listed.split(","))))

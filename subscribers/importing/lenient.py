"""A cell that is wrong, and beside the point: left out, so that it does not cost the person. Pure.

Beside the point are names and choices. Where somebody stands, when they agreed or left, and until when they pause are
not: to guess there is to write to somebody who may not want it. Of several words in a cell those that are right are
taken.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from subscribers.errors import Refused
from subscribers.importing.fields import Field
from subscribers.sentences import in_a_row

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

BESIDE_THE_POINT = frozenset(
    {
        Field.NAME,
        Field.FIRST_NAME,
        Field.LAST_NAME,
        Field.LANGUAGE,
        Field.TOPICS,
        Field.EXCLUDED,
        Field.DIGEST,
        Field.TIMEZONE,
    }
)
_OF_WORDS = frozenset({Field.LANGUAGE, Field.TOPICS, Field.EXCLUDED})


class LeftOut(NamedTuple):
    """What was not taken of a row."""

    field: Field
    reason: str


def good_part(
    about: Field, cell: str, read: Callable[[str], Any], words: Callable[[str], Sequence[str]]
) -> tuple[Any, LeftOut]:
    """Return what can be taken of a cell that `read` refuses, and what is left out of it, with why.

    `words` takes a cell apart. What is left out of a cell with nothing right in it is all of it: None.
    """
    right: list[str] = []
    reasons: dict[str, None] = {}
    for word in words(cell) if about in _OF_WORDS else [cell]:
        try:
            read(word)
            right.append(word)
        except Refused as refusal:
            reasons[refusal.sentence] = None
    return read(" ".join(right)) if right else None, LeftOut(about, in_a_row(reasons))

"""A cell of each field → what it says; raises Refused for what says nothing. Pure."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from subscribers.address import normalised
from subscribers.errors import Refused
from subscribers.importing.fields import Field, plain
from subscribers.importing.says import Says, understood
from subscribers.importing.standing import whether
from subscribers.importing.times import instant, past
from subscribers.names import name_of, tidied
from subscribers.networks import truncated
from subscribers.sentences import Sentence, in_a_row
from subscribers.timezones import zone_name

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from subscribers.importing.mapping import Columns
    from subscribers.importing.wishes import Understanding
    from subscribers.preferences import Vocabulary

STANDING = frozenset({Field.STATUS, Field.LEFT, Field.BOUNCED})
"""The fields that say where somebody stands."""
BETWEEN = re.compile(r"[;,|\s]+")
"""What separates topics and languages in a cell; none of these can be part of one."""
_BETWEEN_NAMES = re.compile(r"[;,|/]+")
"""What separates the names of languages, which may have several words."""
_LONGEST_PROOF = 500


def readers(by: Understanding, statuses: Mapping[str, Says]) -> Mapping[Field, Callable[[str], Any]]:
    """Return the way to read each field; what stands in many cells is checked once. `statuses`: a tool's own words."""
    words = lru_cache(4_096)

    def then(cell: str) -> datetime:
        return past(instant(cell, by.date_format), by.now)

    return {
        Field.EMAIL: normalised,
        Field.NAME: name_of,
        Field.FIRST_NAME: words(name_of),
        Field.LAST_NAME: words(name_of),
        Field.LANGUAGE: words(lambda cell: languages_in(cell, by)),
        Field.TOPICS: words(lambda cell: by.vocabulary.choose_topics(BETWEEN.split(cell))),
        Field.EXCLUDED: words(lambda cell: by.vocabulary.choose_topics(BETWEEN.split(cell))),
        Field.DIGEST: words(lambda cell: by.vocabulary.choose_digest(cell) if cell.strip() else ""),
        Field.TAGS: by.tags.topics,
        Field.TIMEZONE: words(lambda cell: zone_name(cell) if cell.strip() else ""),
        Field.STATUS: words(lambda cell: understood(cell, statuses)),
        Field.CONSENTED: lambda cell: then(cell) if cell.strip() else None,
        Field.LEFT: lambda cell: whether(cell, then),
        Field.BOUNCED: lambda cell: whether(cell, then),
        Field.PAUSED_UNTIL: lambda cell: instant(cell) if cell.strip() else None,
        Field.PROOF: str,  # put together later
    }


def languages_in(cell: str, by: Understanding) -> str:
    """Return the languages of a cell, written as codes or as words, in any language that the vocabulary has names in.

    Raises Refused for what is neither, with the way on.
    """
    try:
        return by.vocabulary.choose_languages(BETWEEN.split(cell))
    except Refused:
        codes = [code for part in _BETWEEN_NAMES.split(cell) for code in _codes(part, by.vocabulary)]
    try:
        return by.vocabulary.choose_languages(codes)
    except Refused as refusal:
        if by.lenient:
            raise
        way_on = Sentence("Or have such a cell cost itself and not the row: --lenient.")
        raise Refused(in_a_row([refusal.sentence, way_on])) from refusal


def _codes(part: str, vocabulary: Vocabulary) -> Sequence[str]:
    """Return the code for a name of one or several words, or else word by word, what names none as it is."""
    if code := _named(part, vocabulary):
        return [code]
    return [word if vocabulary.is_language(word) else _named(word, vocabulary) or word for word in BETWEEN.split(part)]


def _named(name: str, vocabulary: Vocabulary) -> str:
    """Return the code of the language of that name, "" where it is none that can be chosen."""
    code = vocabulary.names().get(plain(name), "")
    return code if vocabulary.is_language(code) else ""


class Proofs:
    """The columns of a file that show consent."""

    def __init__(self, columns: Columns) -> None:
        self._places = [
            (place, columns.headings[position])
            for place, (position, about) in enumerate(columns.fields.items())
            if about is Field.PROOF
        ]

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self._places)

    def of(self, cells: Sequence[str]) -> str:
        """Return what they say in a row, each with its heading."""
        pairs = ((heading, truncated(cells[place].strip())) for place, heading in self._places)
        return tidied("; ".join(f"{heading}: {cell}" for heading, cell in pairs if cell))[:_LONGEST_PROOF]

"""A row of cells → what it asks for, or why it cannot be taken. Pure."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from subscribers.address import normalised
from subscribers.errors import Refused
from subscribers.timezones import zone_name

if TYPE_CHECKING:
    from subscribers.importing.table import Row
    from subscribers.preferences import Vocabulary

LONGEST_NAME = 200

_BETWEEN = re.compile(r"[;,|\s]+")
"""What separates topics and languages in a cell; none of these can be part of one."""
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_LEAVES = {"": False, "active": False, "unsubscribed": True}


class Wish(NamedTuple):
    """A person of the file. "" everywhere but in `email`: the file says nothing about it."""

    line: int
    email: str
    """Normalised."""
    name: str
    languages: str
    topics: str
    """Both as they are stored (`preferences.Vocabulary`)."""
    timezone: str
    leaves: bool
    """The file says that they have unsubscribed."""


class Rejection(NamedTuple):
    """A row that is not taken."""

    line: int
    email: str
    """As it stands in the file."""
    reason: str
    """Begins with the column at fault, where it is one."""


class Reading:
    """Reads rows against one vocabulary; what stands in many of them is checked once."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._languages = lru_cache(4_096)(lambda cell: vocabulary.choose_languages(_BETWEEN.split(cell)))
        self._topics = lru_cache(4_096)(lambda cell: vocabulary.choose_topics(_BETWEEN.split(cell)))

    def read(self, row: Row) -> Wish | Rejection:
        """Return what `row` asks for."""
        email, name, language, topics, timezone, status = row.cells
        if row.broken:
            return Rejection(row.line, email, row.broken)
        column = "email"
        try:
            address = normalised(email)
            column = "name"
            tidy = _name(name)
            column = "language"
            languages = self._languages(language)
            column = "topics"
            chosen = self._topics(topics)
            column = "timezone"
            zone = zone_name(timezone) if timezone.strip() else ""
            column = "status"
            leaves = _leaves(status.strip())
        except Refused as refusal:
            return Rejection(row.line, email, f"{column}: {refusal}")
        return Wish(row.line, address, tidy, languages, chosen, zone, leaves)


def _name(cell: str) -> str:
    name = cell if cell.isascii() and cell.isprintable() else _CONTROL.sub(" ", cell)
    name = " ".join(name.split())
    if len(name) > LONGEST_NAME:
        raise Refused(f"A name of {len(name)} characters is longer than {LONGEST_NAME}: is it one?")
    return name


def _leaves(cell: str) -> bool:
    leaves = _LEAVES.get(cell.lower())
    if leaves is None:
        raise Refused(f"“{cell}” is neither active nor unsubscribed.")
    return leaves

"""Another tool's tags → topics of the list: by slug, by label in any language, or as somebody says. Pure."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING

from subscribers.errors import Refused
from subscribers.importing.fields import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from subscribers.publication import Topic

_BETWEEN = re.compile(r"[;|]")


class Tags:
    """Knows the topics of one list under all their names, and counts the tags that are none of them."""

    def __init__(self, topics: Iterable[Topic], also: Mapping[str, str] | None = None) -> None:
        """`also`: slug by tag, as somebody says. Raises Refused for a slug that the list does not have."""
        self._slugs: dict[str, str] = {}
        slugs = []
        for topic in topics:
            slugs.append(topic.slug)
            for name in (topic.slug, *topic.labels.values()):
                self._slugs.setdefault(plain(name), topic.slug)
        for tag, slug in (also or {}).items():
            if slug not in slugs:
                raise Refused(f"There is no topic “{slug}” for the tag “{tag}”. Known topics: {', '.join(slugs)}.")
            self._slugs[plain(tag)] = slug
        self._read = lru_cache(4_096)(self._parted)
        self.unknown: Counter[str] = Counter()
        """How many rows have a tag that is no topic."""

    def topics(self, cell: str) -> Sequence[str]:
        """Return the slugs for the tags in `cell`."""
        slugs, others = self._read(cell)
        if others:
            self.unknown.update(others)
        return slugs

    def _parted(self, cell: str) -> tuple[Sequence[str], Sequence[str]]:
        tags = [tag for tag in _separated(cell) if tag]
        slugs = [self._slugs[plain(tag)] for tag in tags if plain(tag) in self._slugs]
        return slugs, [tag for tag in tags if plain(tag) not in self._slugs]


def _separated(cell: str) -> Sequence[str]:
    """Return the tags of a cell: `a, b`, `"a","b"`, `a;b`, `["a", "b"]`."""
    text = cell.strip()
    if text.startswith("["):
        try:
            found = json.loads(text)
        except ValueError:
            found = None
        if isinstance(found, list):
            return [str(tag).strip() for tag in found]
    between = _BETWEEN.search(text)
    rows = csv.reader([text], delimiter=between[0] if between else ",", skipinitialspace=True)
    return [tag.strip() for row in rows for tag in row]

"""The first rows of a file, for somebody who is to say what its columns are about. Nothing is decided here."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from subscribers.importing.fields import Field
from subscribers.importing.mapping import choices_for, column_name
from subscribers.importing.source import recognised
from subscribers.names import tidied

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from subscribers.importing.formats.sheet import Sheet
    from subscribers.importing.mapping import Choices
    from subscribers.importing.source import Instructions, Source

_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_ROWS = 200
"""That are looked through for something to show of each column."""
_LINES = 10_000
"""That are looked through for columns, where every line may have one."""
_SHOWN = 5
_LONGEST = 60
"""Characters that are shown of a cell."""


@dataclass(frozen=True, slots=True)
class Glimpse:
    """A file, what its columns seem to be about, and what stands in them."""

    name: str
    source: Source
    samples: Sequence[Sequence[str]]
    """Of each column the first cells that differ and are not empty, shortened."""

    @property
    def titles(self) -> Sequence[str]:
        """What the columns are called, in order, as text that can be shown; "" where they have no name."""
        return [_readable(heading) for heading in self.source.columns.headings]

    @property
    def headings(self) -> Sequence[str]:
        """What to give to `Instructions` for the columns to be called as they are here; () where the file says it."""
        return tuple(self.source.columns.headings) if self.source.nameless else ()

    @property
    def fields(self) -> Mapping[int, Field]:
        """What the columns seem to be about: by their headings; the addresses also by what they look like."""
        columns = self.source.columns
        if Field.EMAIL in columns.fields.values():
            return columns.fields
        free = [place for place in range(len(self.samples)) if place not in {*columns.fields, *columns.ignored}]
        found = max(free, key=self._addresses, default=None)
        if found is None or not self._addresses(found):
            return columns.fields
        return {**columns.fields, found: Field.EMAIL}

    def _addresses(self, place: int) -> int:
        return sum(bool(_ADDRESS.fullmatch(cell)) for cell in self.samples[place])

    def choices(self, wanted: Mapping[int, Field], tool: str) -> Choices:
        """Return what has to be said for these columns, by their position, to be read as that and no others."""
        return choices_for(self.source.columns.headings, dict(sorted(wanted.items())), tool)

    def called(self, position: int) -> str:
        """Return what `--map` calls a column."""
        return column_name(self.source.columns.headings, position)


def glimpse(path: Path, said: Instructions) -> Glimpse:
    """Look at the beginning of the file at `path`. Raises Refused for what is no table of people.

    How long the file is does not matter much: its lines are counted, and the first of them are read.
    """
    source = recognised(path, said, _LINES)
    return Glimpse(path.name, source, _samples(source.sheet, len(source.columns.headings)))


def _samples(sheet: Sheet, width: int) -> Sequence[Sequence[str]]:
    rows = list(islice(sheet.rows(range(width)), _ROWS)) if width else []
    columns = [[row.cells[place] for row in rows] for place in range(width)]
    if any(row.broken for row in rows):  # a cell may go on over several lines where nothing else of the row is read
        columns = [[row.cells[0] for row in islice(sheet.rows((place,)), _ROWS)] for place in range(width)]
    return [_shown(cells) for cells in columns]


def _shown(cells: Sequence[str]) -> Sequence[str]:
    different = dict.fromkeys(filter(None, (_readable(cell) for cell in cells)))
    return [cell if len(cell) <= _LONGEST else f"{cell[:_LONGEST]}…" for cell in islice(different, _SHOWN)]


def _readable(cell: str) -> str:
    """Return `cell` on one line, with a question mark for every byte that is no text."""
    return tidied(cell).encode(errors="replace").decode()

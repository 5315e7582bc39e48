"""What every format is read as: headings, rows of cells, and a word on how the file was written."""

from __future__ import annotations

from dataclasses import dataclass
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence


class Row(NamedTuple):
    """A line of the file, or several: one row of the table."""

    line: int
    """Of its first line, counted from 1, the headings included."""
    cells: Sequence[str]
    """Those of the columns that were asked for, in that order; "" where the row has no such cell."""
    broken: str | None = None
    """Why it cannot be read; its cells are then only good to show it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """How a file is written, as it was found out; said to the person who brings it."""

    format: str
    """`csv`, `tsv`, `xlsx`, `jsonl`, or `addresses`: one a line."""
    encoding: str = ""
    """As people call it; "" where the format leaves no choice."""
    separator: str = ""
    """The character between cells; "" where there is none."""
    compressed: bool = False
    """With gzip."""
    sheet: str = ""
    """Of a workbook: the sheet that was read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hints:
    """What somebody says of a file that cannot be seen from it, or is seen wrongly."""

    encoding: str | None = None
    """A name that Python knows, like `cp1250`."""
    sheet: str | None = None
    """Which sheet of a workbook; None: the first one."""
    headings: Sequence[str] = ()
    """What the columns are called, where the file's first line is a row already."""
    known: Collection[str] = ()
    """Plain headings (`fields.plain`) that would be recognised: the right separator finds most of them."""
    enough: int | None = None
    """Lines after which no more columns are looked for, where every line may have one; None: all of them."""


class Sheet(Protocol):
    """A file that has been looked at, and can be read from its beginning as often as one likes."""

    @property
    def headings(self) -> Sequence[str]:
        """What the columns are called; "" for one without a name."""
        ...

    @property
    def lines(self) -> int:
        """How many lines there are, headings included; 0 where that is not known."""
        ...

    @property
    def written(self) -> Written:
        """How the file is written."""
        ...

    @property
    def notes(self) -> Sequence[str]:
        """What a person should look at."""
        ...

    def rows(self, positions: Sequence[int]) -> Iterator[Row]:
        """Yield the rows under the headings, one at a time, with the cells at these positions; empty lines are none."""
        ...


def picker(positions: Sequence[int]) -> Callable[[Sequence[str]], Sequence[str]]:
    """Return what takes the cells at these positions out of a row."""
    if len(positions) > 1:
        return itemgetter(*positions)
    return lambda cells: tuple(cells[position] for position in positions)

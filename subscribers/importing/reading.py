"""Rows of cells → what they ask for, or why they cannot be taken. Pure.

Column by column: a loop over a million cells costs less than a million loops over four. A row with something wrong is
read again by itself (`row`).
"""

from __future__ import annotations

from itertools import compress, repeat
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from subscribers.errors import Refused
from subscribers.importing.cells import STANDING, Proofs, readers
from subscribers.importing.doubts import Doubts
from subscribers.importing.fields import Field
from subscribers.importing.row import RowByRow, rejecting
from subscribers.importing.says import Says
from subscribers.importing.standing import standing
from subscribers.importing.wishes import Wish

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from collections.abc import Set as AbstractSet
    from datetime import datetime

    from subscribers.importing.formats.sheet import Row
    from subscribers.importing.mapping import Columns
    from subscribers.importing.wishes import Rejection, Understanding

_LINE = itemgetter(0)
_NONE: AbstractSet[int] = frozenset()


class Reading:
    """Reads the rows of one file; what stands in many of them is checked once."""

    def __init__(self, columns: Columns, by: Understanding) -> None:
        self._by = by
        ways = readers(by, columns.layout.statuses if columns.layout else {})
        fields = list(columns.fields.values())
        # tags that are no topics are counted as they are read, so they come last: of rows that can be taken
        self._columns = sorted(
            ((place, about, ways[about]) for place, about in enumerate(fields)), key=lambda each: each[1] is Field.TAGS
        )
        self._tells_standing = not STANDING.isdisjoint(fields)
        self._proofs = Proofs(columns)
        self._doubts = Doubts(by.policies)
        self._rejects = rejecting(by.policies)
        self._row = RowByRow(columns, by, ways, self._doubts)

    def read(self, rows: Sequence[Row]) -> Sequence[Wish | Rejection]:
        """Return what each of `rows` asks for, in their order."""
        bad = [row for row in rows if row.broken]
        good = _Good([row for row in rows if not row.broken] if bad else rows)
        for place, about, read in self._columns:
            if about is Field.TAGS and self._rejects:
                good, doubted = good.without(self._doubted(good))
                bad += doubted
            good.found[about], refused = _column(read, good.cells(place))
            if about is Field.EMAIL:
                refused |= _unreachable(good.found[about])
            good, wrong = good.without(refused)
            bad += wrong
        if self._rejects and Field.TAGS not in good.found:
            good, doubted = good.without(self._doubted(good))
            bad += doubted
        wishes = list(self._wishes(good))
        return sorted([*wishes, *map(self._row.read, bad)], key=_LINE) if bad else wishes

    def _doubted(self, good: _Good) -> AbstractSet[int]:
        """Return the places of the rows whose address gives a pause that costs it."""
        emails = good.found[Field.EMAIL]
        return {
            at
            for at, email in enumerate(emails)
            if any(doubt.kind in self._rejects for doubt in self._doubts.about(email))
        }

    def _wishes(self, good: _Good) -> Iterable[Wish]:
        said, nothing, found = repeat(""), repeat(None), good.found
        emails = found[Field.EMAIL]
        says, leaves, left = self._standings(good)
        columns = (
            good.lines,
            emails,
            _names(found),
            found.get(Field.LANGUAGE, said),
            _topics(found),
            found.get(Field.TIMEZONE, said),
            says,
            leaves,
            found.get(Field.CONSENTED, nothing),
            left,
            found.get(Field.PAUSED_UNTIL, nothing),
            map(self._proofs.of, good.each()) if self._proofs else said,
            found.get(Field.EXCLUDED, said),
            found.get(Field.DIGEST, said),
            map(self._doubts.about, emails),
            repeat(()),
        )
        return map(Wish._make, zip(*columns, strict=False))  # `repeat` has no end

    def _standings(self, good: _Good) -> tuple[Iterable[Says | None], Iterable[bool], Iterable[datetime | None]]:
        everybody, nothing = self._by.everybody, repeat(None)
        if not self._tells_standing:
            return repeat(everybody), repeat(everybody is Says.UNSUBSCRIBED), nothing
        status, left, bounced = (good.found.get(about, nothing) for about in (Field.STATUS, Field.LEFT, Field.BOUNCED))
        rows = zip(good.lines, status, left, bounced, strict=False)
        told = [standing(said, gone, failed, everybody) for _, said, gone, failed in rows]
        return [each.says for each in told], [each.leaves for each in told], [each.left for each in told]


class _Good:
    """The rows that can still be taken, column by column."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self._rows = rows
        self._columns: Sequence[Sequence[str]] = list(zip(*(row.cells for row in rows), strict=True))
        self.lines = [row.line for row in rows]
        self.found: dict[Field, Sequence[Any]] = {}
        """What was read of them so far."""

    def cells(self, place: int) -> Sequence[str]:
        """Return one column of the file."""
        return self._columns[place] if self._columns else ()

    def each(self) -> Iterable[Sequence[str]]:
        """Return the cells row by row."""
        return (row.cells for row in self._rows)

    def without(self, places: AbstractSet[int]) -> tuple[_Good, list[Row]]:
        """Return the rows but for these places, with what was read of them, and those that stand there."""
        if not places:
            return self, []
        stays = [at not in places for at in range(len(self._rows))]
        good = _Good(list(compress(self._rows, stays)))
        good.found = {about: list(compress(values, stays)) for about, values in self.found.items()}
        return good, [row for row, stay in zip(self._rows, stays, strict=True) if not stay]


def _column(read: Callable[[str], Any], cells: Sequence[str]) -> tuple[Sequence[Any], AbstractSet[int]]:
    """Return what the cells of a column say, and the places of those that are refused."""
    try:
        return list(map(read, cells)), _NONE  # nearly always
    except Refused:
        values: list[Any] = []
        refused = set()
        for place, cell in enumerate(cells):
            try:
                values.append(read(cell))
            except Refused:
                values.append(None)
                refused.add(place)
        return values, refused


def _unreachable(emails: Sequence[str | None]) -> AbstractSet[int]:
    """Return the places of addresses that no mail can be sent to; looked for in all of them at once."""
    if "".join(filter(None, emails)).isascii():  # nearly always
        return _NONE
    return {place for place, email in enumerate(emails) if email and not email.isascii()}


def _names(found: Mapping[Field, Sequence[str]]) -> Iterable[str]:
    names, firsts, lasts = (found.get(about) for about in (Field.NAME, Field.FIRST_NAME, Field.LAST_NAME))
    if firsts is None and lasts is None:
        return names or repeat("")
    columns = (repeat("") if column is None else column for column in (names, firsts, lasts))
    rows = zip(found[Field.EMAIL], *columns, strict=False)
    return (name or f"{first} {last}".strip() for _, name, first, last in rows)


def _topics(found: Mapping[Field, Sequence[Any]]) -> Iterable[str]:
    topics, tags = found.get(Field.TOPICS), found.get(Field.TAGS)
    if tags is None:
        return topics or repeat("")
    rows = zip(tags, repeat("") if topics is None else topics, strict=False)
    return (" ".join(sorted({*chosen.split(), *tagged})) if tagged else chosen for tagged, chosen in rows)

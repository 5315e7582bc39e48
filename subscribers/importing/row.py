"""A row of cells → what it asks for, or why it cannot be taken. Pure.

For the few rows with something wrong: what of it can be left out, what bad news is believed of it all the same.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from subscribers.address import UNREACHABLE
from subscribers.errors import Refused
from subscribers.importing.cells import BETWEEN, STANDING, Proofs
from subscribers.importing.doubts import Policies, Policy
from subscribers.importing.fields import Field
from subscribers.importing.lenient import BESIDE_THE_POINT, good_part
from subscribers.importing.standing import standing
from subscribers.importing.wishes import Rejection, Wish, bad_news, with_news
from subscribers.sentences import Sentence

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from subscribers.importing.doubts import Doubts
    from subscribers.importing.formats.sheet import Row
    from subscribers.importing.lenient import LeftOut
    from subscribers.importing.mapping import Columns
    from subscribers.importing.wishes import Understanding

_SLOTS = {about: slot for slot, about in enumerate(Field)}
"""Where each field's value stands while a row is read."""


def rejecting(policies: Policies) -> AbstractSet[str]:
    """Return the kinds of doubt that cost somebody their row."""
    return {kind for kind in Policies.__slots__ if getattr(policies, kind) is Policy.REJECT}


class RowByRow:
    """Reads rows one at a time: those that cannot be taken as they are."""

    def __init__(
        self, columns: Columns, by: Understanding, ways: Mapping[Field, Callable[[str], Any]], doubts: Doubts
    ) -> None:
        self._by = by
        self._fields = list(columns.fields.values())
        self._readers = [ways[about] for about in self._fields]
        self._slots = [_SLOTS[about] for about in self._fields]
        self._email = self._fields.index(Field.EMAIL)
        self._proofs = Proofs(columns)
        self._doubts = doubts
        self._rejects = rejecting(by.policies)

    def read(self, row: Row) -> Wish | Rejection:
        """Return what `row` asks for."""
        line, cells, broken = row
        if broken:
            return Rejection(line, cells[self._email], broken)
        found: list[Any] = [None] * len(_SLOTS)
        place = -1
        left_out: Sequence[LeftOut] = ()
        try:
            for place, (slot, read, cell) in enumerate(zip(self._slots, self._readers, cells, strict=True)):  # noqa: B007 - read below
                found[slot] = read(cell)
        except Refused as refusal:
            broken, left_out = self._leniently(cells, found, place, _at(self._fields[place], refusal.sentence))
            if broken:
                return self._rejected(line, cells, broken)
        email, name, first, last, languages, topics, excluded, digest, tags, timezone = found[:10]
        status, consented, left, bounced, until, _ = found[10:]
        if not email.isascii():
            return self._rejected(line, cells, _at(Field.EMAIL, UNREACHABLE))
        doubts = self._doubts.about(email)
        for doubt in doubts:
            if doubt.kind in self._rejects:
                return self._rejected(line, cells, _at(Field.EMAIL, doubt.reason), doubt.kind)
        says, leaves, left = standing(status, left, bounced, self._by.everybody)
        return Wish(
            line,
            email,
            name or (f"{first or ''} {last or ''}".strip() if first or last else ""),
            languages or "",
            " ".join(sorted({*(topics or "").split(), *tags})) if tags else topics or "",
            timezone or "",
            says,
            leaves,
            consented,
            left,
            until,
            self._proofs.of(cells),
            excluded or "",
            digest or "",
            doubts,
            left_out,
        )

    def _rejected(self, line: int, cells: Sequence[str], reason: str, kind: str = "row") -> Rejection:
        """Return that a row cannot be taken, but for its bad news, where that and the address can be read."""
        found: dict[Field, Any] = {}
        for about, read, cell in zip(self._fields, self._readers, cells, strict=True):
            if about is Field.EMAIL or about in STANDING:
                with suppress(Refused):
                    found[about] = read(cell)
        status, left, bounced = (found.get(about) for about in (Field.STATUS, Field.LEFT, Field.BOUNCED))
        says, leaves, at = standing(status, left, bounced, self._by.everybody)
        email = found.get(Field.EMAIL)
        news = bad_news(Wish(line, email, says=says, leaves=leaves, left=at)) if email else None
        return Rejection(line, cells[self._email], with_news(reason, news), kind, news)

    def _leniently(
        self, cells: Sequence[str], found: list[Any], start: int, reason: str
    ) -> tuple[str, Sequence[LeftOut]]:
        """Read on from the cell that was refused; return why the row cannot be taken, or what was left out of it."""
        if not self._by.lenient:
            return reason, ()
        left_out = []
        for place in range(start, len(self._fields)):
            about, read, cell = self._fields[place], self._readers[place], cells[place]
            try:
                found[self._slots[place]] = read(cell)
            except Refused as refusal:
                if about not in BESIDE_THE_POINT:
                    return _at(about, refusal.sentence), ()
                found[self._slots[place]], less = good_part(about, cell, read, BETWEEN.split)
                left_out.append(less)
        return "", left_out


def _at(column: Field, reason: str) -> Sentence:
    return Sentence("{column}: {reason}", column=column, reason=reason)

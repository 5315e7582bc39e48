"""Headings → what is read of a file: by the person's own word, by the tool's layout, by name. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from subscribers.errors import Refused
from subscribers.importing.fields import Field, called, plain
from subscribers.importing.layouts import LAYOUTS, layout_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from subscribers.importing.layouts import Layout
    from subscribers.importing.says import Says

SEVERAL = frozenset({Field.PROOF})
"""Fields that more than one column may be about."""
_NUMBER = re.compile(r"#([1-9]\d*)")
"""How a column is called that has no heading, or one that another has, too: `#3` is the third."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Which column is about what."""

    headings: Sequence[str]
    fields: Mapping[int, Field]
    """By the position of the column."""
    layout: Layout | None = None
    ignored: Collection[int] = ()
    """Columns that nobody wants to be read, and nobody has to be told of."""

    @property
    def positions(self) -> Sequence[int]:
        """The columns that are read."""
        return tuple(self.fields)

    @property
    def unread(self) -> Sequence[str]:
        """Headings of the columns that are not, though nobody said that they are not to be."""
        return tuple(
            heading
            for position, heading in enumerate(self.headings)
            if heading and position not in self.fields and position not in self.ignored
        )

    @property
    def everybody(self) -> Says | None:
        """What the headings alone say of all the people in the file."""
        if self.layout is None:
            return None
        there = {plain(heading) for heading in self.headings}
        return next((says for heading, says in self.layout.everybody.items() if heading in there), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What a person says of the columns."""

    fields: Mapping[str, Field] = field(default_factory=dict)
    """By the heading, or by the number: `#3`."""
    ignored: Collection[str] = ()
    """Columns that are not to be read, called likewise."""
    tool: str = "auto"
    """`auto`: look whether a tool wrote it; `none`: do not; or the name of the tool."""

    def known(self) -> Collection[str]:
        """Return the plain headings that would be recognised."""
        theirs = {heading for layout in LAYOUTS for heading in layout.columns}
        marks = {heading for layout in LAYOUTS for mark in layout.marks for heading in mark}
        return {*called(), *theirs, *marks, *(plain(heading) for heading in self.fields)}


def assign(name: str, headings: Sequence[str], choices: Choices) -> Columns:
    """Return what is read of a file called `name`. Raises Refused where that is not clear."""
    columns = recognise(name, headings, choices)
    refuse_what_is_unclear(name, columns)
    return columns


def recognise(name: str, headings: Sequence[str], choices: Choices) -> Columns:
    """Return what the columns seem to be about, whether or not that is enough. Raises Refused for unknown columns."""
    chosen = {place: about for said, about in choices.fields.items() for place in _places(name, headings, said)}
    ignored = {place for said in choices.ignored for place in _places(name, headings, said)}
    layout = _layout(headings, choices.tool)
    theirs = layout.columns if layout else {}
    fields = {place: about for place, about in chosen.items() if place not in ignored}
    for source in (theirs, called()):
        taken = set(fields.values())
        for position, heading in enumerate(headings):
            words = plain(heading)
            about = None if position in ignored or position in fields else source.get(words)
            if words in theirs and about is not theirs[words]:
                continue  # the tool means something else by that word
            if about is not None and about not in taken:
                fields[position] = about
    return Columns(headings, dict(sorted(fields.items())), layout, ignored)


def choices_for(headings: Sequence[str], wanted: Mapping[int, Field], tool: str = "auto") -> Choices:
    """Return what has to be said for `wanted` to be read, and nothing else: as little as does it."""
    guessed = recognise("", headings, Choices(tool=tool)).fields
    least = Choices(
        fields={column_name(headings, place): about for place, about in wanted.items() if guessed.get(place) != about},
        ignored=[column_name(headings, place) for place in guessed if place not in wanted],
        tool=tool,
    )
    if recognise("", headings, least).fields == wanted:
        return least
    return Choices(  # a column that is taken from one field would be read as another
        fields={column_name(headings, place): about for place, about in wanted.items()},
        ignored=[column_name(headings, place) for place in range(len(headings)) if place not in wanted],
        tool=tool,
    )


def column_name(headings: Sequence[str], place: int) -> str:
    """Return what a column is called in `Choices`: its heading, or its number where that would not tell which."""
    heading = headings[place]
    same = [plain(each) for each in headings].count(plain(heading))
    return heading if heading.strip() and same == 1 and not _NUMBER.fullmatch(heading) else f"#{place + 1}"


def _places(name: str, headings: Sequence[str], said: str) -> Collection[int]:
    number = _NUMBER.fullmatch(said.strip())
    if number and int(number[1]) <= len(headings):
        return [int(number[1]) - 1]
    found = [place for place, heading in enumerate(headings) if heading and plain(heading) == plain(said)]
    if not found:
        there_are = ", ".join({plain(heading): heading for heading in headings if heading}.values())
        raise Refused(f"{name}: there is no column “{said}”; there are: {there_are}.")
    return found


def _layout(headings: Sequence[str], tool: str) -> Layout | None:
    if tool == "auto":
        return layout_of(headings)
    return next((layout for layout in LAYOUTS if layout.tool == tool), None)


def refuse_what_is_unclear(name: str, columns: Columns) -> None:
    """Raise Refused where no column holds addresses, or two hold what only one can."""
    by_field: dict[Field, list[str]] = {}
    for position, about in columns.fields.items():
        by_field.setdefault(about, []).append(columns.headings[position])
    for about, headings in by_field.items():
        if len(headings) > 1 and about not in SEVERAL:
            both = " and ".join(f"“{heading}”" for heading in headings)
            last = max(place for place, each in columns.fields.items() if each is about)
            way = f"say which one counts: --ignore '{column_name(columns.headings, last)}'"
            raise Refused(f"{name}: {both} are both about “{about}”: {way}.")
    if Field.EMAIL not in by_field:
        shown = ", ".join(f"“{heading}”" for heading in columns.headings if heading)
        raise Refused(
            f"{name}: no column is called “email”, nor another word for it. The first line has to name the columns; "
            f"there are: {shown or 'none'}. Say which one it is: --map 'Column=email'."
        )

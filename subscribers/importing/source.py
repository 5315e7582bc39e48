"""A file, and what is to be read of it: opened, its tool recognised, its columns understood."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from subscribers.errors import Refused
from subscribers.importing.doubts import Policies
from subscribers.importing.fates import Rules
from subscribers.importing.formats import open_sheet
from subscribers.importing.formats.sheet import Hints
from subscribers.importing.layouts import SENDY, refuse_strangers, sendy_headings, sendy_says
from subscribers.importing.mapping import Choices, recognise, refuse_what_is_unclear

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from subscribers.importing.formats.sheet import Sheet
    from subscribers.importing.mapping import Columns
    from subscribers.importing.says import Says

_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Instructions:
    """What whoever brings a file says beside it; all of it may be left out."""

    choices: Choices = field(default_factory=Choices)
    """Of the columns."""
    headings: Sequence[str] = ()
    """What the columns of a file without headings are called."""
    encoding: str | None = None
    sheet: str | None = None
    """Of a workbook."""
    status: Says | None = None
    """Of the people whose row says nothing of it."""
    date_format: str = ""
    """How the file writes times (`datetime.strptime`); "": ISO 8601."""
    tags: Mapping[str, str] = field(default_factory=dict)
    """Slug of a topic by another tool's tag."""
    policies: Policies = field(default_factory=Policies)
    """What to do about doubtful addresses."""
    lenient: bool = False
    """Whether a wrong cell that is beside the point costs itself and not the row (`lenient`)."""
    rules: Rules = field(default_factory=Rules)
    """What to do about people who are known."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file that can be read."""

    sheet: Sheet
    columns: Columns
    tool: str | None
    """Which one wrote it; None: any."""
    everybody: Says | None
    """What is true of all people in it, unless their own row says otherwise."""
    nameless: bool = False
    """Nothing in the file says what its columns are: they are called “column 1”, “column 2”, …"""


def open_source(path: Path, said: Instructions) -> Source:
    """Find out what is in the file at `path`. Raises Refused for what is no list of people, or not clear."""
    source = recognised(path, said)
    if source.nameless:
        raise Refused(
            f"{path.name}: the first line holds an address, so it is no line of headings. Say what the columns are, "
            f"for example --headings email,name."
        )
    refuse_what_is_unclear(path.name, source.columns)
    return source


def recognised(path: Path, said: Instructions, enough: int | None = None) -> Source:
    """Find out as much of the file at `path` as can be seen. Raises Refused for what is no table, or is not to be.

    `enough`: after how many lines no more columns are looked for, where every line may have one (JSON lines).
    """
    hints = Hints(
        encoding=said.encoding, sheet=said.sheet, headings=said.headings, known=said.choices.known(), enough=enough
    )
    sheet = open_sheet(path, hints)
    if said.headings or not any(_ADDRESS.fullmatch(heading.strip()) for heading in sheet.headings):
        columns = recognise(path.name, sheet.headings, said.choices)
        if columns.layout and not said.status:
            refuse_strangers(path.name, columns.layout)
        tool = columns.layout.tool if columns.layout else None
        return Source(sheet, columns, tool, said.status or columns.everybody)
    named = sendy_headings(path.name, sheet.headings) if said.choices.tool in ("auto", SENDY) else None
    if named is None:
        numbered = [f"column {number}" for number in range(1, len(sheet.headings) + 1)]
        sheet = open_sheet(path, replace(hints, headings=numbered))
        return Source(sheet, recognise(path.name, numbered, said.choices), None, said.status, nameless=True)
    everybody = said.status or sendy_says(path.name)
    sheet = open_sheet(path, replace(hints, headings=named))
    return Source(sheet, recognise(path.name, sheet.headings, said.choices), SENDY, everybody)

"""Lines as they were before the converter: broken ones joined, glued ones parted."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from newsletter.issues.layout import labels
from newsletter.issues.layout.markup import bold_runs, unbolded, unglued
from newsletter.issues.lines import Line
from newsletter.issues.text import fold
from newsletter.issues.words import WORDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from newsletter.issues.layout.labels import Heading, Label

ROW = re.compile(r"(?i)<p[\s>]")
"""A row of a table, or what goes on with one."""
_BADGES_ALONE = re.compile(r"(?:\[[^\]]*\]\s*)+(?:\*\*.*)?")
_LINK_AHEAD = re.compile(r"\s*(?:\[|<?https?://|[;,|])")
_JOINED_AT_MOST = 4
"""Lines that a heading or label may be broken over."""


def opening(line: Line, languages: tuple[str, ...]) -> Heading | Label | None:
    """Return what `line` opens, a section or an item, when it does."""
    text = fold(line.text)
    runs = bold_runs(text)
    bare = runs[0] if runs and len(runs) == 1 else unbolded(text) if "**" in text else text
    return labels.heading(bare, languages) or labels.label(bare)


def mended(lines: Sequence[Line]) -> Iterator[Line]:
    """Yield the lines; a heading or label that is broken over several is one."""
    upcoming = list(reversed(lines))
    while upcoming:
        line = upcoming.pop()
        opens = (
            labels.begins_reference(line.text)
            or opening(Line(line.number, unglued(fold(line.text))[0]), tuple(WORDS)) is not None
            or labels.numbered(line.text)
        )
        for _ in range(_JOINED_AT_MOST if opens else 0):
            if not upcoming or not upcoming[-1].text or not _goes_on(line.text, upcoming[-1].text):
                break
            line = Line(line.number, f"{line.text} {upcoming.pop().text}")
        yield line


def _goes_on(text: str, following: str) -> bool:
    unclosed = text.count("[") > text.count("]") or text.count("**") % 2 == 1
    return unclosed or (_BADGES_ALONE.fullmatch(following.strip()) is not None and not text.rstrip().endswith("**"))


def parted(line: Line, before: Sequence[Line]) -> list[Line]:
    """Part a reference line from what stands before and after it without an empty line; links go on with it."""
    after_reference = bool(before) and labels.begins_reference(before[-1].text)
    if labels.begins_reference(line.text) or (after_reference and not _LINK_AHEAD.match(line.text)):
        return [Line(line.number, ""), line]
    return [line]


def unglued_lines(lines: Iterator[Line], languages: tuple[str, ...]) -> Iterator[Line]:
    """Yield the lines; what is glued behind a heading or label in bold becomes paragraphs of its own."""
    for line in lines:
        head, pieces = unglued(line.text)
        if not pieces or not (opening(Line(line.number, head), languages) or labels.has_form_of_heading(fold(head))):
            yield line
            continue
        yield Line(line.number, head)
        for piece in pieces:
            yield Line(line.number, "")
            yield Line(line.number, piece)
        yield Line(line.number, "")

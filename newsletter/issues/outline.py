"""From lines to the outline of an issue: what stands before the first heading, the sections, their items."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from newsletter.issues import labels
from newsletter.issues.labels import Heading, Label
from newsletter.issues.lines import Line, Paragraph, paragraphs
from newsletter.issues.markup import bold_runs, unbolded, unglued
from newsletter.issues.model import Kind
from newsletter.issues.text import fold
from newsletter.issues.words import WORDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from newsletter.issues.findings import Notes

_BADGES_ALONE = re.compile(r"(?:\[[^\]]*\]\s*)+(?:\*\*.*)?")
_LINK_AHEAD = re.compile(r"\s*(?:\[|<?https?://|[;,|])")
_HASHES = re.compile(r"\s*#{1,6}\s")
_JOINED_AT_MOST = 4
"""Lines that a heading or label may be broken over."""


@dataclass(slots=True)
class RawItem:
    """An item's label and everything under it."""

    label: Label
    line: Line
    paragraphs: tuple[Paragraph, ...] = ()


@dataclass(slots=True)
class RawSection:
    """A section: what stands before the first label (`lead`), then the items."""

    heading: Heading
    line: Line
    lead: tuple[Paragraph, ...] = ()
    items: list[RawItem] = field(default_factory=list)


@dataclass(slots=True)
class Outline:
    """The whole text, cut."""

    preamble: tuple[Paragraph, ...] = ()
    sections: list[RawSection] = field(default_factory=list)


def outline(lines: Sequence[Line], notes: Notes, languages: tuple[str, ...]) -> Outline:
    """Cut `lines` at headings and labels; `languages` in the order in which their headings are looked for."""
    cut, waiting = Outline(), list[Line]()
    for line in _unglued(_mended(lines), languages):
        opened = _opening(line, languages)
        if opened is None:
            _check(line, cut, notes)
            waiting += _apart(line, waiting)
            continue
        _settle(cut, waiting)
        waiting = []
        _open(opened, line, cut, notes)
    _settle(cut, waiting)
    return cut


def _mended(lines: Sequence[Line]) -> Iterator[Line]:
    """Yield the lines; a heading or label that is broken over several is one."""
    upcoming = list(reversed(lines))
    while upcoming:
        line = upcoming.pop()
        opens = (
            labels.begins_reference(line.text)
            or _opening(Line(line.number, unglued(fold(line.text))[0]), tuple(WORDS)) is not None
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


def _apart(line: Line, before: Sequence[Line]) -> list[Line]:
    """Part a reference line from what stands before and after it without an empty line; links go on with it."""
    after_reference = bool(before) and labels.begins_reference(before[-1].text)
    if labels.begins_reference(line.text) or (after_reference and not _LINK_AHEAD.match(line.text)):
        return [Line(line.number, ""), line]
    return [line]


def _unglued(lines: Iterator[Line], languages: tuple[str, ...]) -> Iterator[Line]:
    """Yield the lines; what is glued behind a heading or label in bold becomes paragraphs of its own."""
    for line in lines:
        head, pieces = unglued(line.text)
        if not pieces or _opening(Line(line.number, head), languages) is None:
            yield line
            continue
        yield Line(line.number, head)
        for piece in pieces:
            yield Line(line.number, "")
            yield Line(line.number, piece)
        yield Line(line.number, "")


def _opening(line: Line, languages: tuple[str, ...]) -> Heading | Label | None:
    text = fold(line.text)
    runs = bold_runs(text)
    bare = runs[0] if runs and len(runs) == 1 else unbolded(text) if "**" in text else text
    return labels.heading(bare, languages) or labels.label(bare)


def _open(opened: Heading | Label, line: Line, cut: Outline, notes: Notes) -> None:
    if isinstance(opened, Heading):
        _check_heading(opened, line, cut, notes)
        cut.sections.append(RawSection(opened, line))
        return
    if not cut.sections or cut.sections[-1].heading.kind is Kind.SUMMARY:
        notes.reject(
            line.number, line.text.strip(), f"the heading of a section before it, such as {labels.known_headings()}"
        )
        return
    kind = cut.sections[-1].heading.kind
    if opened.kinds and kind not in opened.kinds:
        expected = f"{labels.known_labels(kind)}, for it stands under “{cut.sections[-1].heading.text}”"
        notes.reject(line.number, line.text.strip(), expected)
    elif not opened.kinds:
        notes.warn(line.number, "unknown-label", f"“{opened.word}” is taken for the label of an item of this section.")
    _check_number(opened, line, cut.sections[-1], notes)
    cut.sections[-1].items.append(RawItem(opened, line))


def _check_heading(opened: Heading, line: Line, cut: Outline, notes: Notes) -> None:
    if not opened.sure:
        notes.warn(line.number, "heading", f"“{opened.text}” is taken for the heading of the section “{opened.kind}”.")
    earlier = next((section for section in cut.sections if section.heading.kind is opened.kind), None)
    if earlier is not None:
        expected = f"another section: “{opened.kind}” began on line {earlier.line.number} already"
        notes.reject(line.number, line.text.strip(), expected)


def _check_number(opened: Label, line: Line, section: RawSection, notes: Notes) -> None:
    expected = len(section.items) + 1
    if opened.number is None:
        notes.warn(line.number, "numbering", f"The item has no number; {expected} was expected.")
    elif opened.number != expected:
        notes.warn(line.number, "numbering", f"The item has number {opened.number}; {expected} was expected.")


def _check(line: Line, cut: Outline, notes: Notes) -> None:
    """Reject what has the looks of a heading but is none that is known: it would hide in the item above it."""
    if labels.is_unknown_heading(fold(line.text)) or (cut.sections and _HASHES.match(line.text)):
        notes.reject(line.number, line.text.strip(), f"the heading of a section, such as {labels.known_headings()}")


def _settle(cut: Outline, lines: list[Line]) -> None:
    """Hand the lines since the last heading or label to what they stand under."""
    found = tuple(paragraphs(tuple(lines)))
    if not cut.sections:
        cut.preamble += found
    elif not cut.sections[-1].items:
        cut.sections[-1].lead += found
    else:
        cut.sections[-1].items[-1].paragraphs += found

"""From lines to the outline of an issue: what stands before the first heading, the sections, their items."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from newsletter.issues.layout import labels
from newsletter.issues.layout.labels import Heading, Label
from newsletter.issues.layout.mending import ROW, mended, opening, parted, unglued_lines
from newsletter.issues.lines import Line, Paragraph, paragraphs
from newsletter.issues.model import Kind
from newsletter.issues.text import fold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from newsletter.issues.findings import Notes

_HASHES = re.compile(r"\s*#{1,6}\s")


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
    clean = tuple(unglued_lines(mended(lines), languages))
    for index, line in enumerate(clean):
        opened = opening(line, languages)
        if labels.has_form_of_heading(fold(line.text)) and not isinstance(opened, Label):
            opened = _told_by_what_follows(line, clean[index + 1 :], opened, languages)
        if opened is None:
            _check(line, cut, notes, languages[0])
            waiting += parted(line, waiting)
            continue
        _settle(cut, waiting)
        waiting = []
        _open(opened, line, cut, notes, languages[0])
    _settle(cut, waiting)
    return cut


def _told_by_what_follows(
    line: Line, following: Sequence[Line], otherwise: Heading | None, languages: tuple[str, ...]
) -> Heading | None:
    """Tell the kind of a section whose heading is worded as nobody knows by its first label, or row of a table."""
    if otherwise is not None and otherwise.sure:
        return otherwise
    for below in following:
        opened = opening(below, languages)
        kind = Kind.MEDIA if ROW.search(below.text) else None
        if isinstance(opened, Label) and len(opened.kinds) == 1:
            (kind,) = opened.kinds
        if kind is not None:
            return Heading(kind, labels.unnumbered(fold(line.text)), None, sure=False)
        if opened is not None or labels.has_form_of_heading(fold(below.text)):
            break
    return otherwise


def _open(opened: Heading | Label, line: Line, cut: Outline, notes: Notes, language: str) -> None:
    if isinstance(opened, Heading):
        _check_heading(opened, line, cut, notes)
        cut.sections.append(RawSection(opened, line))
        return
    if not cut.sections or cut.sections[-1].heading.kind is Kind.SUMMARY:
        notes.reject(
            line.number,
            line.text.strip(),
            f"the heading of a section before it, such as {labels.known_headings(language)}",
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


def _check(line: Line, cut: Outline, notes: Notes, language: str) -> None:
    """Reject what has the looks of a heading but is none that is known: it would hide in the item above it."""
    if labels.has_form_of_heading(fold(line.text)) or (cut.sections and _HASHES.match(line.text)):
        notes.reject(
            line.number, line.text.strip(), f"the heading of a section, such as {labels.known_headings(language)}"
        )


def _settle(cut: Outline, lines: list[Line]) -> None:
    """Hand the lines since the last heading or label to what they stand under."""
    found = tuple(paragraphs(tuple(lines)))
    if not cut.sections:
        cut.preamble += found
    elif not cut.sections[-1].items:
        cut.sections[-1].lead += found
    else:
        cut.sections[-1].items[-1].paragraphs += found

"""Media highlights: rows of a table as converters leave them, and what spills out of it.

A row is `outlet TAB <p>title</p> <p>body</p> <p>link</p>`. The first one is often glued to the section's heading as
two bold runs, its text broken off, and the rest in a row whose first column is empty.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from newsletter.issues.layout import labels
from newsletter.issues.layout.markup import bold_runs, linked, markdown, plain
from newsletter.issues.layout.prose import joined
from newsletter.issues.layout.references import References, check_body_links, only_links, read_links, read_references
from newsletter.issues.lines import Line, Paragraph
from newsletter.issues.model import Link, MediaHighlight
from newsletter.issues.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from newsletter.issues.findings import Notes
    from newsletter.issues.layout.outline import RawSection

_PARAGRAPH = re.compile(r"(?i)</?p(?:\s[^<>]*)?>|\t")
_OPENED = re.compile(r"(?i)<p[\s>]")
_CLOSED = re.compile(r"(?i)</p\s*>")


@dataclass(slots=True)
class _Draft:
    """A highlight while its pieces are gathered: paragraphs with their markup."""

    line: Line
    outlet: str
    pieces: list[Line] = field(default_factory=list)


def read_media(section: RawSection, notes: Notes) -> tuple[MediaHighlight, ...]:
    """Read a section's highlights, whether they stand in a table, in paragraphs, or under labels."""
    drafts: list[_Draft] = []
    _gather(section.lead, drafts, notes)
    for raw in section.items:
        drafts.append(_Draft(raw.line, plain(raw.label.rest)))
        _gather(raw.paragraphs, drafts, notes)
    return tuple(_highlight(draft, notes) for draft in drafts)


def _gather(found: Sequence[Paragraph], drafts: list[_Draft], notes: Notes) -> None:
    """Hand every row and paragraph to the draft it belongs to, or open one with it."""
    for line in (line for paragraph in found for line in _rows(paragraph)):
        runs = bold_runs(fold(line.text))
        if _is_row(line.text):
            outlet, pieces = _cells(line)
            if outlet:
                drafts.append(_Draft(line, outlet))
        elif runs and len(runs) > 1:
            drafts.append(_Draft(line, plain(runs[0])))
            pieces = [Line(line.number, run) for run in runs[1:]]
        elif runs and (not drafts or drafts[-1].pieces):
            drafts.append(_Draft(line, plain(runs[0])))
            pieces = []
        else:
            pieces = [line]
        if drafts:
            drafts[-1].pieces += pieces
        else:
            notes.reject(
                line.number, line.text.strip(), "a media item before it: a row with its outlet, a tab and the text"
            )


def _rows(paragraph: Paragraph) -> Iterator[Line]:
    """Yield the paragraph's rows, each with the lines that its last cell was broken over, and its prose."""
    together: Line | None = None
    for line in paragraph.lines:
        if (together is not None and _is_row(line.text) == _is_row(together.text) is False) or (
            together is not None and not _is_row(line.text) and _is_open(together.text)
        ):
            together = Line(together.number, f"{together.text} {line.text}")
        else:
            if together is not None:
                yield together
            together = line
    if together is not None:
        yield together


def _is_row(text: str) -> bool:
    return "\t" in text or _OPENED.search(text) is not None


def _is_open(text: str) -> bool:
    return len(_OPENED.findall(text)) > len(_CLOSED.findall(text))


def _cells(row: Line) -> tuple[str, list[Line]]:
    """Return the outlet and the paragraphs of a row; where an editor turned the tab into spaces, `<p>` parts them."""
    first, *rest = _PARAGRAPH.split(row.text)
    return plain(first), [Line(row.number, piece) for piece in rest if fold(piece)]


def _highlight(draft: _Draft, notes: Notes) -> MediaHighlight:
    references = References()
    prose = [piece for piece in draft.pieces if not _is_reference(piece, references, notes)]
    if not draft.outlet:
        notes.warn(draft.line.number, "missing-outlet", "The item names no outlet.")
    if not prose:
        notes.warn(draft.line.number, "missing-title", "The item has no title.")
    elif len(prose) == 1:
        notes.warn(draft.line.number, "missing-body", "The item has no text.")
    if not references.links:
        notes.warn(draft.line.number, "missing-source", "The item has no link.")
    for piece in prose[1:]:
        check_body_links(piece.text, piece.number, notes)
    title = plain(prose[0].text) if prose else ""
    text = joined(markdown(piece.text) for piece in prose[1:])
    return MediaHighlight(title=title, body=text, links=references.links, outlet=draft.outlet)


def _is_reference(piece: Line, references: References, notes: Notes) -> bool:
    """Read `piece` as a link or source line, when it is one."""
    source = linked(piece.text)
    if labels.is_read_more(plain(source)) and not only_links(source):
        label = plain(source)
        notes.warn(piece.number, "missing-address", f"“{label}” has no address yet: it is shown without a link.")
        references.links += (Link(label, None),)
    elif only_links(source):
        references.links += read_links(source, piece.number, notes)
    elif labels.begins_reference(piece.text):
        read_references(Paragraph((piece,)), references, notes)
    else:
        return False
    return True

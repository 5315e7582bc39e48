"""Titles and bodies out of paragraphs."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from newsletter.issues.layout import labels
from newsletter.issues.layout.markup import bold_runs, markdown, plain
from newsletter.issues.layout.references import References, check_body_links, read_references
from newsletter.issues.lines import Paragraph

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from newsletter.issues.findings import Notes
    from newsletter.issues.lines import Line

_UNFINISHED = re.compile(r"[\w,(–—-]$")
_FULL_STOP = re.compile(r"[.!?…。؟][)\]»”\"']*$")
_LONG = 150
_CROWDED = 3
"""Lines of a lone paragraph that are more than a title broken over two."""


def sort(found: Sequence[Paragraph], notes: Notes) -> tuple[list[Paragraph], References]:
    """Part an item's paragraphs in prose and reference lines."""
    prose: list[Paragraph] = []
    references = References()
    referred: int | None = None
    for paragraph in found:
        if labels.begins_reference(paragraph.lines[0].text):
            read_references(paragraph, references, notes)
            referred = paragraph.number
            continue
        if referred is not None:
            notes.warn(
                paragraph.number, "after-source", f"Stands after the source line {referred}: taken for the body."
            )
        prose.append(paragraph)
    return prose, references


def take_title(prose: list[Paragraph], line: Line, notes: Notes) -> str:
    """Take the title, the first paragraph, off `prose`; empty when the item has only a body."""
    if not prose:
        notes.warn(line.number, "missing-title", "The item has no title.")
        return ""
    _uncrowd(prose, notes)
    first = prose[0]
    text = plain(first.source)
    if len(prose) == 1 and len(text) > _LONG and ends_sentence(text) and not bold_runs(first.source):
        notes.warn(line.number, "missing-title", "The item has no title: its only paragraph is taken for the body.")
        return ""
    if len(text) > 2 * _LONG:
        notes.warn(first.number, "long-title", f"A title of {len(text)} characters: is it one?")
    prose.pop(0)
    return text


def body(prose: Sequence[Paragraph], line: Line, notes: Notes) -> str:
    """Return `prose` as the paragraphs of a body; a sentence that goes on in the next one is joined, with a warning."""
    if not prose:
        notes.warn(line.number, "missing-body", "The item has no text.")
        return ""
    for paragraph in prose:
        check_body_links(paragraph.source, paragraph.number, notes)
    texts = [(paragraph.number, markdown(paragraph.source)) for paragraph in prose]
    for (_, before), (number, text) in pairwise(texts):
        if goes_on(before, text):
            notes.warn(number, "joined", "An empty line stood within a sentence: it was taken out.")
    return joined(text for _, text in texts)


def joined(texts: Iterable[str]) -> str:
    """Return paragraphs as one body; one that goes on in the next is joined to it."""
    together: list[str] = []
    for text in texts:
        if together and goes_on(together[-1], text):
            together[-1] += f" {text}"
        elif text:
            together.append(text)
    return "\n\n".join(together)


def goes_on(text: str, following: str) -> bool:
    """Whether a sentence begun in `text` goes on in `following`: no full stop, no capital."""
    return bool(_UNFINISHED.search(text)) and following[:1].islower()


def ends_sentence(text: str) -> bool:
    """Whether `text` ends with a full stop or its like."""
    return _FULL_STOP.search(text) is not None


def _uncrowd(prose: list[Paragraph], notes: Notes) -> None:
    """Part the lines of an item that has no empty line in it: title, text and all in one paragraph."""
    if len(prose) == 1 and len(prose[0].lines) >= _CROWDED:
        message = "There are no empty lines in this item: each line is taken for a paragraph."
        notes.warn(prose[0].number, "crowded", message)
        prose[:] = [Paragraph((line,)) for line in prose[0].lines]

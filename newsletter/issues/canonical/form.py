"""The canonical form: a document as Markdown with YAML front matter, written and read back without loss. Pure.

docs/issue-format.md describes it for editors. Unlike the converters' layout it can say everything that a document
holds, in any language, topics and must-read included.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from newsletter.issues.canonical.fields import read_fields, write_fields
from newsletter.issues.canonical.yaml_texts import read_mapping, write_mapping
from newsletter.issues.layout import labels
from newsletter.issues.lines import Line
from newsletter.issues.model import ITEM_CLASSES, Document, Item, Kind, OpinionLeader, Period, Section
from newsletter.issues.reading import Reading
from newsletter.issues.text import fold, fold_paragraphs

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from newsletter.issues.findings import Notes

_FENCE = "---"
_FIELDS = "```yaml"
_FIELDS_END = "```"
_SECTION = re.compile(r"#(?:\s+(.*?))?\s*\{\s*([a-z]+)\s*\}\s*")
_HEADING = re.compile(r"#(?:\s+(.*))?")
_ITEM = re.compile(r"##(?:\s+(.*))?")
_STRUCTURE = re.compile(r"\\*(?:#|```)")
"""What a paragraph may begin with only behind one more backslash, which is taken off again."""
_FIRST_FIELD = re.compile(r"[A-Za-z_]+\s*:")
_CODE = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]{2,8})*")
_KINDS = ", ".join(f"{{{kind}}}" for kind in Kind)


@dataclass(slots=True)
class _Draft:
    """An item while its lines are gathered; `line` is its heading's."""

    line: Line
    heading: str
    fields: list[Line] | None = None
    body: list[Line] = field(default_factory=list)


@dataclass(slots=True)
class _DraftSection:
    line: Line
    kind: Kind
    heading: str
    items: list[_Draft] = field(default_factory=list)


def write_document(document: Document, date: dt.date | None = None) -> str:
    """Return `document` in the canonical form; `date` is its issue's, when it should say that too."""
    front = {
        "language": document.language,
        "title": document.title,
        "period": f"{document.period.start}/{document.period.end}",
        "date": str(date) if date else "",
    }
    head = write_mapping({k: v for k, v in front.items() if v})
    return "\n\n".join([f"{_FENCE}\n{head}{_FENCE}", *_written(document)]) + "\n"


def is_canonical(text: str) -> bool:
    """Whether `text` begins with front matter; a line drawn across the page alone is none."""
    lines = [line for line in text.split("\n", maxsplit=50) if line.strip()]
    return len(lines) > 1 and lines[0].rstrip() == _FENCE and _FIRST_FIELD.match(lines[1]) is not None


def read_document(text: str, notes: Notes) -> Reading:
    """Read what `write_document` wrote, or an editor. Problems go to `notes`; raises DocumentError without an end."""
    lines = [Line(number, line.rstrip()) for number, line in enumerate(text.split("\n"), start=1)]
    first = next(index for index, line in enumerate(lines) if line.text)
    end = next((index for index in range(first + 1, len(lines)) if lines[index].text == _FENCE), None)
    if end is None:
        notes.reject(lines[first].number, _FENCE, f"another {_FENCE} where the front matter ends")
        raise notes.refusal()
    front = read_mapping(lines[first + 1 : end], notes)
    for name in front.keys() - {"language", "title", "period", "date"}:
        notes.reject(lines[first].number, name, "language, title, period or date in the front matter")
    drafts = _gathered(lines[end + 1 :], notes)
    language = _text(front.get("language", "")).lower()
    if language and not _CODE.fullmatch(language):
        notes.reject(lines[first].number, language, "a language code such as fr, en or pt-br")
    return Reading(
        language=language or None,
        title=_text(front.get("title", "")),
        period=_period(front.get("period"), lines[first], notes),
        sections=tuple(_section(draft, notes) for draft in drafts),
        date=_date(front.get("date"), lines[first], notes),
    )


def _written(document: Document) -> Iterator[str]:
    for section in document.sections:
        yield f"# {section.heading} {{{section.kind}}}" if section.heading else f"# {{{section.kind}}}"
        for index, item in enumerate(section.items):
            heading, fields = _heading(item), write_fields(section.kind, item)
            if heading or index or not (fields or item.body):
                yield f"## {heading}".rstrip()
            if fields:
                yield f"{_FIELDS}\n{fields}{_FIELDS_END}"
            if item.body:
                yield "\n\n".join(f"\\{part}" if _STRUCTURE.match(part) else part for part in item.body.split("\n\n"))


def _heading(item: Item) -> str:
    """Return what an item is headed by: its title, a leader's name."""
    return item.name if isinstance(item, OpinionLeader) else item.title


def _gathered(lines: Sequence[Line], notes: Notes) -> list[_DraftSection]:
    """Hand each line to the section and item that it belongs to."""
    sections: list[_DraftSection] = []
    upcoming = iter(lines)
    for line in upcoming:
        if line.text.startswith("#") and not line.text.startswith("##") and _HEADING.fullmatch(line.text):
            _open_section(line, sections, notes)
        elif not sections:
            if line.text:
                notes.reject(
                    line.number, line.text, f"the heading of a section, “# Heading {{kind}}” with one of {_KINDS}"
                )
        elif found := _ITEM.fullmatch(line.text):
            sections[-1].items.append(_Draft(line, fold(found[1] or "")))
        elif line.text.startswith("###"):
            notes.reject(line.number, line.text, "“# ” before a section or “## ” before an item, no deeper heading")
        elif line.text.startswith(_FIELDS_END):
            _open_fields(line, upcoming, sections[-1], notes)
        elif line.text or sections[-1].items:
            _item_of(sections[-1], line).body.append(line)
    return sections


def _open_section(line: Line, sections: list[_DraftSection], notes: Notes) -> None:
    found = _SECTION.fullmatch(line.text)
    known = None if found else labels.heading(line.text)
    kind = found[2] if found else str(known.kind) if known else ""
    if kind not in set(Kind):
        notes.reject(line.number, line.text, f"“# Heading {{kind}}” with one of {_KINDS}")
        kind = Kind.SUMMARY
    elif any(section.kind == kind for section in sections):
        notes.reject(line.number, line.text, f"another section: there is one of the kind {kind} already")
    heading = fold(found[1] or "") if found else known.text if known else ""
    sections.append(_DraftSection(line, Kind(kind), heading))


def _open_fields(line: Line, upcoming: Iterator[Line], section: _DraftSection, notes: Notes) -> None:
    """Take the lines up to the closing fence; they have to stand before the item's text, once."""
    item = _item_of(section, line)
    fields: list[Line] = []
    for following in upcoming:
        if following.text == _FIELDS_END:
            break
        fields.append(following)
    else:
        notes.reject(line.number, line.text, f"a line {_FIELDS_END} where the fields end")
    if item.fields is not None or any(each.text for each in item.body):
        notes.reject(line.number, line.text, "the fields of an item once, between its heading and its text")
    item.fields = fields


def _item_of(section: _DraftSection, line: Line) -> _Draft:
    """Return the item that a line belongs to: the last one, or one without a heading."""
    if not section.items:
        section.items.append(_Draft(line, ""))
    return section.items[-1]


def _section(draft: _DraftSection, notes: Notes) -> Section:
    return Section(draft.kind, draft.heading, tuple(_item(draft.kind, item, notes) for item in draft.items))


def _item(kind: Kind, draft: _Draft, notes: Notes) -> Item:
    values = read_fields(kind, draft.fields or [], notes)
    values["name" if kind is Kind.LEADERS else "title"] = draft.heading
    values["body"] = _body(draft.body)
    return ITEM_CLASSES[kind](**values)


def _body(lines: Sequence[Line]) -> str:
    folded = fold_paragraphs("\n".join(line.text for line in lines))
    parts = folded.split("\n\n")
    return "\n\n".join(part[1:] if part[:1] == "\\" and _STRUCTURE.match(part) else part for part in parts)


def _text(value: object) -> str:
    return fold(value) if isinstance(value, str) else ""


def _period(value: object, line: Line, notes: Notes) -> Period | None:
    if value is None:
        return None
    start, _, end = _text(value).partition("/")
    try:
        period = Period(dt.date.fromisoformat(start.strip()), dt.date.fromisoformat(end.strip()))
    except ValueError:
        period = None
    if period is None or period.start > period.end:
        notes.reject(line.number, f"period: {value}", "a period such as 2026-05-16/2026-05-22")
        return None
    return period


def _date(value: object, line: Line, notes: Notes) -> dt.date | None:
    if value is None:
        return None
    try:
        return dt.date.fromisoformat(_text(value))
    except ValueError:
        notes.reject(line.number, f"date: {value}", "a date such as 2026-05-22")
        return None

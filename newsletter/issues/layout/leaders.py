"""Opinion leaders: name, roles, occasion, and what they said in the language they said it in."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from newsletter.issues.layout.markup import markdown, plain
from newsletter.issues.layout.prose import ends_sentence, joined, sort
from newsletter.issues.layout.quotations import closes_quotation, is_quoted, language_of, opens_quotation, unquoted
from newsletter.issues.layout.references import check_body_links
from newsletter.issues.lines import Line, Paragraph
from newsletter.issues.model import OpinionLeader, Quotation
from newsletter.issues.text import key

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from newsletter.issues.findings import Notes
    from newsletter.issues.layout.outline import RawItem

_DASH = re.compile(r"(?:^|\s+)(?:[—–]|--)(?:\s+|$)")


@dataclass(slots=True)
class _Voice:
    """What is known of a leader while the paragraphs are read."""

    name: str
    roles: tuple[str, ...] = ()
    occasion: str = ""
    quoted: list[str] = field(default_factory=list)
    body: list[str] = field(default_factory=list)


def read_leader(raw: RawItem, notes: Notes) -> OpinionLeader:
    """Read `OPINION LEADER n · name`, name — role — role, occasion, quotation, source."""
    voice = _Voice(plain(raw.label.rest))
    prose, references = sort(raw.paragraphs, notes)
    before, quoted, after = _cut_at_quotation([part for paragraph in prose for part in _parted(paragraph)])
    _introduce(voice, before, quoted=bool(quoted), notes=notes)
    for paragraph in after:
        check_body_links(paragraph.source, paragraph.number, notes)
    voice.body += [markdown(paragraph.source) for paragraph in after]
    quotation = _quotation(quoted)
    _check(voice, quotation, raw, notes)
    return OpinionLeader(
        body=joined(voice.body),
        links=references.links,
        name=voice.name,
        roles=voice.roles,
        occasion=voice.occasion,
        quotation=quotation,
    )


def _parted(paragraph: Paragraph) -> Iterator[Paragraph]:
    """Yield the paragraph, or its parts where a line of it is a quotation of its own."""
    together: list[Line] = []
    for line in paragraph.lines:
        if is_quoted(line.text) and len(paragraph.lines) > 1:
            if together:
                yield Paragraph(tuple(together))
            yield Paragraph((line,))
            together = []
        else:
            together.append(line)
    if together:
        yield Paragraph(tuple(together))


def _cut_at_quotation(found: Sequence[Paragraph]) -> tuple[list[Paragraph], list[Paragraph], list[Paragraph]]:
    """Return what stands before the quotation, its paragraphs, and what stands after it."""
    for start, paragraph in enumerate(found):
        if _is_quotation(paragraph):
            end = start + 1
            while end < len(found) and _is_quotation(found[end]):
                end += 1
            return list(found[:start]), list(found[start:end]), list(found[end:])
        if opens_quotation(paragraph.source):
            for end, last in enumerate(found[start + 1 :], start=start + 2):
                if closes_quotation(last.source, paragraph.source):
                    return list(found[:start]), list(found[start:end]), list(found[end:])
    return list(found), [], []


def _is_quotation(paragraph: Paragraph) -> bool:
    return is_quoted(paragraph.source) or all(line.text.lstrip().startswith(">") for line in paragraph.lines)


def _quotation(quoted: Sequence[Paragraph]) -> Quotation | None:
    if not quoted:
        return None
    sources = [" ".join(line.text.strip().removeprefix(">").strip() for line in part.lines) for part in quoted]
    if all(is_quoted(source) for source in sources):
        text = "\n\n".join(plain(unquoted(source)) for source in sources)
    else:
        text = "\n\n".join(plain(part) for part in unquoted("\n\n".join(sources)).split("\n\n"))
    return Quotation(text, language_of(text)) if text else None


def _introduce(voice: _Voice, before: Sequence[Paragraph], *, quoted: bool, notes: Notes) -> None:
    """Read the lines before the quotation: name and roles, then the occasion, anything more is body."""
    lines = _role_lines(before[0].lines) if before else []
    rest = list(before[1:])
    if lines and _introduces(voice, lines[0], alone=len(lines) + len(rest) == 1, notes=notes):
        lines.pop(0)
    voice.occasion = plain(" ".join(line.text for line in lines))
    if not voice.occasion and rest and (quoted or not ends_sentence(plain(rest[0].source))):
        voice.occasion = plain(rest.pop(0).source)
    for paragraph in rest:
        check_body_links(paragraph.source, paragraph.number, notes)
        voice.body.append(markdown(paragraph.source))


def _role_lines(lines: Sequence[Line]) -> list[Line]:
    """Return the lines; roles broken over several are on one."""
    together: list[Line] = []
    for line in lines:
        if together and (_ends_with_dash(together[-1].text) or _begins_with_dash(line.text)):
            together[-1] = Line(together[-1].number, f"{together[-1].text} {line.text}")
        else:
            together.append(line)
    return together


def _introduces(voice: _Voice, line: Line, *, alone: bool, notes: Notes) -> bool:
    """Read `line` as name — role — role, when it is that."""
    first, *roles = [part for part in _DASH.split(line.text) if part.strip()]
    name = plain(first)
    if _same_person(name, voice.name):
        voice.name = max(voice.name, name, key=len)
    elif alone or not roles:
        return False
    else:
        notes.warn(line.number, "name", f"“{name}” is not the name in the label, “{voice.name}”: taken for a role.")
        roles = [first, *roles]
    voice.roles = tuple(role for part in roles if (role := plain(part)))
    return True


def _same_person(one: str, other: str) -> bool:
    shorter, longer = sorted((key(one), key(other)), key=len)
    return bool(shorter) and shorter in longer


def _begins_with_dash(text: str) -> bool:
    found = _DASH.search(text.strip())
    return found is not None and found.start() == 0


def _ends_with_dash(text: str) -> bool:
    return any(found.end() == len(text.strip()) for found in _DASH.finditer(text.strip()))


def _check(voice: _Voice, quotation: Quotation | None, raw: RawItem, notes: Notes) -> None:
    line = raw.line.number
    if not voice.name:
        notes.warn(line, "missing-name", "The label names nobody.")
    if not voice.roles:
        notes.warn(line, "missing-roles", "There are no roles: “Name — role — role” was expected under the label.")
    if not voice.occasion:
        notes.warn(line, "missing-occasion", "Nothing says on what occasion it was said.")
    if quotation is None:
        notes.warn(line, "missing-quotation", "There is no paragraph in quotation marks.")
    elif quotation.language is None:
        notes.warn(line, "quotation-language", "The language of the quotation could not be told.")

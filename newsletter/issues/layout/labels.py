"""Recognising the words of the layout: headings of sections, labels of items, source lines, link labels."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from newsletter.issues.text import fold, key
from newsletter.issues.words import WORDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from newsletter.issues.model import Kind

DOT = r"[·•∙⋅‧・|]"
_NUMBERED = re.compile(r"(?:#{1,6}\s*)?(\d{1,2})\s*[.)]\s*(?=\S)")
_MARKED = re.compile(r"#{1,6}\s*")
_LABEL = re.compile(
    rf"(?:#{{1,6}}\s*)?(?P<label>[^\W\d_][^\d·•|\[\]*_<>]{{0,38}}?)\s*(?:n\s?°\s?)?(?P<number>\d{{1,3}})?\s*(?P<separator>{DOT}|[:—–]|$)\s*(?P<rest>.*)",
    re.IGNORECASE | re.DOTALL,
)
_IDENTIFIER = re.compile(r"(?:\*\*)?(?:DOI|PMID)(?:\*\*)?\s*:", re.IGNORECASE)
_LONGEST_HEADING = 100


@dataclass(frozen=True, slots=True)
class Heading:
    """A section's heading: `text` without its number; not `sure` when hints or what follows told the kind.

    `language` None: no wording told one.
    """

    kind: Kind
    text: str
    language: str | None
    sure: bool


@dataclass(frozen=True, slots=True)
class Label:
    """What opens an item: `ARTICLE 3 · rest`. `kinds` are those the label may stand for; none: nobody knows it."""

    kinds: frozenset[Kind]
    word: str
    number: int | None
    rest: str


def heading(line: str, languages: tuple[str, ...] = tuple(WORDS)) -> Heading | None:
    """Return the heading that `line` is. A wording nobody knows counts when it is numbered, in capitals and hints."""
    start = _NUMBERED.match(line) or _MARKED.match(line)
    text = line[start.end() :].strip() if start else line.strip()
    if not text or len(text) > _LONGEST_HEADING:
        return None
    for language in languages:
        kind = _known_headings(language).get(key(text).rstrip(": ."))
        if kind is not None and (start or _in_capitals(text)):
            return Heading(kind, text.rstrip(": ") if text.endswith(":") else text, language, sure=True)
    if start and _in_capitals(text) and label(text) is None:
        return next((Heading(kind, text, language, sure=False) for kind, language in _hinted(text, languages)), None)
    return None


def has_form_of_heading(line: str) -> bool:
    """Whether `line` has the form of a heading, numbered and in capitals, whatever its words."""
    text = unnumbered(line) if _NUMBERED.match(line) else ""
    return bool(text) and len(text) <= _LONGEST_HEADING and _in_capitals(text) and len(_letters(text)) > 3  # noqa: PLR2004 - not an abbreviation


def unnumbered(line: str) -> str:
    """Return a numbered line without its number."""
    start = _NUMBERED.match(line)
    return line[start.end() if start else 0 :].strip()


def label(line: str) -> Label | None:
    """Return the label that `line` begins with.

    Of capitals, number and middle dot a known word needs two (or capitals and a number), an unknown one all three.
    """
    parts = _label_parts(line)
    if parts is None:
        return None
    word, number, dotted = parts["label"].strip(), parts["number"], bool(re.fullmatch(DOT, parts["separator"]))
    kinds = _known_labels().get(key(word), frozenset())
    capitals = _in_capitals(word)
    certain = (capitals and (number or dotted)) or (number and dotted) if kinds else capitals and number and dotted
    if not certain:
        return None
    return Label(kinds, word, int(number) if number else None, parts["rest"].strip())


def numbered(line: str) -> bool:
    """Whether `line` begins as numbered headings do."""
    return _NUMBERED.match(line) is not None


@cache
def source_line() -> re.Pattern[str]:
    """Return what a source line begins with."""
    words = sorted({word for words in WORDS.values() for word in words.sources}, key=len, reverse=True)
    return re.compile(
        rf"(?:\*\*)?\s*(?:{'|'.join(map(re.escape, words))})\s*(?:\*\*)?\s*:\s*(?:\*\*)?\s*", re.IGNORECASE
    )


def begins_reference(line: str) -> bool:
    """Whether `line` is the one that says where an item comes from: source, DOI, PMID."""
    folded = fold(line)
    return bool(source_line().match(folded) or _IDENTIFIER.match(folded))


def is_read_more(text: str) -> bool:
    """Whether `text` is a media item's link label, nothing more."""
    folded = key(text).rstrip(" .→»>")
    return any(folded == key(phrase) for words in WORDS.values() for phrase in words.read_more)


def says_pending(text: str) -> bool:
    """Whether `text` says that an identifier is not there yet."""
    return _pending().search(key(text)) is not None


def known_headings(language: str) -> str:
    """Return an example of every section's heading, to be shown to a person."""
    return ", ".join(f"“{phrases[0].upper()}”" for phrases in WORDS[language].headings.values())


def known_labels(kind: Kind) -> str:
    """Return the labels of a kind in every language, to be shown to a person."""
    return " / ".join(dict.fromkeys(f"“{word.labels[kind][0].upper()} 1 · …”" for word in WORDS.values()))


def _label_parts(line: str) -> re.Match[str] | None:
    return _LABEL.fullmatch(line.strip())


def _hinted(text: str, languages: tuple[str, ...]) -> Iterator[tuple[Kind, str]]:
    """Yield the kind with most hints, with the language that says so; nothing when it is a draw."""
    words = re.findall(r"\w+", key(text))
    scores = {
        (kind, language): sum(any(word.startswith(key(hint)) for hint in hints) for word in words)
        for language in languages
        for kind, hints in WORDS[language].hints.items()
    }
    best = max(scores.values())
    if best and len({kind for (kind, _), score in scores.items() if score == best}) == 1:
        yield max(scores, key=lambda candidate: scores[candidate])


@cache
def _pending() -> re.Pattern[str]:
    beginnings = {re.escape(key(beginning)) for words in WORDS.values() for beginning in words.pending}
    return re.compile(rf"\b(?:{'|'.join(sorted(beginnings))})")


@cache
def _known_headings(language: str) -> dict[str, Kind]:
    return {key(phrase): kind for kind, phrases in WORDS[language].headings.items() for phrase in phrases}


@cache
def _known_labels() -> dict[str, frozenset[Kind]]:
    kinds: dict[str, set[Kind]] = {}
    for words in WORDS.values():
        for kind, phrases in words.labels.items():
            for phrase in phrases:
                kinds.setdefault(key(phrase), set()).add(kind)
    return {phrase: frozenset(found) for phrase, found in kinds.items()}


def _in_capitals(text: str) -> bool:
    return text == text.upper() and text != text.lower()


def _letters(text: str) -> str:
    return "".join(letter for letter in text if letter.isalpha())

"""Bringing texts together into an issue: new ones, translations, corrected ones; what an editor chose stays. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING

from newsletter.errors import Refused
from newsletter.issues.findings import Finding
from newsletter.issues.lineup import check_lineup, doubts
from newsletter.issues.model import Document, Issue, Item, Kind, OpinionLeader
from newsletter.issues.topics import Mark, check_topics, marked, marks, suggest

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence

    from newsletter.issues.document import Parsed
    from subscribers.publication import Topic

_UNMARKED = Mark()


@dataclass(frozen=True, slots=True)
class Joined:
    """An issue as it stands after texts were added; `edited` are the positions where an editor has spoken."""

    issue: Issue
    edited: frozenset[int]
    warnings: tuple[Finding, ...]


def join(
    before: Issue | None,
    edited: frozenset[int],
    texts: Sequence[Parsed],
    *,
    vocabulary: Sequence[Topic] | None,
    languages: Sequence[str] = (),
) -> Joined:
    """Add `texts` to the issue `before` (None: there is none yet).

    An item's marks (topics, must-read) come from the texts that say them, else from the editor's choice before (by
    position, or wherever the same title has gone), else from the keywords of `vocabulary` (None: no list yet). The same
    texts again change nothing, whatever the vocabulary is by now.
    `languages`: the list's, its default first. Raises DoesNotLineUp, and Refused for texts that contradict each other.
    """
    date = _one_date(before, texts)
    documents = _documents(before, texts, languages)
    first, *others = documents.values()
    warnings: list[Finding] = []
    for other in others:
        check_lineup(first, other)
        warnings += doubts(first, other)
    warnings += _unlisted(texts, languages)
    said = _said(texts, vocabulary)
    if before is not None and not said and _is_known(before, texts):
        return Joined(before, edited, tuple(warnings))
    kept, lost = _kept(before, edited, documents, [parsed.document.language for parsed in texts])
    suggested = suggest(documents.values(), vocabulary or ())
    count = len(suggested)
    chosen = [said.get(at) or kept.get(at) or Mark(suggested[at]) for at in range(count)]
    warnings += lost
    issue = marked(Issue(date=date, documents=documents), chosen)
    return Joined(issue, frozenset(said) | frozenset(kept), tuple(warnings))


def _one_date(before: Issue | None, texts: Sequence[Parsed]) -> dt.date:
    dates = {parsed.date: parsed.name for parsed in reversed(texts)}
    if before is not None:
        dates.setdefault(before.date, "the issue")
    if len(dates) > 1:
        said = ", ".join(f"{name}: {date}" for date, name in sorted(dates.items()))
        raise Refused(f"These are issues of different dates ({said}). Add them one by one, or name the --date.")
    return next(iter(dates))


def _documents(before: Issue | None, texts: Sequence[Parsed], languages: Sequence[str]) -> dict[str, Document]:
    """Return all languages, those the issue had first, the others as the list orders them."""
    documents = dict(before.documents) if before else {}
    added: dict[str, Parsed] = {}
    for parsed in texts:
        language = parsed.document.language
        if language in added:
            raise Refused(f"{added[language].name} and {parsed.name} are both in “{language}”: add one of them.")
        added[language] = parsed
    in_order = [language for language in languages if language in added]
    for language in dict.fromkeys([*in_order, *added]):
        documents[language] = added[language].document
    return documents


def _unlisted(texts: Sequence[Parsed], languages: Sequence[str]) -> list[Finding]:
    if not languages:
        return []
    message = "“{}” is not a language of the list ({}): nobody chose it."
    return [
        Finding(None, "language-not-listed", message.format(parsed.document.language, ", ".join(languages)))
        for parsed in texts
        if parsed.document.language not in languages
    ]


def _said(texts: Sequence[Parsed], vocabulary: Sequence[Topic] | None) -> dict[int, Mark]:
    """Return the marks that texts in the canonical form carry. They have to agree where both say something."""
    said: dict[int, tuple[Mark, Parsed]] = {}
    for parsed in texts:
        for position, mark in enumerate(marks(parsed.document)):
            if mark == _UNMARKED:
                continue
            check_topics(mark.topics, vocabulary)
            other, where = said.setdefault(position, (mark, parsed))
            if other != mark:
                raise Refused(
                    f"Item {position} carries {_shown(other)} in {where.name}, but {_shown(mark)} in {parsed.name}: "
                    "topics and must-read are the same in all languages. Mend one of them."
                )
    return {position: mark for position, (mark, _) in said.items()}


def _is_known(before: Issue, texts: Sequence[Parsed]) -> bool:
    """Whether an issue whose items carry marks has these very texts."""
    unmarked = marked(before, [_UNMARKED] * len(_marks(before)))
    known = all(unmarked.documents.get(parsed.document.language) == parsed.document for parsed in texts)
    return known and any(mark != _UNMARKED for mark in _marks(before))


def _kept(
    before: Issue | None, edited: frozenset[int], documents: Mapping[str, Document], changed: Sequence[str]
) -> tuple[dict[int, Mark], list[Finding]]:
    """Return the editor's marks at the positions where their items are now, and what could not be kept."""
    if before is None or not edited:
        return {}, []
    moves = _moves(before, documents, changed)
    old = _marks(before)
    kept = {moves[position]: old[position] for position in edited if position in moves}
    lost = [
        Finding(None, "choice-lost", f"Item {position} had {_shown(old[position])}, but it is no longer there.")
        for position in sorted(edited)
        if position not in moves
    ]
    return kept, lost


def _moves(before: Issue, documents: Mapping[str, Document], changed: Sequence[str]) -> dict[int, int]:
    """Return where each item of `before` stands now: by kind and title in any language that changed.

    An item whose title changed in place is the same one, when nothing else claims it.
    """
    replaced = [language for language in changed if language in before.documents]
    if not replaced:  # only languages were added: they line up
        return {position: position for position in range(len(_marks(before)))}
    moves: dict[int, int] = {}
    for language in replaced:
        old, new = _names(before.documents[language]), _names(documents[language])
        for position, (one, two) in enumerate(zip_longest(old, new)):
            if one is not None and one == two:
                moves.setdefault(position, position)
        for position, name in enumerate(old):
            if old.count(name) == new.count(name) == 1:
                moves.setdefault(position, new.index(name))
    kinds_before, kinds_now = _kinds(before.documents[replaced[0]]), _kinds(documents[replaced[0]])
    if kinds_before == kinds_now:
        taken = set(moves.values())
        moves |= {at: at for at in range(len(kinds_now)) if at not in moves and at not in taken}
    return moves


def _marks(issue: Issue) -> tuple[Mark, ...]:
    return marks(next(iter(issue.documents.values())))


def _names(document: Document) -> list[tuple[Kind, str]]:
    return [(kind, _name(item)) for _, kind, item in document.items()]


def _name(item: Item) -> str:
    return item.title or (item.name if isinstance(item, OpinionLeader) else "")


def _kinds(document: Document) -> list[Kind]:
    return [kind for _, kind, _ in document.items()]


def _shown(mark: Mark) -> str:
    topics = f"the topics {', '.join(mark.topics)}" if mark.topics else "no topics"
    return f"{topics} and must-read" if mark.must_read else topics

"""A digest: the issues of a month brought together into one, section by section, for those who read once a month. Pure.

Every item keeps its topics and its must-read, so that a digest is personalized as any issue is, and says which issue it
comes from. What stood in several issues stands in the digest once, as the last of them worded it.
"""

from __future__ import annotations

import calendar
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from newsletter.errors import Refused
from newsletter.issues.findings import Finding
from newsletter.issues.model import Article, Document, Issue, Item, Kind, OpinionLeader, Period, Section
from newsletter.issues.text import key
from newsletter.issues.topics import marked, marks

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Mapping, Sequence


@dataclass(frozen=True, slots=True)
class Digest:
    """A month's issues in one, and what whoever proofs it should know."""

    issue: Issue
    repeated: int
    """Items that a later issue had again, and that are left out therefore."""
    warnings: tuple[Finding, ...]


class _Entry(NamedTuple):
    """An item of an issue, in every language of the digest."""

    origin: dt.date
    kind: Kind
    items: Mapping[str, Item]


def month_of(day: dt.date) -> Period:
    """Return the month that a day is in, from its first day to its last."""
    return Period(day.replace(day=1), day.replace(day=calendar.monthrange(day.year, day.month)[1]))


def digest_slug(month: Period) -> str:
    """Return what commands call the digest of a month: `2026-11`, as an issue is called `2026-11-27`."""
    return f"{month.start:%Y-%m}"


def compose(issues: Sequence[Issue], month: Period, languages: Sequence[str] = ()) -> Digest:
    """Bring the issues of a month together; dated with its last day.

    The sections are in the order of the latest issue and under its headings, the items in the order of the issues.
    `languages`: those that are wanted; none named: every language that all of the issues have. Raises Refused where
    there are no issues, and where they have no language in common, or not the one that is wanted.
    """
    if not issues:
        raise Refused(f"There is no issue to make a digest of {digest_slug(month)} of.")
    in_order = sorted(issues, key=lambda issue: issue.date)
    common = _languages(in_order, languages)
    entries = [entry for issue in in_order for entry in _entries(issue, common)]
    kept = _once(entries, common[0])
    kinds = _kinds(in_order)
    sorted_by_kind = sorted(kept, key=lambda entry: kinds.index(entry.kind))  # stable: in the order of the issues
    documents = {
        language: Document(
            language=language,
            title="",
            period=month,
            sections=tuple(_sections(sorted_by_kind, kinds, language, in_order)),
        )
        for language in common
    }
    issue = Issue(date=month.end, documents=documents, origins=tuple(entry.origin for entry in sorted_by_kind))
    return Digest(issue, len(entries) - len(kept), () if languages else tuple(_lacking(in_order, common)))


def with_choices_of(before: Issue, edited: frozenset[int], digest: Issue) -> tuple[Issue, frozenset[int]]:
    """Return a digest that was composed anew, with what an editor chose of the one before, and where it stands now.

    An item is known by its issue, kind and title. What is no longer there takes its choice with it.
    """
    language = next((each for each in digest.documents if each in before.documents), None)
    if not edited or language is None:
        return digest, frozenset()
    places = {name: position for position, name in enumerate(_names(digest, language))}
    old = marks(before.documents[language])
    moved = {
        places[name]: old[position]
        for position, name in enumerate(_names(before, language))
        if position in edited and name in places
    }
    now = marks(digest.documents[language])
    return marked(digest, [moved.get(at, mark) for at, mark in enumerate(now)]), frozenset(moved)


def _languages(issues: Sequence[Issue], wanted: Sequence[str]) -> tuple[str, ...]:
    """Return the languages of the digest, in the order of `wanted`, else of the latest issue."""
    common = [code for code in issues[-1].documents if all(code in issue.documents for issue in issues)]
    for code in wanted:
        if code not in common:
            raise Refused(f"Not every issue of the month is there in “{code}”. {_which(issues)}.")
    if not common:
        raise Refused(f"The issues of the month have no language in common: add what is lacking. {_which(issues)}.")
    return tuple(dict.fromkeys(wanted or common))


def _which(issues: Sequence[Issue]) -> str:
    return "; ".join(f"{issue.date}: {', '.join(issue.documents)}" for issue in issues)


def _lacking(issues: Sequence[Issue], common: Sequence[str]) -> Iterator[Finding]:
    """Say which languages the digest cannot have, since not all of its issues do."""
    for code in sorted({code for issue in issues for code in issue.documents} - set(common)):
        without = ", ".join(str(issue.date) for issue in issues if code not in issue.documents)
        message = f"Not in “{code}”, which {without} lacks: those who read it get another of their languages."
        yield Finding(None, "language-missing", message)


def _entries(issue: Issue, languages: Sequence[str]) -> Iterator[_Entry]:
    by_language = {code: list(issue.documents[code].items()) for code in languages}
    for position, kind, _ in by_language[languages[0]]:
        yield _Entry(issue.date, kind, {code: items[position][2] for code, items in by_language.items()})


def _once(entries: Sequence[_Entry], language: str) -> list[_Entry]:
    """Leave out what comes again later; the later one is for everybody that the earlier was for."""
    kept: list[_Entry] = []
    later: dict[tuple[str, ...], int] = {}
    for entry in reversed(entries):
        identities = set(_identities(entry.kind, entry.items[language]))
        known = next((later[each] for each in identities if each in later), None)
        if known is None:
            known = len(kept)
            kept.append(entry)
        else:
            kept[known] = _for_both(kept[known], entry)
        for identity in identities:
            later.setdefault(identity, known)
    return kept[::-1]


def _identities(kind: Kind, item: Item) -> Iterator[tuple[str, ...]]:
    """Yield what makes an item the same as another: an identifier; or its title with its text, or with where it leads.

    A title alone does not: the same heading may stand over other news every week.
    """
    if isinstance(item, Article):
        identifiers = (("doi", item.doi), ("pmid", item.pmid))
        yield from ((name, identifier.lower()) for name, identifier in identifiers if identifier)
    name, text = key(_name(item)), key(_words(item))
    if text:
        yield kind, name, "text", text
    if name and kind is not Kind.LEADERS:  # two sayings of one person may be found on one page
        yield from ((kind, name, "address", link.url) for link in item.links if link.url)


def _words(item: Item) -> str:
    quotation = item.quotation.text if isinstance(item, OpinionLeader) and item.quotation else ""
    return f"{quotation} {item.body}".strip()


def _for_both(entry: _Entry, earlier: _Entry) -> _Entry:
    one, two = (next(iter(each.items.values())) for each in (entry, earlier))
    topics = tuple(sorted({*one.topics, *two.topics})) if one.topics and two.topics else ()
    must_read = one.must_read or two.must_read
    items = {code: replace(item, topics=topics, must_read=must_read) for code, item in entry.items.items()}
    return entry._replace(items=items)


def _kinds(issues: Sequence[Issue]) -> list[Kind]:
    """Return the kinds of section in the order of the latest issue, then those that only earlier ones have."""
    first_documents = [next(iter(issue.documents.values())) for issue in reversed(issues)]
    return list(dict.fromkeys(section.kind for document in first_documents for section in document.sections))


def _sections(
    entries: Sequence[_Entry], kinds: Sequence[Kind], language: str, issues: Sequence[Issue]
) -> Iterator[Section]:
    headings = {section.kind: section.heading for issue in issues for section in issue.documents[language].sections}
    for kind in kinds:
        items = tuple(entry.items[language] for entry in entries if entry.kind is kind)
        if items:
            yield Section(kind, headings[kind], items)


def _names(digest: Issue, language: str) -> list[tuple[dt.date, Kind, str, int]]:
    """Return what an item is known by when the digest is composed anew; those of one title are counted."""
    seen: Counter[tuple[dt.date, Kind, str]] = Counter()
    names = []
    for position, kind, item in digest.documents[language].items():
        name = digest.origins[position], kind, _name(item)
        names.append((*name, seen[name]))
        seen[name] += 1
    return names


def _name(item: Item) -> str:
    return item.title or (item.name if isinstance(item, OpinionLeader) else "")

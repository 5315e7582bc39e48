"""The editors' real issue goes through without a hand's help. Nothing of its text stands here."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from newsletter.issues.canonical.form import write_document
from newsletter.issues.codec import counts
from newsletter.issues.document import Parsed, parse_document
from newsletter.issues.lineup import check_lineup
from newsletter.issues.model import Announcement, Article, Item, Kind, MediaHighlight, OpinionLeader, SocietyNews
from newsletter.issues.words import WORDS
from tests.real_issue import real_issue

_URL_WORDS = "https doi org pubmed ncbi nlm nih gov"
_LAYOUT = "article annonce actualité leader d opinion doi pmid source officielle p"
"""The words of labels and of addresses; nothing else may be missing."""


@pytest.fixture
def parsed() -> Parsed:
    path = real_issue()
    return parse_document(path.read_bytes(), name=path.name)


def test_its_parts(parsed: Parsed) -> None:
    expected = {"summary": 1, "articles": 5, "announcements": 5, "media": 6, "societies": 3, "leaders": 2}
    assert counts(parsed.document) == expected
    assert (parsed.date.isoformat(), parsed.document.language) == ("2026-05-22", "fr")
    assert (parsed.document.period.start.isoformat(), parsed.document.period.end.isoformat()) == (
        "2026-05-16",
        "2026-05-22",
    )


def test_only_missing_addresses_are_doubtful(parsed: Parsed) -> None:
    assert Counter(finding.code for finding in parsed.warnings) == {"missing-address": 16}


def test_every_field_of_every_item_is_there(parsed: Parsed) -> None:
    for _, kind, item in parsed.document.items():
        assert item.title or kind in {Kind.SUMMARY, Kind.LEADERS}
        assert item.body or kind is Kind.LEADERS
        assert item.links or kind in {Kind.SUMMARY, Kind.ARTICLES}
        _own_fields_are_there(item)


def _own_fields_are_there(item: Item) -> None:
    match item:
        case Article():
            assert all((item.journal, item.date, item.authors, item.institution, item.doi))
            assert (item.pmid is None) == item.indexing_pending
        case Announcement():
            assert all((item.company, item.badges))
        case MediaHighlight():
            assert item.outlet
        case SocietyNews():
            assert item.organisation
        case OpinionLeader():
            assert all((item.name, item.roles, item.occasion))
            assert item.quotation is not None
            assert item.quotation.language == "en"


def test_the_odd_ones(parsed: Parsed) -> None:
    items = [item for _, _, item in parsed.document.items()]
    assert [len(item.badges) for item in items if isinstance(item, Announcement)] == [2, 1, 1, 1, 1]
    assert [item.indexing_pending for item in items if isinstance(item, Article)] == [False] * 4 + [True]
    assert all("<p>" not in item.body and "**" not in item.title for item in items)


def test_every_word_is_in_the_model_or_is_one_of_the_layouts(parsed: Parsed) -> None:
    text = real_issue().read_text(encoding="utf-8")
    pending = re.search(r"PMID : \[([^\]]*)\]\(#\)", text)
    there = Counter(_words(write_document(parsed.document)))
    names = [item.name for _, _, item in parsed.document.items() if isinstance(item, OpinionLeader)]
    pmids = [item.pmid for _, _, item in parsed.document.items() if isinstance(item, Article) and item.pmid]
    there += Counter(_words(" ".join(names + pmids)))  # stand twice in the text, once in the model
    missing = Counter(_words(_without_numbers(text))) - there
    allowed = set(_words(f"{_LAYOUT} {_URL_WORDS} {pending[1] if pending else ''}"))
    assert set(missing) <= allowed


@pytest.mark.parametrize("language", ["en", "de"])
def test_with_the_headings_and_labels_of_another_language_it_has_the_same_parts(parsed: Parsed, language: str) -> None:
    text = real_issue().read_text(encoding="utf-8")
    french, other = WORDS["fr"], WORDS[language]
    for kind, headings in french.headings.items():
        text = text.replace(headings[0].upper(), other.headings[kind][0].upper())
    for kind, labels in french.labels.items():
        text = re.sub(rf"(?m)^{labels[0].upper()}(?= \d)", other.labels[kind][0].upper(), text)
    text = text.replace(french.sources[0], other.sources[0]).replace(french.read_more[0], other.read_more[0])
    read = parse_document(text.replace("\n", "\r\n").encode("cp1252"), name=f"2026-05-22.{language}.txt")
    check_lineup(parsed.document, read.document)
    assert Counter(finding.code for finding in read.warnings) == {"missing-address": 16, "encoding": 1}


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def _without_numbers(text: str) -> str:
    """Take out the numbers of headings and labels."""
    return re.sub(r"(?m)^(?:\d\. |((?:ARTICLE|ANNONCE|ACTUALITÉ|LEADER D'OPINION) )\d )", r"\1", text)

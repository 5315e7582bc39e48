"""Languages line up item by item; of those that do not, the first difference is shown."""

from __future__ import annotations

from dataclasses import replace

import pytest

from newsletter.issues.lineup import DoesNotLineUp, check_lineup, doubts
from newsletter.issues.model import Article, Document, Period
from tests.factories.issues import DATE, LANGUAGES, sample_document


def without(document: Document, section: int, item: int) -> Document:
    sections = list(document.sections)
    items = sections[section].items
    sections[section] = replace(sections[section], items=items[:item] + items[item + 1 :])
    return replace(document, sections=tuple(sections))


def test_the_samples_line_up() -> None:
    for language in LANGUAGES:
        check_lineup(sample_document(), sample_document(language))
        assert doubts(sample_document(), sample_document(language)) == ()


def test_an_item_that_is_missing_in_the_middle() -> None:
    with pytest.raises(DoesNotLineUp) as difference:
        check_lineup(sample_document("fr"), without(sample_document("en"), 1, 1))
    said = str(difference.value)
    assert "item 2 is of the kind “articles” (“Compter les battements" in said
    assert "of the kind “announcements” (“A silent CT" in said
    assert "articles: 2 and 1" in said


def test_an_item_that_is_missing_at_the_end() -> None:
    with pytest.raises(
        DoesNotLineUp, match=r"item 9 is not there in “fr”, but of the kind “leaders” .“Dr Théo Marchand”"
    ):
        check_lineup(without(sample_document("fr"), 5, 1), sample_document("en"))


def test_sections_in_another_order() -> None:
    english = sample_document("en")
    swapped = replace(english, sections=(english.sections[1], english.sections[0], *english.sections[2:]))
    with pytest.raises(DoesNotLineUp) as difference:
        check_lineup(sample_document("fr"), swapped)
    assert "item 0 is" in str(difference.value)
    assert "where they differ" not in str(difference.value)


def test_papers_in_another_order_are_doubtful() -> None:
    english = sample_document("en")
    articles = replace(english.sections[1], items=english.sections[1].items[::-1])
    reordered = replace(english, sections=(english.sections[0], articles, *english.sections[2:]))
    found = doubts(sample_document("fr"), replace(reordered, period=Period(DATE, DATE)))
    assert [finding.code for finding in found] == ["period-differs", "doi-differs", "doi-differs"]
    assert all(isinstance(item, Article) for item in articles.items)

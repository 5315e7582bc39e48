"""Texts come together into an issue, and what an editor chose stays with its item."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from newsletter.errors import Refused
from newsletter.issues.document import Parsed
from newsletter.issues.joining import Joined, join
from newsletter.issues.lineup import DoesNotLineUp
from newsletter.issues.model import Document, Issue, Item
from newsletter.issues.topics import Mark, marks
from tests.factories.issues import DATE, sample_document, sample_issue, unmarked, vocabulary

NOBODY: frozenset[int] = frozenset()


def text(document: Document, date: dt.date = DATE) -> Parsed:
    return Parsed(name=f"{date}.{document.language}.txt", date=date, document=document)


def french(**changes: object) -> Document:
    return replace(unmarked(sample_document("fr")), **changes)  # type: ignore[arg-type]  # by name, as it takes them


def english() -> Document:
    return unmarked(sample_document("en"))


def edited_items(document: Document, section: int, items: tuple[Item, ...]) -> Document:
    sections = list(document.sections)
    sections[section] = replace(sections[section], items=items)
    return replace(document, sections=tuple(sections))


def marks_of(joined: Joined) -> tuple[Mark, ...]:
    every = {marks(document) for document in joined.issue.documents.values()}
    assert len(every) == 1, "topics are the same in all languages"
    return every.pop()


def added(before: Issue | None, *documents: Document, edited: frozenset[int] = NOBODY) -> Joined:
    return join(before, edited, [text(document) for document in documents], vocabulary=vocabulary())


def test_a_new_issue_gets_suggestions() -> None:
    joined = added(None, french())
    assert marks_of(joined)[1] == Mark(("mri",))
    assert marks_of(joined)[0] == Mark()
    assert joined.edited == NOBODY


def test_without_a_list_nothing_is_suggested() -> None:
    joined = join(None, NOBODY, [text(french())], vocabulary=None)
    assert set(marks_of(joined)) == {Mark()}


def test_a_translation_joins_behind_the_first_language_and_keeps_the_choices() -> None:
    issue = sample_issue("fr")
    joined = added(issue, english(), edited=frozenset({5, 9}))
    assert list(joined.issue.documents) == ["fr", "en"]
    assert marks_of(joined)[5] == Mark(must_read=True)
    assert marks_of(joined)[9] == Mark()  # an editor said: for everybody
    assert joined.edited == {5, 9}


def test_the_lists_order_of_languages_counts_where_none_was_first() -> None:
    texts = [text(french()), text(english())]
    joined = join(None, NOBODY, texts, vocabulary=(), languages=("en", "fr"))
    assert list(joined.issue.documents) == ["en", "fr"]


def test_a_language_the_list_is_not_in_is_warned_of() -> None:
    joined = join(None, NOBODY, [text(french())], vocabulary=(), languages=("en",))
    assert [finding.code for finding in joined.warnings] == ["language-not-listed"]


def test_a_corrected_text_keeps_the_choices_where_the_items_are_now() -> None:
    before = sample_issue("fr")
    articles = french().sections[1].items
    swapped = edited_items(french(), 1, articles[::-1])
    joined = added(before, swapped, edited=frozenset({1}))
    assert marks_of(joined)[2] == Mark(("mri",))
    assert joined.edited == {2}


def test_a_corrected_title_in_place_is_the_same_item() -> None:
    before = sample_issue("fr", "en")
    media = french().sections[3].items
    corrected = edited_items(french(), 3, (replace(media[0], title="Un autre titre"), media[1]))
    joined = added(before, corrected, edited=frozenset({5}))
    assert marks_of(joined)[5] == Mark(must_read=True)
    assert joined.warnings == ()


def test_a_choice_whose_item_is_gone_is_told() -> None:
    before = sample_issue("fr")
    joined = added(before, edited_items(french(), 3, french().sections[3].items[1:]), edited=frozenset({5}))
    assert [finding.code for finding in joined.warnings] == ["choice-lost"]
    assert "no topics and must-read" in joined.warnings[0].message
    assert joined.edited == NOBODY


def test_marks_in_the_canonical_form_are_an_editors_word() -> None:
    marked = sample_document("fr")
    joined = added(None, marked, english())
    assert marks_of(joined) == (*marks(marked)[:9], marks_of(joined)[9])
    assert joined.edited == {position for position, mark in enumerate(marks(marked)) if mark != Mark()}


def test_marks_that_contradict_each_other_are_refused() -> None:
    french_, english_ = sample_document("fr"), sample_document("en")
    articles = tuple(replace(item, topics=("ct",)) for item in english_.sections[1].items)
    with pytest.raises(Refused, match=r"Item 1 carries the topics mri in .*fr.txt, but the topics ct in"):
        added(None, french_, edited_items(english_, 1, articles))


def test_marks_outside_the_vocabulary_are_refused() -> None:
    with pytest.raises(Refused, match="no topic “mri”"):
        join(None, NOBODY, [text(sample_document("fr"))], vocabulary=())


def test_a_translation_that_does_not_line_up_is_refused() -> None:
    with pytest.raises(DoesNotLineUp, match="item 2"):
        added(sample_issue("fr"), edited_items(english(), 1, english().sections[1].items[:1]))


def test_all_languages_together_may_change_their_items() -> None:
    shorter = [edited_items(document, 1, document.sections[1].items[:1]) for document in (french(), english())]
    joined = added(sample_issue("fr", "en"), *shorter)
    assert len(marks_of(joined)) == 9


@pytest.mark.parametrize("other", [text(french()), text(english(), dt.date(2026, 3, 7))])
def test_texts_that_are_not_of_one_issue_are_refused(other: Parsed) -> None:
    with pytest.raises(Refused, match=r"both in “fr”|different dates"):
        join(None, NOBODY, [text(french()), other], vocabulary=None)


def test_the_same_text_again_changes_nothing_whatever_the_vocabulary_is_by_now() -> None:
    first = added(None, french(), english())
    again = join(first.issue, NOBODY, [text(english())], vocabulary=vocabulary()[:1])
    assert (again.issue, again.edited) == (first.issue, NOBODY)


def test_the_same_text_gets_its_first_suggestions_when_there_is_a_list() -> None:
    first = join(None, NOBODY, [text(french())], vocabulary=None)
    assert marks_of(added(first.issue, french()))[1] == Mark(("mri",))

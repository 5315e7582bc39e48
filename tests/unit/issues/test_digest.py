"""A month's issues in one: nothing lost, nothing twice, every item with what it carried."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsletter.errors import Refused
from newsletter.issues.codec import dumps, loads
from newsletter.issues.digest import compose, digest_slug, month_of, with_choices_of
from newsletter.issues.lineup import check_lineup
from newsletter.issues.model import Article, Document, Issue, Item, Kind, OpinionLeader, Period, Quotation, Section
from newsletter.issues.proof import Severity, proof
from newsletter.issues.topics import Mark, marked, marks
from tests import strategies
from tests.factories.digests import MARCH, digest, week
from tests.fixtures.thoroughness import examples

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

FIRST, SECOND = dt.date(2026, 3, 6), dt.date(2026, 3, 13)


def issue_of(day: dt.date, *items: Item, kind: Kind = Kind.ARTICLES) -> Issue:
    section = Section(kind, f"Heading of {day}", items)
    document = Document(language="fr", title="", period=Period(day, day), sections=(section,))
    return Issue(date=day, documents={"fr": document})


def items_of(issue: Issue, language: str = "fr") -> list[Item]:
    return [item for _, _, item in issue.documents[language].items()]


def test_a_month_is_its_first_to_its_last_day() -> None:
    assert month_of(dt.date(2028, 2, 11)) == Period(dt.date(2028, 2, 1), dt.date(2028, 2, 29))
    assert digest_slug(month_of(dt.date(2026, 12, 31))) == "2026-12"


def test_sections_are_those_of_the_issues_and_items_in_the_order_of_their_dates() -> None:
    composed = compose([week(1), week(0)], MARCH)
    found = composed.issue
    assert (found.date, found.is_digest, composed.repeated) == (MARCH.end, True, 0)
    for language in ("fr", "en"):
        document = found.documents[language]
        expected = [each for each in week(1).documents[language].sections if each.items]
        assert [(each.kind, each.heading) for each in document.sections] == [(e.kind, e.heading) for e in expected]
        assert document.period == MARCH
        for section, one, two in zip(
            document.sections,
            week(0).documents[language].sections,
            week(1).documents[language].sections,
            strict=True,
        ):
            assert section.items == (*one.items, *two.items)
    assert found.origins[:4] == (FIRST, SECOND, FIRST, FIRST)
    assert len(found.origins) == 20


def test_a_digest_is_read_back_and_other_issues_say_nothing_of_digests() -> None:
    assert loads(dumps(digest())) == digest()
    assert "origins" not in dumps(week(0))


def test_a_digest_can_be_finalized() -> None:
    assert not [each for each in proof(digest()) if each.severity is Severity.ERROR]


@given(st.lists(strategies.issues(), min_size=1, max_size=2), st.randoms())
@settings(max_examples=examples(8))
def test_every_item_comes_from_the_issue_it_names_and_the_languages_line_up(issues: list[Issue], dice: Random) -> None:
    issues = [replace(issue, date=FIRST + dt.timedelta(days=number)) for number, issue in enumerate(issues)]
    composed = compose(dice.sample(issues, len(issues)), MARCH)
    first, *others = composed.issue.documents.values()
    for other in others:
        check_lineup(first, other)
    total = sum(len(items_of(issue)) for issue in issues)
    assert len(composed.issue.origins) == len(items_of(composed.issue)) == total - composed.repeated
    by_date = {issue.date: issue for issue in issues}
    for position, kind, item in first.items():
        source = list(by_date[composed.issue.origins[position]].documents["fr"].items())
        unmarked = replace(item, topics=(), must_read=False)
        assert (kind, unmarked) in [(of, replace(each, topics=(), must_read=False)) for _, of, each in source]
    assert compose(issues, MARCH) == composed


def test_what_comes_again_stands_there_once_as_it_was_worded_last() -> None:
    early = Article(title="A study", body="Early.", doi="10.1000/ABC", topics=("ct",), indexing_pending=True)
    late = Article(title="The study", body="Late.", doi="10.1000/abc", topics=("mri",), pmid="123")
    composed = compose([issue_of(FIRST, early), issue_of(SECOND, late)], MARCH)
    assert items_of(composed.issue) == [replace(late, topics=("ct", "mri"))]
    assert (composed.issue.origins, composed.repeated) == ((SECOND,), 1)


@pytest.mark.parametrize(
    ("earlier", "later", "together"),
    [
        (Mark(()), Mark(("ct",)), Mark(())),
        (Mark(("ct",)), Mark(()), Mark(())),
        (Mark(("ct",), must_read=True), Mark(("ct",)), Mark(("ct",), must_read=True)),
    ],
)
def test_whoever_was_to_get_the_earlier_gets_the_later(earlier: Mark, later: Mark, together: Mark) -> None:
    one, two = (
        Article(title="A", body="B", pmid="1", topics=mark.topics, must_read=mark.must_read)
        for mark in (earlier, later)
    )
    composed = compose([issue_of(FIRST, one), issue_of(SECOND, two)], MARCH)
    assert marks(composed.issue.documents["fr"]) == (together,)


def test_the_same_heading_over_other_news_is_no_repetition() -> None:
    one, two = Article(title="News in brief", body="This."), Article(title="News in brief", body="That.")
    said = [OpinionLeader(name="Zoë", quotation=Quotation(text, "en")) for text in ("Yes.", "No.")]
    assert compose([issue_of(FIRST, one), issue_of(SECOND, two)], MARCH).repeated == 0
    leaders = [issue_of(day, each, kind=Kind.LEADERS) for day, each in zip((FIRST, SECOND), said, strict=True)]
    assert compose(leaders, MARCH).repeated == 0


def test_languages_are_those_that_all_of_the_issues_have() -> None:
    composed = compose([week(0, "fr", "en", "de"), week(1, "en", "fr")], MARCH)
    assert list(composed.issue.documents) == ["en", "fr"]
    (warning,) = composed.warnings
    assert warning.code == "language-missing"
    assert "“de”" in warning.message
    assert "2026-03-13" in warning.message
    assert list(compose([week(0), week(1)], MARCH, ["en"]).issue.documents) == ["en"]


@pytest.mark.parametrize(
    ("issues", "languages", "says"),
    [
        ([], (), "no issue to make a digest of 2026-03"),
        ([week(0, "fr"), week(1, "en")], (), r"no language in common.*2026-03-06: fr; 2026-03-13: en"),
        ([week(0), week(1, "fr")], ("en",), "Not every issue of the month is there in “en”"),
    ],
)
def test_what_makes_no_digest_is_refused(issues: Sequence[Issue], languages: tuple[str, ...], says: str) -> None:
    with pytest.raises(Refused, match=says):
        compose(issues, MARCH, languages)


def test_what_an_editor_chose_goes_with_the_item_when_the_digest_is_composed_anew() -> None:
    before, after = digest(0), digest(0, 1)
    chosen = list(marks(before.documents["fr"]))
    chosen[1] = Mark(("regulation",), must_read=True)
    issue, edited = with_choices_of(marked(before, chosen), frozenset({1}), after)
    (position,) = edited
    assert after.origins[position] == FIRST
    assert items_of(issue)[position].title == items_of(before)[1].title
    assert marks(issue.documents["en"])[position] == chosen[1]
    others = [mark for at, mark in enumerate(marks(issue.documents["fr"])) if at != position]
    assert Counter(others) == Counter(mark for at, mark in enumerate(marks(after.documents["fr"])) if at != position)

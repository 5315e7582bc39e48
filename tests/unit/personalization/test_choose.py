"""The laws of choosing, and each rule by an example."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.issues.model import Kind
from newsletter.personalization.choose import choose
from subscribers.publication import NothingLeft
from tests.factories.editions import item

if TYPE_CHECKING:
    from newsletter.rendering.edition import EditionItem

TOPICS = ("ct", "mri", "cardiac", "regulation")
chosen_topics = st.frozensets(st.sampled_from([*TOPICS, "unheard-of"]))
policies = st.sampled_from(NothingLeft)


@st.composite
def issues(draw: st.DrawFn) -> tuple[EditionItem, ...]:
    kinds = draw(st.lists(st.sampled_from(Kind), max_size=12))
    return tuple(
        item(n, kind, *draw(st.frozensets(st.sampled_from(TOPICS))), must_read=draw(st.booleans()))
        for n, kind in enumerate(kinds)
    )


@given(items=issues(), policy=policies)
def test_no_topics_means_everything(items: tuple[EditionItem, ...], policy: NothingLeft) -> None:
    assert choose(items, (), policy) == tuple(range(len(items)))


@given(items=issues(), topics=chosen_topics, policy=policies)
def test_the_order_of_the_issue_stays(
    items: tuple[EditionItem, ...], topics: frozenset[str], policy: NothingLeft
) -> None:
    chosen = choose(items, topics, policy)
    assert list(chosen) == sorted(set(chosen))
    assert set(chosen) <= set(range(len(items)))


@given(items=issues(), topics=chosen_topics, policy=policies)
def test_what_is_for_everybody_is_always_in_when_anything_is(
    items: tuple[EditionItem, ...], topics: frozenset[str], policy: NothingLeft
) -> None:
    for_all = {i.position for i in items if i.must_read or i.kind is Kind.SUMMARY or not i.topics}
    chosen = choose(items, topics, policy)
    assert not chosen or for_all <= set(chosen)
    if any(items[n].kind is not Kind.SUMMARY for n in for_all):
        assert chosen


@given(items=issues(), topics=chosen_topics, policy=policies)
def test_what_is_in_has_a_reason(items: tuple[EditionItem, ...], topics: frozenset[str], policy: NothingLeft) -> None:
    for position in choose(items, topics, policy) if topics else ():
        one = items[position]
        assert one.kind is Kind.SUMMARY or one.must_read or not one.topics or one.topics & topics


@given(items=issues(), topics=chosen_topics, more=chosen_topics, policy=policies)
def test_more_topics_never_take_anything_away(
    items: tuple[EditionItem, ...], topics: frozenset[str], more: frozenset[str], policy: NothingLeft
) -> None:
    if topics:
        assert set(choose(items, topics, policy)) <= set(choose(items, topics | more, policy))


@given(items=issues(), topics=chosen_topics)
def test_the_policies_differ_only_where_the_summary_is_alone(
    items: tuple[EditionItem, ...], topics: frozenset[str]
) -> None:
    sent, skipped = choose(items, topics, NothingLeft.SUMMARY), choose(items, topics, NothingLeft.SKIP)
    if sent != skipped:
        assert skipped == ()
        assert all(items[n].kind is Kind.SUMMARY for n in sent)
        assert len(sent) < len(items)


ISSUE = (item(0, Kind.SUMMARY), item(1, Kind.ARTICLES, "mri"), item(2, Kind.ARTICLES, "ct", "cardiac"))


@pytest.mark.parametrize(
    ("topics", "policy", "expected"),
    [
        ({"mri"}, NothingLeft.SKIP, (0, 1)),
        ({"cardiac", "mri"}, NothingLeft.SKIP, (0, 1, 2)),
        ({"regulation"}, NothingLeft.SUMMARY, (0,)),
        ({"regulation"}, NothingLeft.SKIP, ()),
        ((), NothingLeft.SKIP, (0, 1, 2)),
    ],
)
def test_choosing_by_example(topics: frozenset[str], policy: NothingLeft, expected: tuple[int, ...]) -> None:
    assert choose(ISSUE, topics, policy) == expected


def test_an_issue_that_is_only_a_summary_is_sent_to_everybody() -> None:
    assert choose(ISSUE[:1], {"mri"}, NothingLeft.SKIP) == (0,)


def test_an_issue_without_a_summary_can_leave_nothing() -> None:
    assert choose(ISSUE[1:], {"regulation"}, NothingLeft.SUMMARY) == ()


@given(items=issues(), topics=chosen_topics, excluded=chosen_topics)
def test_what_is_excluded_is_left_out_unless_it_is_a_must_read(
    items: tuple[EditionItem, ...], topics: frozenset[str], excluded: frozenset[str]
) -> None:
    wanted = {items[n].position for n in choose(items, topics, NothingLeft.SUMMARY)}
    unwanted = {
        item.position
        for item in items
        if item.topics & excluded and not item.must_read and item.kind is not Kind.SUMMARY
    }
    assert set(choose(items, topics, NothingLeft.SUMMARY, excluded)) == wanted - unwanted

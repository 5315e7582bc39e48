"""No second gets more than is allowed, whoever asks in whatever order; a refusal slows down, quiet speeds up again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.delivery.pacing.rate import AS_ALLOWED, SHARE, Lane, Slowing, allowance, slot
from tests.factories.people import NOW

LIMITS = st.one_of(st.integers(1, 3000).map(float), st.floats(0.2, 40))
SECOND = timedelta(seconds=1)

Slots = list[tuple[datetime, int]]
Request = tuple[Lane, int, int]
"""Whose, what share (of 100) of the largest call, how many microseconds after the one before."""

REQUESTS = st.lists(st.tuples(st.sampled_from(Lane), st.integers(1, 100), st.integers(0, 400_000)), max_size=120)


def slots(limit: float, requests: Sequence[Request]) -> Mapping[Lane, Slots]:
    """Return when the calls of each line begin, and with how many."""
    now, free_at, found = NOW, dict.fromkeys(Lane), defaultdict(list)
    for lane, share, later in requests:
        now += timedelta(microseconds=later)
        allowed = allowance(limit, lane)
        recipients = max(1, allowed.largest * share // 100)
        begin, free_at[allowed.line] = slot(free_at[allowed.line], now, recipients, allowed.rate)
        found[allowed.line].append((begin, recipients))
    return found


def most_within(found: Slots, window: timedelta) -> int:
    """Return the most recipients whose calls begin within a `window`, wherever it lies."""
    return max((sum(n for at, n in found if begin <= at < begin + window) for begin, _ in found), default=0)


@given(LIMITS, REQUESTS)
def test_no_second_gets_more_than_the_limit_with_both_lanes_together(limit: float, requests: list[Request]) -> None:
    everything = [each for found in slots(limit, requests).values() for each in found]
    assert most_within(everything, SECOND) <= ceil(limit)


@given(LIMITS, REQUESTS, st.floats(0.05, 30))
def test_no_window_gets_more_than_the_rate_and_one_call(limit: float, requests: list[Request], seconds: float) -> None:
    for line, found in slots(limit, requests).items():
        allowed = allowance(limit, line)
        assert most_within(found, timedelta(seconds=seconds)) <= allowed.rate * seconds + allowed.largest


@given(LIMITS, st.lists(st.integers(1, 100), min_size=1, max_size=60))
def test_who_asks_without_a_break_gets_the_whole_rate(limit: float, shares: list[int]) -> None:
    found = slots(limit, [(Lane.BULK, share, 0) for share in shares])[Lane.BULK]
    before_the_last = sum(n for _, n in found[:-1])
    took = (found[-1][0] - NOW).total_seconds()
    assert took == pytest.approx(before_the_last / allowance(limit, Lane.BULK).rate, abs=len(shares) * 1e-6)


@given(LIMITS)
def test_both_lanes_share_the_rate_and_no_call_is_larger_than_a_second_of_it(limit: float) -> None:
    bulk, preview = allowance(limit, Lane.BULK), allowance(limit, Lane.PREVIEW)
    rates = {allowed.line: allowed.rate for allowed in (bulk, preview)}
    assert sum(rates.values()) == pytest.approx(SHARE * limit)
    for allowed in (bulk, preview):
        assert 1 <= allowed.largest <= max(1, allowed.rate)


@pytest.mark.parametrize(
    ("limit", "bulk", "preview"),
    [
        (1, ("bulk", 0.85, 1), ("bulk", 0.85, 1)),
        (10, ("bulk", 8.5, 2), ("bulk", 8.5, 2)),
        (14, ("bulk", 10.71, 2), ("preview", 1.19, 1)),
        (100, ("bulk", 80.0, 16), ("preview", 5.0, 1)),
        (500, ("bulk", 420.0, 76), ("preview", 5.0, 1)),
    ],
)
def test_what_the_usual_accounts_come_to(
    limit: float, bulk: tuple[str, float, int], preview: tuple[str, float, int]
) -> None:
    for lane, expected in ((Lane.BULK, bulk), (Lane.PREVIEW, preview)):
        allowed = allowance(limit, lane)
        assert (allowed.line, round(allowed.rate, 6), allowed.largest) == expected


def test_a_test_mail_does_not_wait_behind_a_campaign() -> None:
    campaign: list[Request] = [(Lane.BULK, 100, 0)] * 500
    found = slots(14, [*campaign, (Lane.PREVIEW, 100, 0)])
    assert found[Lane.PREVIEW] == [(NOW, 1)]


@given(st.lists(st.tuples(st.booleans(), st.floats(0, 90)), max_size=40))
def test_a_refusal_halves_the_rate_and_quiet_brings_all_of_it_back(events: list[tuple[bool, float]]) -> None:
    slowing, now = AS_ALLOWED, NOW
    for refused, later in events:
        before = slowing.at(now)
        now += timedelta(seconds=later)
        assert slowing.at(now) >= before
        if refused:
            pausing = slowing.since is not None and now < slowing.resumes_at(slowing.since)
            before, slowing = slowing.at(now), slowing.throttled(now)
            assert slowing.at(now) == (before if pausing else max(1 / 16, before / 2))
    assert slowing.at(now + timedelta(seconds=100)) == 1


def test_the_rate_comes_back_step_by_step() -> None:
    slowing = AS_ALLOWED.throttled(NOW)
    factors = [slowing.at(NOW + timedelta(seconds=seconds)) for seconds in (0, 9, 10, 20, 49, 50, 600)]
    assert factors == pytest.approx([0.5, 0.5, 0.6, 0.7, 0.9, 1.0, 1.0])


def test_refusals_of_calls_that_were_under_way_count_as_one() -> None:
    slowing = AS_ALLOWED
    for milliseconds in range(0, 1900, 100):
        slowing = slowing.throttled(NOW + timedelta(milliseconds=milliseconds))
    assert slowing == Slowing(0.5, NOW)


def test_a_slower_rate_makes_smaller_calls() -> None:
    allowed = allowance(500, Lane.BULK).slowed(1 / 16)
    assert (allowed.rate, allowed.largest) == (26.25, 26)

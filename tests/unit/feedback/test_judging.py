"""When figures are reason to stop: never by chance alone, always in the end."""

from __future__ import annotations

from fractions import Fraction
from math import comb

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from newsletter.delivery.guarding.finding import Cause, Figures
from newsletter.feedback.reputation.judging import (
    DOUBT,
    FEWEST_BOUNCES,
    FEWEST_COMPLAINTS,
    FEWEST_MAILS,
    Limits,
    exceeds,
    judge,
)

LIMITS = Limits()
limits = st.floats(0.0005, 0.2)
numbers = st.integers(0, 3000)


def stops(bounces: int, mails: int) -> bool:
    return judge(Figures(mails, bounces), LIMITS) is not None


@pytest.mark.parametrize(
    ("bounces", "mails", "stop"),
    [(3, 50, False), (6, 50, False), (7, 50, True), (31, 500, False), (32, 500, True), (150, 5000, False),
     (233, 5000, False), (234, 5000, True), (300, 5000, True), (50, 50, True), (49, 49, False), (0, 0, False),
     (400_000, 10_000_000, False), (410_000, 10_000_000, True)],
)  # fmt: skip
def test_bounces_by_the_numbers_in_the_docs(bounces: int, mails: int, stop: bool) -> None:  # noqa: FBT001 - a parameter
    assert stops(bounces, mails) is stop


@pytest.mark.parametrize(
    ("complaints", "mails", "stop"),
    [(2, 500, False), (3, 500, True), (3, 1000, False), (4, 1000, True), (9, 5000, False), (10, 5000, True),
     (55, 50_000, False), (56, 50_000, True), (3, 49, False)],
)  # fmt: skip
def test_complaints_by_the_numbers_in_the_docs(complaints: int, mails: int, stop: bool) -> None:  # noqa: FBT001 - a parameter
    assert (judge(Figures(mails, 0, complaints), LIMITS) is not None) is stop


@given(harm=st.integers(0, 120), mails=st.integers(FEWEST_MAILS, 120), limit=limits)
def test_it_is_the_exact_test(harm: int, mails: int, limit: float) -> None:
    assume(harm <= mails)
    share = Fraction(limit)
    tail = sum(comb(mails, k) * share**k * (1 - share) ** (mails - k) for k in range(harm, mails + 1))
    assume(abs(float(tail) - DOUBT) > 1e-9)
    expected = tail < DOUBT and harm >= FEWEST_BOUNCES and harm > mails * limit
    assert exceeds(harm, mails, limit, fewest=FEWEST_BOUNCES) is expected


@given(harm=numbers, mails=numbers, limit=limits)
def test_more_harm_never_ends_an_alarm_and_less_never_begins_one(harm: int, mails: int, limit: float) -> None:
    assume(harm < mails)
    if exceeds(harm, mails, limit, fewest=FEWEST_BOUNCES):
        assert exceeds(harm + 1, mails, limit, fewest=FEWEST_BOUNCES)
        assert exceeds(harm, mails, limit / 2, fewest=FEWEST_BOUNCES), "nor does a lower limit"
        if mails > FEWEST_MAILS:
            assert exceeds(harm, mails - 1, limit, fewest=FEWEST_BOUNCES), "nor fewer mails that did the same harm"


@given(bounces=numbers, complaints=numbers, mails=numbers, bounced=limits, complained=limits)
def test_below_the_least_evidence_there_is_never_an_alarm(
    bounces: int, complaints: int, mails: int, bounced: float, complained: float
) -> None:
    found = judge(Figures(mails, bounces, complaints), Limits(bounced, complained))
    if mails < FEWEST_MAILS or (bounces < FEWEST_BOUNCES and complaints < FEWEST_COMPLAINTS):
        assert found is None
    if bounces <= bounced * mails and complaints <= complained * mails:
        assert found is None, "nor for a rate that keeps the limits"


def test_the_reason_says_what_was_seen() -> None:
    found = judge(Figures(5000, 300, 40), LIMITS)
    assert found is not None
    assert found.cause is Cause.BOUNCES
    assert found.reason == "300 of 5000 mails bounced for good (6 %): surely more than the limit of 4 %."
    recent = judge(Figures(5000, 3, 40), LIMITS, days=14)
    assert recent is not None
    assert recent.cause is Cause.RECENT_COMPLAINTS
    assert recent.reason == (
        "40 of 5000 mails of the last 14 days were called spam by their readers (0.8 %): surely more than the limit of "
        "0.08 %."
    )


def test_it_warns_at_the_half() -> None:
    assert judge(Figures(5000, 150), LIMITS.halved) is not None
    assert judge(Figures(5000, 100), LIMITS.halved) is None

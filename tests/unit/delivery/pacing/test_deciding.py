"""Whoever asks gets a slot, a moment to come back at, or the reason why nothing may leave."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.delivery.account import UNLIMITED
from newsletter.delivery.pacing.deciding import Granted, Held, LookFirst, Stopped, largest_call
from newsletter.delivery.pacing.gauge import Gauge, Rules, seen, throttled, used_up
from newsletter.delivery.pacing.rate import Lane
from newsletter.delivery.pacing.warmup import Warmup
from tests.factories.people import NOW
from tests.fakes.pacing import Installation, account

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
FAST = 100_000.0
SOON_OR_LATE = st.floats(0, 90) | st.floats(0, 8 * 3600)
"""Seconds between two requests."""


def granted(answer: object) -> Granted:
    assert isinstance(answer, Granted), answer
    return answer


def held(answer: object) -> Held:
    assert isinstance(answer, Held), answer
    return answer


@given(
    st.integers(0, 300),
    st.lists(st.tuples(st.integers(1, 60), st.sampled_from(Lane), SOON_OR_LATE, st.floats(0, 50)), max_size=80),
)
def test_no_24_hours_ever_get_more_than_the_quota(quota: int, requests: list[tuple[int, Lane, float, float]]) -> None:
    everybody = Installation(quota=quota, max_rate=FAST)
    for recipients, lane, later, takes in requests:
        everybody.now += timedelta(seconds=later)
        answer = everybody.request(recipients, lane, timedelta(seconds=takes))
        if isinstance(answer, Held):
            assert answer.until > everybody.now
    assert everybody.most_in_a_day() <= quota


@given(st.integers(1, 400), st.lists(st.integers(1, 90), min_size=1, max_size=30))
def test_whoever_comes_back_when_they_were_told_to_gets_through_in_the_end(quota: int, calls: list[int]) -> None:
    everybody = Installation(quota=quota, max_rate=FAST)
    waits = 0
    for recipients in calls:
        left = recipients
        while left:
            size = min(left, largest_call(everybody.gauge, everybody.rules, Lane.BULK, everybody.now))
            answer = everybody.request(size)
            if isinstance(answer, Held):
                everybody.now, waits = answer.until, waits + 1
            else:
                left -= size
    assert everybody.most_in_a_day() <= quota
    assert waits <= 2 * len(everybody.arrivals), "nobody was woken for nothing, but to count again"


def test_the_whole_quota_is_used_before_anybody_waits() -> None:
    everybody = Installation(quota=120, max_rate=FAST)
    sent = 0
    while isinstance(everybody.request(size := min(50, largest_call(everybody.gauge, everybody.rules, Lane.BULK, NOW))),
                     Granted):  # fmt: skip
        sent += size
    assert sent == 120


def test_a_held_campaign_is_told_when_the_first_mails_leave_the_24_hours() -> None:
    everybody = Installation(quota=100, max_rate=FAST)
    for _ in range(4):
        granted(everybody.request(25))
        everybody.now += HOUR
    answer = held(everybody.request(25))
    assert answer.until == NOW + DAY + MINUTE
    assert "of 100 recipients Amazon SES has counted 100" in answer.reason
    everybody.now = answer.until
    granted(everybody.request(25))
    everybody.now = held(everybody.request(25)).until
    assert held(everybody.request(25)).until == NOW + HOUR + DAY + MINUTE


def test_what_ses_may_have_counted_already_is_counted_anew_in_two_minutes() -> None:
    everybody = Installation(quota=100, max_rate=FAST)
    for _ in range(2):
        granted(everybody.request(50))
    assert held(everybody.request(1)).until == NOW + 2 * MINUTE
    everybody.arrivals.pop()  # the second call failed
    everybody.now += 2 * MINUTE
    granted(everybody.request(50))
    assert held(everybody.request(1)).until == everybody.now + 2 * MINUTE


def test_mails_of_somebody_else_are_waited_for_by_the_hour() -> None:
    everybody = Installation(quota=100)
    everybody.arrivals.append((NOW - HOUR, 100))
    assert held(everybody.request(1)).until == NOW + HOUR


def test_a_call_that_is_too_large_for_what_is_left_comes_back_smaller_at_once() -> None:
    everybody = Installation(quota=60, max_rate=FAST)
    granted(everybody.request(50))
    assert held(everybody.request(50)).until == NOW + timedelta(seconds=1)
    assert largest_call(everybody.gauge, everybody.rules, Lane.BULK, NOW) == 10
    granted(everybody.request(10))


def test_nobody_waits_where_the_quota_has_no_limit() -> None:
    everybody = Installation(quota=UNLIMITED, max_rate=FAST)
    assert all(isinstance(everybody.request(50), Granted) for _ in range(200))


def test_what_is_kept_for_later_is_left_alone_but_by_test_mails() -> None:
    everybody = Installation(quota=100, max_rate=FAST, kept=70)
    granted(everybody.request(30))
    assert "70 are kept for what is scheduled" in held(everybody.request(1)).reason
    granted(everybody.request(1, Lane.PREVIEW))


def test_the_account_is_asked_at_the_start_and_then_once_a_minute_by_one_of_all() -> None:
    everybody = Installation(max_rate=FAST)
    for _ in range(300):
        granted(everybody.request(1))
        everybody.now += timedelta(seconds=1)
    assert everybody.looks == 5
    everybody.now += HOUR
    assert everybody.decided(1) == LookFirst(everybody.now, needed=True)
    assert everybody.decided(1) == LookFirst(everybody.now, needed=True), "nobody else goes on without an answer"


def test_while_one_looks_the_others_go_on() -> None:
    everybody = Installation(max_rate=FAST)
    granted(everybody.request(1))
    everybody.now += 2 * MINUTE
    assert everybody.decided(1) == LookFirst(everybody.now, needed=False)
    granted(everybody.decided(1))


def test_who_is_under_way_goes_on_though_the_account_does_not_answer_for_hours() -> None:
    everybody = Installation(max_rate=FAST)
    granted(everybody.request(1))
    for _ in range(600):
        everybody.now += timedelta(seconds=30)
        answer = everybody.decided(1)
        assert answer == LookFirst(everybody.now, needed=False) or isinstance(answer, Granted)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"enforcement": "SHUTDOWN"}, "suspended"),
        ({"sending_enabled": False}, "switched off"),
        ({"max_rate": 0.0}, "MaxSendRate is 0"),
    ],
)
def test_an_account_that_may_not_send_stops_the_campaign_until_it_says_otherwise(
    changed: dict[str, object], words: str
) -> None:
    everybody = Installation()
    everybody.gauge = seen(Gauge(), account(**changed), NOW, since=0, kept=0)  # type: ignore[arg-type]  # by name, as it takes them
    answer = everybody.decided(1)
    assert isinstance(answer, Stopped)
    assert words in answer.reason
    everybody.now += timedelta(seconds=5)
    assert isinstance(everybody.decided(1), LookFirst), "a person may have mended it"


def test_an_older_answer_does_not_replace_a_newer_one() -> None:
    gauge = seen(Gauge(), account(sent=70), NOW, since=0, kept=0)
    assert seen(gauge, account(sent=10), NOW - MINUTE, since=0, kept=0) == gauge


def test_a_refusal_pauses_both_lanes_and_has_the_account_looked_at() -> None:
    everybody = Installation()
    granted(everybody.request(1))
    everybody.now += timedelta(seconds=10)
    everybody.gauge = throttled(everybody.gauge, everybody.now)
    looks = everybody.looks
    assert granted(everybody.request(1)).wait == 2
    assert granted(everybody.request(1, Lane.PREVIEW)).wait == 2
    assert everybody.looks == looks + 1
    assert granted(everybody.request(1)).wait == pytest.approx(2 + 1 / (10.71 / 2), abs=1e-5)


def test_the_word_of_ses_that_the_quota_is_used_up_goes_before_its_count() -> None:
    everybody = Installation(quota=100, max_rate=FAST)
    granted(everybody.request(20))
    everybody.now += 3 * MINUTE
    everybody.gauge = used_up(everybody.gauge, everybody.now)
    answer = held(everybody.request(20))
    assert answer.until == NOW + DAY + MINUTE
    everybody.now += timedelta(minutes=5)
    granted(everybody.request(20))


def test_used_up_without_a_quota_is_believed_for_an_hour() -> None:
    everybody = Installation(quota=UNLIMITED)
    granted(everybody.request(1))
    everybody.gauge = used_up(everybody.gauge, NOW)
    assert held(everybody.request(1)).until == NOW + HOUR


def test_warm_up_holds_until_the_next_day_and_ends() -> None:
    rules = Rules(asks_account=True, warmup=Warmup(date(2026, 3, 6), (20, 50)))
    everybody = Installation(rules=rules, max_rate=FAST)
    granted(everybody.request(20))
    answer = held(everybody.request(1))
    assert answer.until == datetime(2026, 3, 7, tzinfo=UTC)
    assert "allows 20 recipients on 2026-03-06" in answer.reason
    granted(everybody.request(1, Lane.PREVIEW))
    everybody.now = answer.until
    granted(everybody.request(50))
    everybody.now = held(everybody.request(1)).until
    granted(everybody.request(5_000))


@given(
    st.lists(st.integers(1, 60), min_size=1, max_size=6).map(sorted),
    st.lists(st.tuples(st.integers(1, 30), st.floats(0, 20 * 3600)), max_size=60),
)
def test_no_day_gets_more_than_its_ceiling(ceilings: list[int], requests: list[tuple[int, float]]) -> None:
    rules = Rules(warmup=Warmup(date(2026, 3, 7), tuple(ceilings)), cap=20.0)
    everybody = Installation(rules=rules)
    for recipients, later in requests:
        everybody.now += timedelta(seconds=later)
        everybody.request(recipients)
    for day in {at.date() for at, _ in everybody.arrivals}:
        ceiling = rules.warmup.ceiling(day) if rules.warmup else None
        assert ceiling is None or sum(n for at, n in everybody.arrivals if at.date() == day) <= ceiling


def test_without_an_account_the_cap_alone_holds() -> None:
    everybody = Installation(rules=Rules(cap=10.0))
    waits = [granted(everybody.request(2)).wait for _ in range(3)]
    assert waits == pytest.approx([0, 2 / 8.5, 4 / 8.5], abs=1e-5)
    assert everybody.looks == 0


def test_the_cap_goes_before_a_faster_account_and_not_before_a_slower_one() -> None:
    for cap, expected in ((10.0, 2 / 8.5), (1000.0, 2 / 10.71)):
        everybody = Installation(rules=Rules(asks_account=True, cap=cap))
        everybody.request(2)
        assert granted(everybody.request(2)).wait == pytest.approx(expected, abs=1e-5)


def test_without_any_limit_nothing_waits_and_calls_are_as_large_as_they_like() -> None:
    everybody = Installation(rules=Rules(warmup=Warmup(date(2020, 1, 1), (1,))))
    assert granted(everybody.request(100_000)).wait == 0
    assert largest_call(everybody.gauge, everybody.rules, Lane.BULK, NOW) > 100_000


def test_before_the_account_is_known_a_call_has_one_recipient() -> None:
    assert largest_call(Gauge(), Rules(asks_account=True), Lane.BULK, NOW) == 1


@given(st.floats(1, 1e8), st.lists(st.sampled_from(Lane), max_size=40), st.sampled_from(Lane))
def test_a_clock_that_is_set_back_stops_nobody_and_lets_nobody_through_earlier(
    back: float, calls: list[Lane], lane: Lane
) -> None:
    everybody = Installation(rules=Rules(cap=14.0))
    everybody.gauge = throttled(Gauge(at=NOW), everybody.now)
    for each in calls:
        everybody.request(1, each)
    undisturbed = granted(replace_of(everybody).request(1, lane)).wait
    everybody.now -= timedelta(seconds=back)
    assert granted(everybody.request(1, Lane.BULK if lane is Lane.PREVIEW else Lane.PREVIEW))
    assert granted(everybody.request(1, lane)).wait == pytest.approx(undisturbed, abs=1e-5)
    everybody.now += timedelta(hours=1)
    everybody.request(1)
    assert granted(everybody.request(1)).wait == pytest.approx(1 / 10.71, abs=1e-5), "as fast as ever"


def test_of_two_transports_in_turn_the_account_of_one_says_nothing_to_the_other() -> None:
    everybody = Installation(quota=0)
    held(everybody.request(1))
    everybody.rules = Rules(cap=10.0)
    granted(everybody.request(1))


def replace_of(everybody: Installation) -> Installation:
    """Return the same, to be asked in its stead."""
    return replace(everybody, minutes=everybody.minutes.copy(), arrivals=list(everybody.arrivals))

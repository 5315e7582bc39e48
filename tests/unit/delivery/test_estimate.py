"""How long a campaign takes, day by day, under a rate, a quota and a warm-up."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.delivery.account import UNLIMITED
from newsletter.delivery.estimate import Share, forecast
from newsletter.delivery.pacing.gauge import Gauge, Rules
from newsletter.delivery.pacing.rate import Lane
from newsletter.delivery.pacing.warmup import Warmup
from tests.fakes.pacing import account

MORNING = datetime(2026, 3, 6, 6, 0, tzinfo=UTC)
WITH_ACCOUNT = Rules(asks_account=True)
MARCH = [date(2026, 3, day) for day in range(1, 32)]


def test_without_any_limit_only_the_mails_are_known() -> None:
    found = forecast(1_000, Gauge(), Rules(), now=MORNING)
    assert (found.rate, found.seconds, found.room) == (None, None, None)
    assert (found.days, found.complete) == ((Share(MARCH[5], 1_000),), True)


def test_the_rate_says_how_long_it_takes() -> None:
    found = forecast(42_000, Gauge(account=account(UNLIMITED, max_rate=500.0)), WITH_ACCOUNT, now=MORNING)
    assert (found.rate, found.seconds, found.room) == (420, 100, None)


def test_a_slow_account_sends_through_the_night() -> None:
    found = forecast(100_000, Gauge(account=account(UNLIMITED, max_rate=1.0)), WITH_ACCOUNT, now=MORNING)
    assert found.days == (Share(MARCH[5], 55_080), Share(MARCH[6], 44_920))


def test_what_the_quota_does_not_let_through_today_goes_on_the_next_days() -> None:
    gauge = Gauge(account=account(50_000, sent=20_000, max_rate=500.0), kept_for_later=10_000)
    found = forecast(100_000, gauge, WITH_ACCOUNT, now=MORNING)
    assert found.room == 20_000
    assert [share.mails for share in found.days] == [20_000, 50_000, 30_000]


def test_ceilings_of_a_warm_up_stretch_it_and_then_end() -> None:
    rules = Rules(cap=500.0, warmup=Warmup(MARCH[4], (100, 200, 500)))
    gauge = Gauge(day=MORNING.date(), today=50)
    found = forecast(1_000, gauge, rules, now=MORNING)
    assert found.days == (Share(MARCH[5], 150), Share(MARCH[6], 500), Share(MARCH[7], 350))


def test_a_quota_that_is_used_up_sends_nothing_today_and_none_at_all_never_ends() -> None:
    used = Gauge(account=account(200, sent=250))
    found = forecast(100, used, WITH_ACCOUNT, now=MORNING)
    assert (found.room, found.days) == (0, (Share(MARCH[6], 100),))
    never = forecast(100, Gauge(account=account(0)), WITH_ACCOUNT, now=MORNING)
    assert (never.days, never.complete) == ((), False)


def test_nobody_takes_no_time() -> None:
    found = forecast(0, Gauge(account=account()), WITH_ACCOUNT, now=MORNING)
    assert (found.days, found.complete, found.seconds) == ((), True, 0)


@given(
    st.integers(0, 200_000),
    st.integers(1, 60_000),
    st.integers(0, 60_000),
    st.integers(1, 50),
    st.lists(st.integers(1, 5_000), max_size=5).map(sorted),
)
def test_no_day_has_more_than_the_limits_allow_and_nobody_is_left_out(
    mails: int, quota: int, sent: int, rate: int, ceilings: list[int]
) -> None:
    rules = Rules(asks_account=True, warmup=Warmup(MORNING.date(), tuple(ceilings)))
    gauge = Gauge(account=account(quota, sent, float(rate)))
    found = forecast(mails, gauge, rules, now=MORNING)
    assert found.complete == (sum(share.mails for share in found.days) == mails)
    assert found.complete or len(found.days) > 300
    allowed = gauge.allowance(rules, Lane.BULK, MORNING)
    assert allowed is not None
    for share in found.days:
        index = (share.day - MORNING.date()).days
        assert 0 < share.mails <= min(quota, allowed.rate * 86_400)
        assert index >= len(ceilings) or share.mails <= ceilings[index]


@pytest.mark.parametrize("mails", [1, 1_000_000])
def test_a_slowed_down_account_is_taken_as_it_is_now(mails: int) -> None:
    slow = Gauge(account=account(UNLIMITED, max_rate=500.0)).slowing.throttled(MORNING)
    found = forecast(mails, Gauge(account=account(UNLIMITED, max_rate=500.0), slowing=slow), WITH_ACCOUNT, now=MORNING)
    assert found.rate == 210

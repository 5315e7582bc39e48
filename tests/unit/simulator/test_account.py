"""The rate's bucket and the rolling day."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.simulator.account import Account, Rate, RollingDay
from newsletter.simulator.errors import ServiceError
from newsletter.simulator.options import Options

if TYPE_CHECKING:
    from collections.abc import Sequence

NOW = 1_800_000_000.0


def test_a_call_may_go_into_debt_and_then_nothing_passes_until_it_is_paid() -> None:
    rate = Rate(per_second=1)
    assert rate.take(5, NOW)
    assert [rate.take(1, NOW + second) for second in (1, 2, 3, 4, 4.9)] == [False] * 5
    assert rate.take(1, NOW + 5)


def test_unused_seconds_are_not_saved_up() -> None:
    rate = Rate(per_second=10)
    assert rate.take(1, NOW)
    taken = sum(rate.take(1, NOW + 3600) for _ in range(50))
    assert taken == 10


@given(
    st.integers(1, 100),
    st.lists(st.tuples(st.integers(1, 50), st.floats(0, 3, allow_nan=False)), min_size=1, max_size=60),
)
def test_over_any_time_no_more_passes_than_rate_burst_and_one_call(
    per_second: int, calls: Sequence[tuple[int, float]]
) -> None:
    rate, now, passed = Rate(per_second), NOW, 0
    for recipients, later in calls:
        now += later
        passed += recipients if rate.take(recipients, now) else 0
    assert passed <= per_second * (now - NOW) + per_second + 50


@given(st.lists(st.tuples(st.integers(1, 1000), st.integers(0, 10_000)), max_size=50), st.integers(0, 200_000))
def test_the_day_counts_what_is_younger_than_a_day(sends: list[tuple[int, int]], later: int) -> None:
    day, now, sent = RollingDay(), NOW, []
    for recipients, seconds in sends:
        now += seconds
        day.add(recipients, now)
        sent.append((now, recipients))
    now += later
    assert day.total(now) == sum(recipients for at, recipients in sent if at > now - 86_400)


def test_the_quota_is_free_again_after_24_hours() -> None:
    account = Account.opened(Options(max_24_hour_send=10.0))
    account.admit(10, NOW)
    account.day.add(10, NOW)
    with pytest.raises(ServiceError, match=r"^Daily message quota exceeded\.$"):
        account.admit(1, NOW + 86_399)
    account.admit(1, NOW + 86_400)

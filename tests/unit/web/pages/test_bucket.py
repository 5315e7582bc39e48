"""Pages for one visitor: so many at once, then as they come back."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from newsletter.web.pages.bucket import Buckets, Rate
from tests.factories.people import NOW

RATE = Rate(5, timedelta(minutes=1))


def test_so_many_at_once_then_one_after_another() -> None:
    buckets = Buckets()
    assert [buckets.take([("a", RATE)], NOW) for _ in range(5)] == [None] * 5
    assert buckets.take([("a", RATE)], NOW) == NOW + timedelta(seconds=12)
    assert buckets.take([("b", RATE)], NOW) is None
    assert buckets.take([("a", RATE)], NOW + timedelta(seconds=12)) is None
    assert buckets.take([("a", RATE)], NOW + timedelta(seconds=13)) is not None


@given(st.lists(st.integers(0, 30), max_size=80))
def test_never_more_than_twice_the_rate_in_its_time(pauses: list[int]) -> None:
    buckets, now, taken = Buckets(), NOW, list[datetime]()
    for seconds in pauses:
        now += timedelta(seconds=seconds)
        if buckets.take([("a", RATE)], now) is None:
            taken.append(now)
    for first in taken:
        assert sum(first <= each < first + RATE.within for each in taken) < 2 * RATE.most

"""How often one visitor may load pages: counted in this process, without a database, since loading changes nothing."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime, timedelta

_REMEMBERED = 20_000
"""Visitors; who was not seen for longest is forgotten, which costs 2 MB and is the side of the visitor."""


@dataclass(frozen=True, slots=True)
class Rate:
    """`most` at once, and as many again spread over `within` (GCRA: a leaky bucket in one instant per key)."""

    most: int
    within: timedelta


@dataclass
class Buckets:
    """The buckets of this process. Any thread may ask."""

    _full_at: OrderedDict[str, datetime] = field(default_factory=OrderedDict)
    """By key, the instant at which its bucket is full again."""
    _lock: Lock = field(default_factory=Lock)

    def take(self, wanted: Iterable[tuple[str, Rate]], now: datetime) -> datetime | None:
        """Take one from the bucket of every key; None, or when there is one again."""
        with self._lock:
            later = [self._take(key, rate, now) for key, rate in wanted]
        return max((each for each in later if each is not None), default=None)

    def _take(self, key: str, rate: Rate, now: datetime) -> datetime | None:
        filled = max(self._full_at.get(key, now), now) + rate.within / rate.most
        if filled - now > rate.within:
            return filled - rate.within
        self._full_at[key] = filled
        self._full_at.move_to_end(key)
        if len(self._full_at) > _REMEMBERED:
            self._full_at.popitem(last=False)
        return None

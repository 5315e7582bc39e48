"""What is to happen later: a heap of moments, gone through as time passes. Pure; the time is handed in."""

from __future__ import annotations

import heapq
from itertools import count
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Agenda:
    """Things to do, each at its time; those of the same time in the order in which they were put down."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, Callable[[float], None]]] = []
        self._numbers = count()
        self.on_earlier: Callable[[], None] = lambda: None
        """Called when something was put down that comes before all else."""

    def add(self, due: float, action: Callable[[float], None]) -> None:
        """Put down `action`, to be called with the time it is then."""
        heapq.heappush(self._heap, (due, next(self._numbers), action))
        if self._heap[0][0] == due:
            self.on_earlier()

    def run(self, now: float, most: int = 1000) -> bool:
        """Do up to `most` of what is due, and what becomes due by it; say whether more is due."""
        for _ in range(most):
            if not self._heap or self._heap[0][0] > now:
                return False
            heapq.heappop(self._heap)[2](now)
        return True

    def run_all(self, now: float) -> None:
        """Do everything that is put down now, due or not."""
        waiting, self._heap = sorted(self._heap), []
        for _, _, action in waiting:
            action(now)

    @property
    def next_due(self) -> float | None:
        """When something is to be done next, if anything is."""
        return self._heap[0][0] if self._heap else None

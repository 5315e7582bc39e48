"""Several threads of one process at the same work."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def crew(size: int, work: Callable[[], None]) -> None:
    """Run `work` in `size` threads until each has returned; raise the first error of any, when all have ended.

    Alone it runs in the calling thread.
    """
    if size == 1:
        work()
        return
    with ThreadPoolExecutor(size, thread_name_prefix="sending") as pool:
        running = [pool.submit(work) for _ in range(size)]
    for each in running:
        each.result()

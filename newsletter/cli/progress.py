"""A line that moves while work is under way: how far, how fast, how long still. Silent in a pipe."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@contextmanager
def progress(label: str, unit: str) -> Iterator[Callable[[int, int], None]]:
    """Yield `report(done, total)`; it may be called as often as one likes, it draws at most ten times a second.

    On standard error and only where that is a terminal, so that standard output and logs stay clean.
    """
    if not sys.stderr.isatty():
        yield _silent
        return
    from tqdm import tqdm  # noqa: PLC0415 - 40 ms, wanted on a terminal only

    with tqdm(desc=label, unit=f" {unit}", file=sys.stderr, dynamic_ncols=True, leave=False) as bar:

        def report(done: int, total: int) -> None:
            if bar.total is None:  # what was done before, by an earlier run, does not count as speed
                bar.initial = bar.n = bar.last_print_n = done
            bar.total = total
            bar.update(done - bar.n)

        yield report


def _silent(_done: int, _total: int) -> None:
    pass

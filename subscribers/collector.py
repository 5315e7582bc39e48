"""Python's collector of cycles, out of the way of those who make a million short-lived rows."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def collector_at_rest() -> Iterator[None]:
    """Keep Python's collector from walking through the whole program every few hundred rows.

    That was a fifth to a quarter of the time. Rows are freed by their counts of references; `sweep` after each batch
    finds the few cycles that are left.
    """
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def sweep() -> None:
    """Collect what is younger than the last sweep but one."""
    gc.collect(1)

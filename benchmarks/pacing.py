"""Pacing: how many slots a second the row gives away, how long one takes, and how well the rate is kept.

    python -m benchmarks.pacing [--database postgresql://…] [--seconds 5]

The database has to be empty; without --database it is a SQLite file in a temporary folder.
"""

from __future__ import annotations

import argparse
import multiprocessing
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime, timedelta
from itertools import chain
from typing import NamedTuple

from sqlalchemy import update

from benchmarks.measuring import machine
from newsletter.delivery.pacing.deciding import Granted
from newsletter.delivery.pacing.gauge import Rules
from newsletter.delivery.pacing.models import PaceRow
from newsletter.delivery.pacing.rate import Lane, allowance
from newsletter.delivery.pacing.rows import Rows
from newsletter.delivery.pacing.shared import SharedPace
from newsletter.schema import upgrade
from subscribers.clock import utc_now
from subscribers.database import open_database

_PROCESSES = (1, 2, 4)
_RATES = (14, 100, 500, 5_000)
_NO_LIMIT = 1e9
_SECOND = timedelta(seconds=1)


class Call(NamedTuple):
    """One call that was asked for."""

    begin: datetime
    recipients: int
    took: float
    """Seconds until the answer was there."""


class Work(NamedTuple):
    """What one process did."""

    calls: list[Call]
    cpu: float


def main() -> None:
    """Measure and print."""
    arguments = _arguments()
    print(machine())
    with tempfile.TemporaryDirectory() as folder:
        url = arguments.database or f"sqlite:///{folder}/pacing.sqlite"
        database = open_database(url)
        upgrade(database)
        database.close()
        for processes in _PROCESSES:
            _print_speed(processes, _run(url, _NO_LIMIT, processes, arguments.seconds))
        for limit in _RATES:
            _print_accuracy(limit, _run(url, limit, _PROCESSES[-1], arguments.seconds))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", help="URL of an empty database")
    parser.add_argument("--seconds", type=float, default=5.0)
    return parser.parse_args()


def _run(url: str, limit: float, processes: int, seconds: float) -> list[Work]:
    _forget(url)
    with ProcessPoolExecutor(processes, mp_context=multiprocessing.get_context("spawn")) as pool:
        list(pool.map(time.sleep, [0.5] * processes))  # all of them are up
        return [each.result() for each in [pool.submit(_ask, url, limit, seconds) for _ in range(processes)]]


def _forget(url: str) -> None:
    """Let the next run begin with a free line."""
    database = open_database(url)
    with database.write() as session:
        session.execute(update(PaceRow).values(bulk_free_at=None))
    database.close()


def _ask(url: str, limit: float, seconds: float) -> Work:
    """Ask for slots as a worker does: one after the other, each waited for."""
    database = open_database(url)
    pace = SharedPace(Rows(database, utc_now), Rules(cap=limit))
    calls = []
    ends, cpu = time.perf_counter() + seconds, time.process_time()
    while time.perf_counter() < ends:
        began = time.perf_counter()
        size = min(50, pace.largest_call())
        answer = pace.ask(size)
        assert isinstance(answer, Granted)
        calls.append(Call(answer.begin, size, time.perf_counter() - began))
        time.sleep(answer.wait)
    cpu = time.process_time() - cpu
    database.close()
    return Work(calls, cpu)


def _print_speed(processes: int, works: list[Work]) -> None:
    calls = sorted(chain.from_iterable(work.calls for work in works))
    took = sorted(call.took for call in calls)
    spent = (calls[-1].begin - calls[0].begin).total_seconds()
    cpu = sum(work.cpu for work in works) / len(calls) * 1000
    print(
        f"{processes} processes: {len(calls) / spent:>6,.0f} slots a second, {_at(took, 0.5)} (p50), "
        f"{_at(took, 0.99)} (p99), {cpu:.2f} ms of our CPU each"
    )


def _print_accuracy(limit: float, works: list[Work]) -> None:
    calls = sorted(chain.from_iterable(work.calls for work in works))
    spent = (calls[-1].begin - calls[0].begin).total_seconds()
    average = sum(call.recipients for call in calls[:-1]) / spent
    worst = max(sum(c.recipients for c in calls if call.begin <= c.begin < call.begin + _SECOND) for call in calls)
    wanted = allowance(limit, Lane.BULK)
    print(
        f"{limit:,} allowed: {average:,.1f} a second on average ({average / wanted.rate:.1%} of {wanted.rate:,.1f}), "
        f"{worst:,} in the worst second, calls of {max(call.recipients for call in calls)}"
    )


def _at(took: list[float], share: float) -> str:
    return f"{took[int((len(took) - 1) * share)] * 1000:.1f} ms"


if __name__ == "__main__":
    main()

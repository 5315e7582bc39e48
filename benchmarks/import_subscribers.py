"""Rows per second of `subscribers import`: fresh, once more unchanged, and once more with other topics.

    python -m benchmarks.import_subscribers --rows 200000 [--database postgresql://…]

The database has to be empty; without --database it is a SQLite file in a temporary folder.
"""

from __future__ import annotations

import argparse
import os
import resource
import tempfile
import time
from pathlib import Path

from newsletter.schema import upgrade
from subscribers.clock import utc_now
from subscribers.database import Database, open_database
from subscribers.importing import import_subscribers
from subscribers.preferences import Vocabulary
from tests.factories.people import TOPICS, make_list

_STEP = 6_700_417
"""A prime: so many numbers on, and again, meets none twice."""
_PROCESSES = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)


def main() -> None:
    """Measure and print."""
    arguments = _arguments()
    with tempfile.TemporaryDirectory() as folder:
        where = Path(folder)
        database = open_database(arguments.database or f"sqlite:///{where}/import.db")
        upgrade(database)
        _measure(database, where, arguments.rows)
        database.close()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--database", help="URL of an empty database")
    return parser.parse_args()


def _measure(database: Database, folder: Path, rows: int) -> None:
    publication = make_list(database)
    vocabulary = Vocabulary.of(publication)
    file = folder / "people.csv"
    for label, topics in (("fresh", TOPICS[:2]), ("unchanged", TOPICS[:2]), ("all updated", TOPICS[2:])):
        _write(file, rows, topics)
        start, used, peaks = time.perf_counter(), _used(), [0]
        report = import_subscribers(
            database,
            publication,
            file,
            vocabulary=vocabulary,
            result=folder / "result.csv",
            now=utc_now(),
            progress=lambda _line, _lines, peaks=peaks: peaks.append(_most()),  # type: ignore[misc]  # its type is that of `progress`
        )
        seconds, cpu = time.perf_counter() - start, _used() - used
        assert rows in (report.added, report.updated, report.unchanged)
        peak = max(peaks) / 1024
        speed = f"{rows / seconds:>7,.0f} rows/s, {rows / cpu:>7,.0f} per CPU-second of ours"
        print(f"{label:>12}: {speed}, peak memory {peak:.0f} MB", flush=True)


def _used() -> float:
    """Return the seconds of CPU that this process, and the one that reads for it, took so far."""
    usages = [resource.getrusage(who) for who in _PROCESSES]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def _most() -> int:
    """Return the KiB that this process and its children had at most; `ru_maxrss` has what a child was copied from."""
    children = Path(f"/proc/self/task/{os.getpid()}/children").read_text(encoding="ascii").split()
    states = [Path(f"/proc/{process}/status").read_text(encoding="utf-8") for process in ("self", *children)]
    return sum(int(line.split()[1]) for state in states for line in state.splitlines() if line.startswith("VmHWM"))


def _write(file: Path, rows: int, topics: tuple[str, ...]) -> None:
    """Write people in no order, as other tools export them; no memory is needed for them."""
    with file.open("w", encoding="utf-8") as out:
        out.write("email,name,language,topics\n")
        for row in range(rows):
            number = row * _STEP % (10 * rows + 1)
            topic = topics[number % len(topics)]
            out.write(f"Reader.{number}@mail-{number % 997}.example.org,Reader Nº {number},fr;en,{topic}\n")


if __name__ == "__main__":
    main()

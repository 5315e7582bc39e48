"""Rows per second of `subscribers import`: fresh, once more unchanged, and once more with other topics.

    python -m benchmarks.import_subscribers --rows 200000 [--database postgresql://…]

The database has to be empty; without --database it is a SQLite file in a temporary folder.
"""

from __future__ import annotations

import argparse
import random
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


def main() -> None:
    """Measure and print."""
    arguments = _arguments()
    with tempfile.TemporaryDirectory() as folder:
        where = Path(folder)
        database = open_database(arguments.database or f"sqlite:///{where}/import.db")
        upgrade(database)
        _measure(database, where, arguments.rows)
        database.close()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory of this process: {peak:.0f} MB")


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
        start, used = time.perf_counter(), time.process_time()
        report = import_subscribers(
            database, publication, file, vocabulary=vocabulary, result=folder / "result.csv", now=utc_now()
        )
        seconds, cpu = time.perf_counter() - start, time.process_time() - used
        assert rows in (report.added, report.updated, report.unchanged)
        print(f"{label:>12}: {rows / seconds:>7,.0f} rows/s, {rows / cpu:>7,.0f} per CPU-second of this process")


def _write(file: Path, rows: int, topics: tuple[str, ...]) -> None:
    """Write people in no order, as other tools export them."""
    chance = random.Random(1)  # the same file every time
    numbers = chance.sample(range(10 * rows), rows)
    with file.open("w", encoding="utf-8") as out:
        out.write("email,name,language,topics\n")
        for number in numbers:
            topic = topics[number % len(topics)]
            out.write(f"Reader.{number}@mail-{number % 997}.example.org,Reader Nº {number},fr;en,{topic}\n")


if __name__ == "__main__":
    main()

"""People per second of `subscribers export`, format by format, and of an export that leaves most of them out.

    python -m benchmarks.export_subscribers --people 1000000 [--formats csv,jsonl] [--database postgresql://…]

The database has to be empty; without --database it is a SQLite file in a temporary folder.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from newsletter.schema import upgrade
from subscribers.database import open_database
from subscribers.exporting import FORMATS, Wanted, export_subscribers
from tests.factories.people import make_list, make_people

if TYPE_CHECKING:
    from subscribers.database import Database
    from subscribers.publication import Publication


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--formats", default="csv,tsv,jsonl", help=f"Of {', '.join(FORMATS)}.")
    parser.add_argument("--database", help="URL of an empty database")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        database = open_database(arguments.database or f"sqlite:///{folder}/export.db")
        upgrade(database)
        publication = make_list(database)
        make_people(database, publication, arguments.people)
        for form in arguments.formats.split(","):
            _measure(database, publication, Path(folder) / f"people.{form}", form, Wanted())
        some = Wanted(statuses=frozenset({"active"}), language="en", topics=("ct",))
        _measure(database, publication, Path(folder) / "some.csv", "csv", some)
        database.close()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory of this process: {peak:.0f} MB")


def _measure(database: Database, publication: Publication, file: Path, form: str, wanted: Wanted) -> None:
    start, used = time.perf_counter(), time.process_time()
    with file.open("wb") as out:
        rows = export_subscribers(database, publication, out, form=form, wanted=wanted)
    seconds, cpu = time.perf_counter() - start, time.process_time() - used
    speed = f"{rows / seconds:>9,.0f} people/s, {rows / cpu:>9,.0f} per CPU-second of this process"
    print(f"{file.name:>12}: {rows:>9,} {speed}", flush=True)


if __name__ == "__main__":
    main()

"""Planning a campaign: rows a second, the memory it takes, and what asking for the books costs afterwards.

    python -m benchmarks.planning --people 1000000 [--database postgresql://…]

The database has to be empty; without --database it is a SQLite file in a temporary folder.
"""

from __future__ import annotations

import argparse
import tempfile
import time

from benchmarks.measuring import machine, resident
from newsletter.delivery.books import books
from newsletter.delivery.planning import write_plan
from newsletter.schema import upgrade
from subscribers.database import Database, open_database
from tests.factories.campaigns import make_stage


def main() -> None:
    """Measure and print."""
    arguments = _arguments()
    print(machine())
    with tempfile.TemporaryDirectory() as folder:
        database = open_database(arguments.database or f"sqlite:///{folder}/planning.sqlite")
        upgrade(database)
        _measure(database, arguments.people)
        database.close()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--database", help="URL of an empty database")
    return parser.parse_args()


def _measure(database: Database, people: int) -> None:
    stage = make_stage(database, people)
    campaign = stage.begin()
    mails, before = stage.mails(stage.info(campaign)), resident()
    start = time.perf_counter()
    write_plan(database, campaign, mails.choose, now=stage.time.clock())
    seconds = time.perf_counter() - start
    print(f"{people:,} people planned in {seconds:.1f} s: {people / seconds:,.0f}/s, {resident() - before:+.0f} MB")
    with database.read() as session:
        start = time.perf_counter()
        balance = books(session, campaign)
        milliseconds = (time.perf_counter() - start) * 1000
    print(f"the books ({balance.pending:,} pending, {sum(balance.skipped.values()):,} skipped): {milliseconds:.0f} ms")


if __name__ == "__main__":
    main()

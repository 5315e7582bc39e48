"""What planning asks about people: the audience of a list in groups, as a stream, and some hundred of them again.

    python -m benchmarks.audience --people 1000000 [--database postgresql://…]

The database has to be empty; without --database it is a SQLite file in a temporary folder.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from typing import TYPE_CHECKING

from newsletter.schema import upgrade
from subscribers.database import open_database
from subscribers.repository import current_standing, preference_groups, stream_audience
from tests.factories.people import NOW, make_list, make_people

if TYPE_CHECKING:
    from subscribers.database import Database

CHUNK = 500
"""People whose standing a worker asks for at once."""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--database", help="URL of an empty database")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        database = open_database(arguments.database or f"sqlite:///{folder}/audience.db")
        upgrade(database)
        _measure(database, arguments.people)
        database.close()


def _measure(database: Database, people: int) -> None:
    publication = make_list(database)
    make_people(database, publication, people)
    with database.read() as session:
        start = time.perf_counter()
        groups = preference_groups(session, publication.id, NOW)
        print(f"{len(groups)} groups: {people / (time.perf_counter() - start):,.0f} people/s")
        start = time.perf_counter()
        readers = sum(1 for _ in stream_audience(session, publication.id, NOW))
        print(f"streamed: {readers / (time.perf_counter() - start):,.0f} people/s")
        start = time.perf_counter()
        current_standing(session, publication.id, range(1, CHUNK + 1), NOW)
        print(f"{CHUNK} people again: {(time.perf_counter() - start) * 1_000:.1f} ms")


if __name__ == "__main__":
    main()

"""What planning asks about people: the audience of a list in groups, as a stream, and some hundred of them again.

    python -m benchmarks.audience --people 1000000 [--topics 12] [--database postgresql://…]

With --topics everybody chose some of so many, in a hundred ways; without, in ten ways some of four.
The database has to be empty; without --database it is a SQLite file in a temporary folder.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from typing import TYPE_CHECKING

from newsletter.schema import upgrade
from subscribers.database import open_database
from subscribers.repository import current_standing, preference_groups, stream_audience
from tests.factories.people import MIXED, NOW, Choice, make_list, make_people

if TYPE_CHECKING:
    from collections.abc import Sequence

    from subscribers.database import Database

CHUNK = 500
"""People whose standing a worker asks for at once."""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--topics", type=int, default=0)
    parser.add_argument("--database", help="URL of an empty database")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        database = open_database(arguments.database or f"sqlite:///{folder}/audience.db")
        upgrade(database)
        _measure(database, arguments.people, _choices(arguments.topics) if arguments.topics else MIXED)
        database.close()


def _measure(database: Database, people: int, choices: Sequence[Choice]) -> None:
    publication = make_list(database)
    make_people(database, publication, people, choices)
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


def _choices(topics: int) -> Sequence[Choice]:
    """Return a hundred ways to choose some of so many topics, and who gets no mail."""
    chance = random.Random(1)  # the same ones every time
    slugs = [f"topic-{number:02}" for number in range(1, topics + 1)]
    ways = [" ".join(sorted(chance.sample(slugs, chance.randint(0, topics // 2)))) for _ in range(100)]
    away = [choice for choice in MIXED if choice.status != "active" or choice.suppressed or choice.paused_until]
    return [*(Choice(1, chance.choice(("fr", "en", "fr en")), way) for way in ways), *away]


if __name__ == "__main__":
    main()

"""Planning a campaign: rows a second, the memory it takes, and what asking for the books costs afterwards.

    python -m benchmarks.planning --people 1000000 [--database postgresql://…] [--zones 40]

The database has to be empty; without --database it is a SQLite file in a temporary folder. With --zones the mail goes
by the readers' own clocks, in so many zones.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from zoneinfo import available_timezones

from sqlalchemy import case, update

from benchmarks.measuring import machine, resident
from newsletter.delivery.books import books
from newsletter.delivery.models import Campaign
from newsletter.delivery.planning import write_plan
from newsletter.schema import upgrade
from subscribers.database import Database, open_database
from subscribers.models import Subscriber
from tests.factories.campaigns import make_stage
from tests.factories.people import NOW


def main() -> None:
    """Measure and print."""
    arguments = _arguments()
    print(machine())
    with tempfile.TemporaryDirectory() as folder:
        database = open_database(arguments.database or f"sqlite:///{folder}/planning.sqlite")
        upgrade(database)
        _measure(database, arguments.people, sorted(available_timezones())[: arguments.zones])
        database.close()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--database", help="URL of an empty database")
    parser.add_argument("--zones", type=int, default=0, help="time zones that the people live in")
    return parser.parse_args()


def _measure(database: Database, people: int, zones: list[str]) -> None:
    stage = make_stage(database, people)
    campaign = stage.begin()
    if zones:
        _spread(database, campaign, zones)
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


def _spread(database: Database, campaign: int, zones: list[str]) -> None:
    """Let the people live in these zones, and the mail go by their own clocks."""
    zone = case(*((Subscriber.id % len(zones) == number, name) for number, name in enumerate(zones)))
    appointment = {"scheduled_at": NOW, "wall_time": f"{NOW:%Y-%m-%dT%H:%M:%S}", "timezone": "UTC", "local_time": True}
    with database.write() as session:
        session.execute(update(Subscriber).values(timezone=zone))
        session.execute(update(Campaign).where(Campaign.id == campaign).values(**appointment))


if __name__ == "__main__":
    main()

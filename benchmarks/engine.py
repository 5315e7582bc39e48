"""What bringing work to workers costs: errands a second by each engine, and a look at what is due.

    python -m benchmarks.engine --database URL [--chunks 2000] [--threads 4]

URL names an empty PostgreSQL database; SQLite, which only the threads can use, is measured in a temporary folder. Each
chunk is one recipient whose mail is thrown away: what is measured is everything but mails.
"""

from __future__ import annotations

import argparse
import tempfile
import threading
import time
from functools import partial
from typing import TYPE_CHECKING

from benchmarks.measuring import machine
from newsletter import schema
from newsletter.delivery.engine import Clerk
from newsletter.delivery.engine_procrastinate import Procrastinate, Queue
from newsletter.delivery.engine_threads import Threads
from newsletter.delivery.lifecycle import State
from subscribers.clock import utc_now
from subscribers.database import open_database
from tests.factories.campaigns import make_stage
from tests.factories.people import Choice
from tests.fakes.transports import CountingTransport

if TYPE_CHECKING:
    from collections.abc import Callable

    from newsletter.delivery.engine import Engine


def main() -> None:
    """Measure each engine on a campaign of its own."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", required=True, help="of an empty PostgreSQL database")
    parser.add_argument("--chunks", type=int, default=2000)
    parser.add_argument("--threads", type=int, default=4)
    arguments = parser.parse_args()
    print(machine())
    run = partial(_run, chunks=arguments.chunks, threads=arguments.threads)
    run(arguments.database, "queue", Procrastinate)
    run(arguments.database, "threads", Threads)
    with tempfile.TemporaryDirectory() as folder:
        run(f"sqlite:///{folder}/newsletter.sqlite", "threads", Threads)


def _run(
    url: str, slug: str, engine: Callable[[Clerk, int, Callable[[], None]], Engine], *, chunks: int, threads: int
) -> None:
    database = open_database(url)
    schema.upgrade(database)
    stage = make_stage(database, chunks, (Choice(),), slug=slug, first=0 if slug == "queue" else chunks)
    campaign, stop = stage.begin(), threading.Event()
    sender = stage.sender(CountingTransport(), chunk_size=1, clock=utc_now, wait=stop.wait, concurrency=threads)
    sender.plan(campaign)
    clerk = Clerk(sender)
    if engine is Procrastinate:
        print(f"{_looking(clerk):5.1f} ms to put 200 chunks into the queue, of {chunks} that are due")
        print(f"{_looking(clerk):5.1f} ms to see that they wait there")
    working = threading.Thread(target=engine(clerk, threads, lambda: None).run, args=(stop,))
    start, cpu = time.perf_counter(), time.process_time()
    working.start()
    while sender.books(campaign).state is not State.SENT:
        time.sleep(0.05)
    took, cpu = time.perf_counter() - start, time.process_time() - cpu
    stop.set()
    working.join()
    name = f"{'queue' if engine is Procrastinate else 'threads'} on {database.engine.dialect.name}"
    print(f"{name}: {cpu / chunks * 1000:.1f} ms of CPU a chunk, {chunks / took:,.0f} chunks/s with {threads} threads")
    database.close()


def _looking(clerk: Clerk) -> float:
    """Return the milliseconds of a look at what is due, with what it puts into the queue."""
    queue = Queue(clerk)
    start = time.perf_counter()
    queue.offer()
    return (time.perf_counter() - start) * 1000


if __name__ == "__main__":
    main()

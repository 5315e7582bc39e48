"""Taking in what SES says: events a second from the queue to the database, and how soon a bounce suppresses.

    python -m benchmarks.feedback [--database postgresql://…] [--people 20000] [--consumers 1]

The database has to be empty; without --database it is a SQLite file in a temporary folder. A campaign is sent through a
simulated SES, a process of its own on loopback; 3 % bounce for good, 2 % for now, 0.2 % complain, events come shuffled
and 5 % of them twice. Then consumers take them in, from SQS by real calls, each batch in a transaction of its own.
CPU time is that of this process; PostgreSQL's own is not in it. Then bounces come one by one, and for each it is
measured how long after its publication the address is on the suppression list.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from statistics import quantiles
from threading import Event, Thread
from typing import TYPE_CHECKING

from benchmarks.measuring import machine
from newsletter.delivery.ses import Method, Ses, SesSettings
from newsletter.feedback.consuming import Consumer
from newsletter.feedback.intake import Tally
from newsletter.feedback.sqs import SqsStream
from newsletter.schema import upgrade
from subscribers.clock import utc_now
from subscribers.database import Database, open_database
from subscribers.suppression import find_suppression
from tests.factories.campaigns import make_stage
from tests.factories.events import ses_event
from tests.factories.people import email
from tests.fixtures.simulator import feedback_queue, simulator_process

if TYPE_CHECKING:
    from newsletter.simulator.client import SimulatorClient
    from tests.factories.campaigns import Stage

KINDS = ("SEND", "DELIVERY", "BOUNCE", "COMPLAINT", "DELIVERY_DELAY", "REJECT", "RENDERING_FAILURE")
OUTCOMES = ("--hard-bounces", "0.03", "--soft-bounces", "0.02", "--complaints", "0.002")
TELLING = ("--jitter", "2", "--doubled", "0.05")
_LOOKED_EVERY = 0.0005


def main() -> None:
    """Measure and print."""
    arguments = _arguments()
    print(machine())
    with (
        tempfile.TemporaryDirectory() as folder,
        simulator_process("--rate", "1000000", *OUTCOMES, *TELLING) as simulator,
    ):
        os.environ.update(simulator.environment)
        database = open_database(arguments.database or f"sqlite:///{folder}/feedback.sqlite")
        upgrade(database)
        stage = make_stage(database, arguments.people)
        queue = feedback_queue(simulator, kinds=KINDS, raw=True)
        _send(stage)
        simulator.flush()
        told = sum(simulator.status()["events_told"].values())
        _take_in(database, queue, told, arguments.consumers)
        _print_latency(database, queue, simulator, arguments.people, arguments.bounces)
        database.close()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", help="URL of an empty database")
    parser.add_argument("--people", type=int, default=20_000)
    parser.add_argument("--bounces", type=int, default=300, help="how many are sent one by one")
    parser.add_argument("--consumers", type=int, default=1, help="threads that take in side by side")
    return parser.parse_args()


def _send(stage: Stage) -> None:
    transport = Ses(SesSettings(configuration_set="events", method=Method.BULK, timeout=30.0, connections=4))
    books = stage.sender(transport, chunk_size=500, clock=utc_now, wait=Event().wait).run(stage.begin())
    transport.close()
    print(f"{books.sent:,} mails sent")


def _take_in(database: Database, queue: str, told: int, consumers: int) -> None:
    stream, over, tallies = SqsStream(queue), Event(), [Tally()] * consumers

    def take_in(number: int) -> None:
        def heard(tally: Tally) -> None:
            tallies[number] = tally
            if sum(each.events for each in tallies) >= told:
                over.set()

        Consumer(database=database, stream=stream, clock=utc_now, wait=over.wait).consume(heard=heard)

    started, cpu = time.perf_counter(), time.process_time()
    threads = [Thread(target=take_in, args=(number,)) for number in range(consumers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds, used = time.perf_counter() - started, time.process_time() - cpu
    stream.close()
    total = sum(tallies, Tally())
    print(f"{total.events:,} events ({total.duplicates:,} of them again) in {seconds:.1f} s")
    print(f"{total.events / seconds:,.0f} a second, {total.events / used:,.0f} a CPU-second of this process")


def _print_latency(database: Database, queue: str, simulator: SimulatorClient, people: int, bounces: int) -> None:
    stream, over = SqsStream(queue), Event()
    consumer = Consumer(database=database, stream=stream, clock=utc_now, wait=over.wait)
    consuming = Thread(target=consumer.consume)
    consuming.start()
    try:
        taken = [_until_suppressed(database, simulator, email(people + number)) for number in range(1, bounces + 1)]
    finally:
        over.set()
        consuming.join()
        stream.close()
    hundredths = quantiles(taken, n=100)
    shown = ", ".join(f"p{which} {hundredths[which - 1] * 1000:.0f} ms" for which in (50, 95, 99))
    print(f"from the event to the suppression: {shown}, the longest {max(taken) * 1000:.0f} ms")


def _until_suppressed(database: Database, simulator: SimulatorClient, address: str) -> float:
    event = json.loads(ses_event("Bounce", address, mail_at=utc_now()))
    started = time.perf_counter()
    simulator.publish_event("events", event)
    while True:
        with database.read() as session:
            if find_suppression(session, address) is not None:
                return time.perf_counter() - started
        time.sleep(_LOOKED_EVERY)


if __name__ == "__main__":
    main()

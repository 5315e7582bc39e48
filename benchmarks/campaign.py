"""A whole campaign, planned and sent to nowhere: recipients a second, and the memory it takes.

    python -m benchmarks.campaign --people 100000 --people 1000000 [--issue FILE] [--database URL]

Each size runs in a process of its own on a database of its own (SQLite in a temporary folder, or the empty database at
URL for one size). Every message is written, all of it, and thrown away.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import issues
from benchmarks.measuring import machine
from newsletter import schema
from newsletter.bootstrap.installation import opened
from newsletter.bootstrap.sending import campaign_mails
from newsletter.delivery import campaigns
from newsletter.delivery.letters import letter
from newsletter.delivery.sending import Sender
from newsletter.delivery.transport import Outcome, Verdict
from newsletter.issues import queries
from newsletter.issues.storage import IssueStore
from newsletter.settings import read_settings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from newsletter.delivery.transport import Call
    from newsletter.settings import Settings


class Nowhere:
    """A transport that takes every message, whole, and throws it away."""

    name = "nowhere"
    max_recipients = 50

    def __init__(self) -> None:
        self.messages = 0
        self.bytes = 0

    def send(self, call: Call) -> Sequence[Outcome]:
        """Write the message of each recipient; nothing is sent."""
        messages = [letter(call, addressed) for addressed in call.recipients]
        self.messages += len(messages)
        self.bytes += sum(len(message) for message in messages if isinstance(message, bytes))
        return [Outcome(Verdict.ACCEPTED)] * len(messages)

    def evidence(self, delivery_ids: Sequence[str]) -> Mapping[str, bool]:
        """Know nothing."""
        del delivery_ids
        return {}

    def close(self) -> None:
        """Do nothing."""


def main() -> None:
    """Measure each size in turn."""
    arguments = _arguments()
    if arguments.phase == "run":
        _run(arguments.url)
        return
    if arguments.phase == "prepare":
        _prepare(arguments.url, arguments.people[0], arguments.issue)
        return
    print(machine())
    for people in arguments.people:
        with tempfile.TemporaryDirectory() as folder:
            url = arguments.database or f"sqlite:///{folder}/newsletter.sqlite"
            _phase("prepare", "--url", url, "--people", str(people), "--issue", str(arguments.issue))
            print(_phase("run", "--url", url), end="", flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, action="append", required="run" not in sys.argv)
    parser.add_argument("--issue", type=Path, default=issues.DEFAULT)
    parser.add_argument("--database", help="of an empty PostgreSQL database")
    parser.add_argument("--phase", choices=("prepare", "run"), help=argparse.SUPPRESS)
    parser.add_argument("--url", help=argparse.SUPPRESS)
    return parser.parse_args()


def _phase(name: str, *arguments: str) -> str:
    command = [sys.executable, "-m", "benchmarks.campaign", "--phase", name, *arguments]
    return subprocess.run(command, check=True, text=True, stdout=subprocess.PIPE).stdout  # noqa: S603 - ourselves


def _prepare(url: str, people: int, issue: Path) -> None:
    """Fill the database; in a process of its own, so that what this takes is not counted."""
    from newsletter.issues.document import parse_document  # noqa: PLC0415 - not needed, so not counted, when sending
    from tests.factories.people import make_list, make_people  # noqa: PLC0415 - likewise

    with opened(_settings(url), ready=False) as newsletter:
        schema.upgrade(newsletter.database)
        publication = make_list(newsletter.database)
        make_people(newsletter.database, publication, people)
        with newsletter.database.write() as session:
            store = IssueStore(session)
            parsed = parse_document(issue.read_bytes(), name=issue.name)
            added = store.add([parsed], publication, newsletter.now())
            store.finalize(added.stored.slug, newsletter.now())


def _run(url: str) -> None:
    transport = Nowhere()
    with opened(_settings(url)) as newsletter:
        sender = Sender(
            database=newsletter.database,
            clock=newsletter.clock,
            transport=transport,
            mails=partial(campaign_mails, newsletter),
        )
        with newsletter.database.write() as session:
            (only,) = queries.all_issues(session)
            publication, revision, slug = queries.finalized(session, only.issue)
            number = campaigns.begin(
                session, publication.id, revision, slug, token=lambda: "benchmark", now=newsletter.now()
            )
        wall, cpu = time.perf_counter(), time.process_time()
        books = sender.run(number)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    count, size = transport.messages, transport.bytes / transport.messages / 1000
    print(f"{books.planned:>9,} planned, {count:>9,} written of {size:.0f} kB: {count / wall:>7,.0f}/s,", end=" ")
    print(f"{count / cpu:>7,.0f} per CPU-second, peak {peak:.0f} MB")


def _settings(url: str) -> Settings:
    return read_settings(
        {
            "NEWSLETTER_DATABASE_URL": url,
            "NEWSLETTER_PUBLIC_URL": "https://news.example.org",
            "NEWSLETTER_SECRET_KEY": "b" * 32,
        },
        dotenv=None,
    )


if __name__ == "__main__":
    main()

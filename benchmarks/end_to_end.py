"""A campaign from claim to outcome through a simulated SES: recipients a second, and for each CPU-second of ours.

    python -m benchmarks.end_to_end [--issue FILE] [--people 100000] [--variants 1 --variants 50 --variants 2000]
                                    [--database URL] [--processes 2] [--concurrency 4] [--method bulk]

The senders are `newsletter campaign send`, each a process of its own; what counts is all that they take, from the first
import on. Planning is done before, and the simulator is another process. SQLite lies in a temporary folder; URL is
of an empty PostgreSQL database, which is emptied between the runs.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from benchmarks import issues
from benchmarks.measuring import machine
from newsletter import schema
from newsletter.bootstrap.installation import opened
from newsletter.bootstrap.sending import sender
from newsletter.delivery import campaigns
from newsletter.delivery.models import VariantRow
from newsletter.issues import queries
from newsletter.issues.document import parse_document
from newsletter.issues.storage import IssueStore
from newsletter.issues.topics import Choice as Topics
from newsletter.settings import read_settings
from subscribers.publication import Topic
from tests.factories.people import Choice, make_list, make_people
from tests.fixtures.simulator import simulator_process

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from newsletter.bootstrap.installation import Newsletter
    from newsletter.simulator.client import SimulatorClient

MOST_AT_ONCE = 400
"""Choices that `make_people` deals at a time: a CASE of them is nested in the database's parser."""


def main() -> None:
    """Measure each number of variants in turn."""
    arguments = _arguments()
    print(machine())
    print(
        f"{arguments.people:,} people, {arguments.processes} process(es), {arguments.concurrency} calls side by side:"
    )
    for variants in arguments.variants or [1, 50, 2000]:
        with tempfile.TemporaryDirectory() as folder, simulator_process("--rate", "1000000") as simulator:
            url = arguments.database or f"sqlite:///{folder}/newsletter.sqlite"
            settings = _settings(url, simulator, arguments)
            made = _prepare(settings, arguments, variants)
            print(f"{made:>6,} variants: {_run(settings, arguments, simulator)}", flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--issue", type=Path, default=issues.DEFAULT)
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--variants", type=int, action="append")
    parser.add_argument("--database")
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--concurrency", type=int, default=4)
    parser.add_argument("--method", default="auto", choices=("auto", "bulk", "raw"))
    return parser.parse_args()


def _settings(url: str, simulator: SimulatorClient, arguments: argparse.Namespace) -> dict[str, str]:
    return {
        **simulator.environment,
        "NEWSLETTER_DATABASE_URL": url,
        "NEWSLETTER_PUBLIC_URL": "https://news.example.org",
        "NEWSLETTER_SECRET_KEY": "b" * 32,
        "NEWSLETTER_TRANSPORT": "ses",
        "NEWSLETTER_SES_METHOD": arguments.method,
        "NEWSLETTER_CONCURRENCY": str(arguments.concurrency),
    }


def _prepare(settings: Mapping[str, str], arguments: argparse.Namespace, variants: int) -> int:
    """Fill an empty database and plan; return how many variants that came to."""
    with opened(read_settings(settings, dotenv=None), ready=False) as newsletter:
        if not newsletter.database.is_sqlite:
            schema.downgrade(newsletter.database)
        schema.upgrade(newsletter.database)
        _fill(newsletter, arguments.issue, arguments.people, variants)
        os.environ.update(settings)  # the SDK reads it, though nothing is sent yet
        with sender(newsletter) as sending:
            with newsletter.database.write() as session:
                (only,) = queries.all_issues(session)
                publication, revision, slug = queries.finalized(session, only.issue)
                number = campaigns.begin(
                    session, publication.id, revision, slug, token=lambda: "b", now=newsletter.now()
                )
            sending.plan(number)
        with newsletter.database.read() as session:
            query = select(func.count()).where(VariantRow.campaign_id == number)
            return session.scalar(query) or 0


def _fill(newsletter: Newsletter, issue: Path, people: int, variants: int) -> None:
    """Give every item a topic of its own, so that choices of topics are choices of items."""
    parsed = parse_document(issue.read_bytes(), name=issue.name)
    positions = [position for position, kind, _ in parsed.document.items() if kind != "summary"]
    topics = [f"t{position}" for position in positions]
    publication = make_list(newsletter.database, topics=tuple(Topic(slug) for slug in topics), languages=("fr",))
    choices = _choices(topics, variants)
    share = people // -(-len(choices) // MOST_AT_ONCE)
    for first, start in enumerate(range(0, len(choices), MOST_AT_ONCE)):
        some = choices[start : start + MOST_AT_ONCE]
        make_people(newsletter.database, publication, share, some, first=1 + first * share)
    with newsletter.database.write() as session:
        store = IssueStore(session)
        slug = store.add([parsed], publication, newsletter.now()).stored.slug
        store.choose(
            slug,
            {position: Topics(topics=(f"t{position}",), must_read=False) for position in positions},
            newsletter.now(),
        )
        store.finalize(slug, newsletter.now())


def _choices(topics: Sequence[str], count: int) -> list[Choice]:
    """Return that many different choices, all of most topics, so that editions stay as large as the whole."""
    dice = random.Random(7)
    chosen = {""}
    while len(chosen) < count:
        left_out = dice.sample(topics, dice.randint(1, 3 if count < len(topics) ** 3 // 8 else 5))
        chosen.add(" ".join(sorted(set(topics) - set(left_out))))
    return [Choice(1, "fr", each) for each in sorted(chosen)]


def _run(settings: Mapping[str, str], arguments: argparse.Namespace, simulator: SimulatorClient) -> str:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("NEWSLETTER_", "AWS_"))}
    command = [sys.executable, "-m", "newsletter", "campaign", "send", arguments.issue.name[:10], "--json"]
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    processes = [
        subprocess.Popen(command, env={**kept, **settings}, stdout=subprocess.PIPE, stderr=subprocess.PIPE)  # noqa: S603 - ourselves
        for _ in range(arguments.processes)
    ]
    answers = [process.communicate() for process in processes]
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    if any(process.returncode for process in processes):
        raise SystemExit(answers[0][1].decode())
    sent = json.loads(answers[0][0])["sent"]
    if simulator.twice() or simulator.status()["recipients"] != sent:
        raise SystemExit("the simulator and the ledger do not agree")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return (
        f"{sent:,} sent, {sent / wall:,.0f}/s, {sent / cpu:,.0f} per CPU-second, peak {after.ru_maxrss / 1024:.0f} MB"
    )


if __name__ == "__main__":
    main()

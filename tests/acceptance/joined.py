"""An installation that sends through the simulated SES and reads the queue of its events."""

from __future__ import annotations

from pathlib import Path

from newsletter.resources import folder
from newsletter.simulator.client import SimulatorClient
from tests.acceptance.conftest import Newsletter

ISSUE = "2026-03-13"
KINDS = ("SEND", "DELIVERY", "BOUNCE", "COMPLAINT", "DELIVERY_DELAY", "OPEN", "CLICK")


def joined(folder_: Path, database_url: str, simulator: SimulatorClient, queue: str) -> Newsletter:
    """SES for a transport, and its queue of events."""
    return Newsletter(
        folder_,
        {
            "NEWSLETTER_DATABASE_URL": database_url,
            "NEWSLETTER_SECRET_KEY": "f" * 32,
            "NEWSLETTER_PUBLIC_URL": "https://news.example.org",
            "NEWSLETTER_TRANSPORT": "ses",
            "NEWSLETTER_SES_CONFIGURATION_SET": "events",
            "NEWSLETTER_SES_EVENTS_QUEUE_URL": queue,
            **simulator.environment,
        },
    )


def ready(folder_: Path, database_url: str, simulator: SimulatorClient, queue: str, *, people: int) -> Newsletter:
    """The same with a list of so many and a finalized issue."""
    newsletter = joined(folder_, database_url, simulator, queue)
    examples = folder("examples")
    rows = "".join(f"r{n}@list{n % 3}.example,Reader {n},{('fr', 'en')[n % 2]}\n" for n in range(people))
    (folder_ / "people.csv").write_text(f"email,name,language\n{rows}", encoding="utf-8")
    newsletter(
        "list", "create", "weekly", "--name", "Weekly", "--from", "Editors <we@example.org>",
        "--languages", "fr,en", "--topics", examples / "topics.toml",
    )  # fmt: skip
    newsletter("issue", "add", *sorted(examples.glob("*.txt")))
    newsletter("issue", "finalize", ISSUE)
    newsletter("subscribers", "import", "people.csv")
    return newsletter

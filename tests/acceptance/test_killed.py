"""A campaign whose process is killed again and again: nobody twice, nobody missed, and the books say what nobody knows.

The kills are SIGKILL, at numbers of accepted mails that a seed draws; a failure names the seed.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from newsletter.delivery.ses import SesSettings
from newsletter.resources import folder
from newsletter.simulator.client import SimulatorClient
from tests.acceptance.conftest import Newsletter

ISSUE = "2026-03-13"
PEOPLE = 600
KILLS = 5
SECRET = "k" * 32


@pytest.fixture
def ready(tmp_path: Path, database_url: str) -> Newsletter:
    """A list of `PEOPLE` readers and a finalized issue, on either kind of database."""
    newsletter = Newsletter(
        tmp_path,
        {
            "NEWSLETTER_DATABASE_URL": database_url,
            "NEWSLETTER_SECRET_KEY": SECRET,
            "NEWSLETTER_PUBLIC_URL": "https://news.example.org",
            "NEWSLETTER_CHUNK_SIZE": "40",
            "NEWSLETTER_CALL_TIMEOUT": "1",
            "NEWSLETTER_CLAIM_SECONDS": "2",
        },
    )
    examples = folder("examples")
    rows = "".join(
        f"r{n}@example.org,Reader {n},{('fr', 'en', 'de')[n % 3]},{('', 'mri')[n % 2]}\n" for n in range(PEOPLE)
    )
    (tmp_path / "people.csv").write_text(f"email,name,language,topics\n{rows}", encoding="utf-8")
    newsletter(
        "list", "create", "weekly", "--name", "Weekly", "--from", "Editors <we@example.org>",
        "--languages", "fr,en", "--topics", examples / "topics.toml",
    )  # fmt: skip
    newsletter("issue", "add", *sorted(examples.glob("*.txt")))
    newsletter("issue", "finalize", ISSUE)
    newsletter("subscribers", "import", "people.csv")
    return newsletter


@pytest.mark.parametrize("seed", [1, 2])
def test_into_the_outbox_everybody_gets_one_mail_whatever_is_killed(ready: Newsletter, seed: int) -> None:
    outbox = ready.folder / "var" / "outbox"
    dice = random.Random(seed)
    for threshold in sorted(dice.sample(range(PEOPLE), KILLS)):
        _killed_at(threshold, ready, lambda: sum(1 for _ in outbox.rglob("*.eml")))
    books = ready("campaign", "send", ISSUE, "--json").json
    assert (books["state"], books["planned"], books["sent"]) == ("sent", PEOPLE, PEOPLE)
    assert (books["skipped"], books["failed"], books["uncertain"]) == ({}, 0, 0)
    mails = list(outbox.rglob("*.eml"))
    to = Counter(
        message_from_bytes(mail.read_bytes(), policy=policy.default)["To"].addresses[0].addr_spec for mail in mails
    )
    assert to == {f"r{number}@example.org": 1 for number in range(PEOPLE)}
    assert len({mail.name for mail in mails}) == PEOPLE


def test_through_ses_what_nobody_knows_is_uncertain_and_never_sent_again(
    ready: Newsletter, simulator: SimulatorClient
) -> None:
    ready.settings.update(NEWSLETTER_TRANSPORT="ses", **simulator.environment)
    dice = random.Random(3)
    for threshold in sorted(dice.sample(range(PEOPLE), KILLS)):
        _killed_at(threshold, ready, lambda: len(simulator.counts()))
    books = ready("campaign", "send", ISSUE, "--json", code=3).json
    assert books["planned"] == books["sent"] + books["uncertain"] == PEOPLE
    assert books["uncertain"] <= KILLS * SesSettings().connections  # one call a kill
    accepted = simulator.counts()
    assert simulator.twice() == {}
    assert set(accepted.values()) == {1}
    # whoever was not accepted is among the uncertain: nobody is missing without the books saying so
    assert PEOPLE - len(accepted) <= books["uncertain"]


def _killed_at(threshold: int, newsletter: Newsletter, sent: Callable[[], int]) -> None:
    """Send, and kill the sender once `threshold` mails are `sent`, or leave it be when it ended before."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("NEWSLETTER_", "AWS_"))}
    with subprocess.Popen(
        [sys.executable, "-m", "newsletter", "campaign", "send", ISSUE],
        cwd=newsletter.folder,
        env={**kept, **newsletter.settings},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as sender:
        while sender.poll() is None and sent() < threshold:
            time.sleep(0.002)
        sender.send_signal(signal.SIGKILL)

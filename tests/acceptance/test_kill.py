"""A real process, a real SIGKILL, again and again: everybody has exactly one mail in the outbox at the end.

Each test is one campaign that is killed many times and run again each time, as a person or a supervisor would. The
points and moments are drawn from the seed in the test's name.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass
from email import message_from_bytes, policy
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import update

from newsletter.bootstrap.installation import opened
from newsletter.delivery import campaigns
from newsletter.delivery.lifecycle import State
from newsletter.errors import NotFound
from newsletter.issues.document import parse_document
from newsletter.issues.storage import IssueStore
from newsletter.resources import folder
from newsletter.settings import read_settings
from subscribers.models import Subscription
from tests.factories.people import Choice, email, make_list, make_people
from tests.fakes import killed
from tests.fixtures.simulator import simulator_process

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from newsletter.bootstrap.installation import Newsletter
    from newsletter.delivery.books import Books

CHOICES = (
    Choice(4, "fr", "mri"),
    Choice(3, "en", ""),
    Choice(2, "ar fr", "cardiac ct"),
    Choice(1, "de", "", status="unsubscribed"),
)
PEOPLE = 360
LEAVES = 354
"""Of the last variant the last: unsubscribes after the first kill, before their turn."""
GET_IT = 323
SKIPPED = {"unsubscribed": 37}
SEEDS = (1, 2)
ISSUE = "2026-03-13"
AT_ONCE = 10
"""Mails that are on their way to SES at the same time: what one kill can leave in doubt."""


@dataclass(frozen=True)
class Installation:
    """A database, an outbox, and the environment that names them."""

    folder: Path
    settings: dict[str, str]

    def start(self, point: str = "", times: int = 0) -> subprocess.Popen[str]:
        """Start `campaign send`, which dies when it passes a point for the n-th time."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("NEWSLETTER_", "AWS_"))}
        return subprocess.Popen(
            [sys.executable, killed.__file__, point, str(times), "campaign", "send", ISSUE, "--json"],
            cwd=self.folder,
            env={**kept, **self.settings},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def mails(self) -> list[Path]:
        return [path for path in (self.folder / "outbox").rglob("*.eml") if not path.name.startswith(".")]

    def books(self) -> Books | None:
        with self.open() as newsletter, newsletter.database.read() as session:
            try:
                return campaigns.progress(session, 1, now=newsletter.now()).books
            except NotFound:
                return None  # killed before there was a campaign

    def leave(self, subscriber: int) -> None:
        with self.open() as newsletter, newsletter.database.write() as session:
            left = update(Subscription).where(Subscription.subscriber_id == subscriber)
            session.execute(left.values(status="unsubscribed"))

    def open(self) -> AbstractContextManager[Newsletter]:
        return opened(read_settings(self.settings, dotenv=None))


def _prepared(folder_: Path, database_url: str, **settings: str) -> Installation:
    """Return an installation with people on a list and its finalized issue."""
    installation = Installation(
        folder_,
        {
            "NEWSLETTER_DATABASE_URL": database_url,
            "NEWSLETTER_OUTBOX_DIR": str(folder_ / "outbox"),
            "NEWSLETTER_SECRET_KEY": "k" * 32,
            "NEWSLETTER_PUBLIC_URL": "https://news.example.org",
            "NEWSLETTER_CHUNK_SIZE": "30",
            "NEWSLETTER_CALL_TIMEOUT": "1",
            "NEWSLETTER_CLAIM_SECONDS": "2",
            **settings,
        },
    )
    with installation.open() as newsletter:
        publication = make_list(newsletter.database)
        make_people(newsletter.database, publication, PEOPLE, CHOICES)
        text = folder("examples") / f"{ISSUE}.fr.txt"
        with newsletter.database.write() as session:
            store = IssueStore(session)
            store.add([parse_document(text.read_bytes(), name=text.name)], publication, newsletter.now())
            store.finalize(ISSUE, newsletter.now())
    return installation


@pytest.fixture
def installation(tmp_path: Path, database_url: str) -> Installation:
    """One that sends into an outbox; on SQLite and on PostgreSQL."""
    return _prepared(tmp_path, database_url)


@pytest.mark.parametrize("seed", SEEDS)
def test_killed_at_every_kind_of_point(installation: Installation, seed: int) -> None:
    chance = random.Random(seed)
    points = chance.sample(killed.POINTS, len(killed.POINTS))
    for number, point in enumerate(points):
        process = installation.start(point, chance.randint(1, 25 if number else 6))
        _, errors = process.communicate(timeout=120)
        assert process.returncode == -signal.SIGKILL, f"{point}: {errors}"
        _check_meanwhile(installation)
        if number == 0:
            installation.leave(LEAVES)
    _check_the_end(installation, _run_to_its_end(installation))


@pytest.mark.parametrize("seed", SEEDS)
def test_killed_at_any_moment(installation: Installation, seed: int) -> None:
    chance = random.Random(seed)
    for reached in sorted(chance.sample(range(GET_IT - 40), 4)):
        process = installation.start()
        _wait(process, lambda: len(installation.mails()), reached)
        time.sleep(chance.uniform(0, 0.02))
        process.kill()
        process.communicate(timeout=120)
        _check_meanwhile(installation)
        installation.leave(LEAVES)
    _check_the_end(installation, _run_to_its_end(installation))


def test_two_senders_share_a_campaign_and_one_of_them_is_killed(tmp_path: Path, postgresql_url: str) -> None:
    installation = _prepared(tmp_path, postgresql_url)
    installation.leave(LEAVES)
    processes = [installation.start(), installation.start()]
    _wait(processes[0], lambda: len(installation.mails()), GET_IT // 4)
    processes[0].kill()
    processes[0].communicate(timeout=120)
    said, errors = processes[1].communicate(timeout=120)
    assert processes[1].returncode == 0, errors
    _check_the_end(installation, json.loads(said))


@pytest.mark.parametrize("seed", SEEDS[:1])
def test_what_a_kill_leaves_in_doubt_is_never_sent_again(tmp_path: Path, database_url: str, seed: int) -> None:
    """SES cannot be asked: what was on its way is uncertain, which a person is told by exit code 3."""
    chance = random.Random(seed)
    kills = sorted(chance.sample(range(GET_IT - 40), 3))
    with simulator_process() as simulator:
        installation = _prepared(tmp_path, database_url, NEWSLETTER_TRANSPORT="ses", **simulator.environment)
        installation.leave(LEAVES)
        for reached in kills:
            process = installation.start()
            _wait(process, lambda: simulator.counts().total(), reached)
            process.kill()
            process.communicate(timeout=120)
            _check_meanwhile(installation)
        process = installation.start()
        said, errors = process.communicate(timeout=120)
        document = json.loads(said)
        accepted = simulator.counts()

    assert process.returncode == (3 if document["uncertain"] else 0), errors
    assert set(accepted.values()) == {1}, "somebody got it twice"
    assert document["state"] == "sent"
    assert document["sent"] + document["uncertain"] == GET_IT, "somebody was missed"
    assert document["uncertain"] <= AT_ONCE * len(kills)
    assert document["sent"] <= len(accepted) <= GET_IT


def _wait(process: subprocess.Popen[str], mails: Callable[[], int], reached: int) -> None:
    """Return when that many mails went out; the process must not end before."""
    while mails() < reached:
        assert process.poll() is None, process.communicate()
        time.sleep(0.002)


def _run_to_its_end(installation: Installation) -> dict[str, Any]:
    process = installation.start()
    said, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    document: dict[str, Any] = json.loads(said)
    return document


def _check_meanwhile(installation: Installation) -> None:
    books = installation.books()
    if books is not None:
        assert books.balanced
        assert books.state is not State.SENT
    if "NEWSLETTER_TRANSPORT" not in installation.settings:
        assert set(_arrived(installation).values()) <= {1}, "somebody got it twice"


def _check_the_end(installation: Installation, said: dict[str, Any]) -> None:
    assert {key: said[key] for key in ("state", "sent", "skipped", "failed", "uncertain")} == {
        "state": "sent",
        "sent": GET_IT,
        "skipped": SKIPPED,
        "failed": 0,
        "uncertain": 0,
    }
    assert "pending" not in said
    arrived = _arrived(installation)
    assert set(arrived.values()) == {1}
    assert len(arrived) == GET_IT
    assert email(LEAVES) not in arrived


def _arrived(installation: Installation) -> Counter[str]:
    """Count the mails by recipient; each has to be whole."""
    arrived: Counter[str] = Counter()
    for path in installation.mails():
        content = path.read_bytes()
        mail = message_from_bytes(content, policy=policy.default)
        boundary = mail.get_boundary()
        assert boundary
        assert content.rstrip().endswith(f"--{boundary}--".encode()), f"{path} is half a mail"
        arrived[mail["To"].addresses[0].addr_spec] += 1
    return arrived

"""Whatever dies, hangs, slows down or jumps: nobody twice, nobody missed, and what nobody knows is listed.

5,000 recipients through a simulated Amazon SES, sent by `newsletter worker` processes, on either database. Moments and
chances are drawn from seeds, which stand in the names of the tests. docs/reliability.md has the table. Every
disturbance is tried each time the tests run, on one of the databases; on both with `-m ''`.
"""

from __future__ import annotations

import random
import shutil
import signal
import sqlite3
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Protocol

import pytest
from _pytest.mark.structures import ParameterSet

from newsletter.delivery.books import Books
from newsletter.delivery.lifecycle import ENDED, State
from newsletter.simulator.client import SimulatorClient
from subscribers.clock import utc_now
from tests.acceptance.conftest import Newsletter
from tests.fakes import jumping
from tests.fixtures.patience import wait_until
from tests.fixtures.postgresql import TEMPLATE, Server, copied, dropped_database
from tests.fixtures.simulator import feedback_queue, simulator_process
from tests.fixtures.workers import ISSUE, Process, Stage, address, running, staged

PEOPLE = 5_000
CLAIM_SECONDS, CALL_TIMEOUT, UNCERTAIN_WAIT = 3, 2, 10
SETTINGS = {
    "NEWSLETTER_TRANSPORT": "ses",
    "NEWSLETTER_CLAIM_SECONDS": str(CLAIM_SECONDS),
    "NEWSLETTER_CALL_TIMEOUT": str(CALL_TIMEOUT),
    "NEWSLETTER_UNCERTAIN_WAIT": str(UNCERTAIN_WAIT),
    "NEWSLETTER_CHUNK_SIZE": "250",
    "NEWSLETTER_FIRST_WAVE": "0",
    "NEWSLETTER_CONCURRENCY": "4",
}
STAGED = "staged_for_reliability"
A_CALL_TAKES = 0.25
"""Seconds: a campaign takes some, so that things can go wrong in it."""


@dataclass
class Scene:
    """A campaign that goes out, and those who send it."""

    stage: Stage
    ses: SimulatorClient
    dice: random.Random
    listens: bool
    stack: ExitStack
    size: int = 1
    program: tuple[str, ...] = ("-m", "newsletter")
    workers: list[Process] = field(default_factory=list)
    campaign: int = 0

    def begin(self) -> None:
        """Start the workers, and the campaign."""
        self.tend()
        self.campaign = self.stage.begin()

    def tend(self) -> None:
        """Begin workers anew that have died, as a service manager does."""
        self.workers = [each for each in self.workers if each.popen.poll() is None]
        while len(self.workers) < self.size:
            command = running(self.stage.newsletter, *self.program, "worker")
            self.workers.append(self.stack.enter_context(command))

    def sent_some(self) -> None:
        """Wait until some more were accepted, as many as the dice say."""
        wanted = self.accepted() + self.dice.randint(PEOPLE // 50, PEOPLE // 10)
        wait_until(lambda: self.accepted() >= wanted or self.books().state in ENDED)

    def one(self) -> Process:
        return self.dice.choice(self.workers)

    def accepted(self) -> int:
        return int(self.ses.status()["recipients"])

    def books(self) -> Books:
        return self.stage.books(self.campaign)

    def end(self) -> Books:
        """Wait for the end of the campaign, whoever has to be begun anew for it; stop the workers in order."""
        while self.books().state is not State.SENT:
            self.tend()
            time.sleep(0.1)
        codes = [each.stop() for each in self.workers if each.popen.poll() is None]
        assert codes == [0] * len(codes), self.workers[0].said
        return self.books()

    def judge(self) -> None:
        """Count, by what the simulator has, and hold the ledger to it."""
        books, counts = self.end(), self.ses.counts()
        everybody = {address(number) for number in range(PEOPLE)}
        assert self.ses.twice() == {}
        assert books.planned == PEOPLE
        assert books.failed == 0
        doubtful = self.listed_in_doubt()
        assert everybody - counts.keys() <= doubtful, "somebody was missed"
        assert books.sent == PEOPLE - len(doubtful)
        if self.listens:
            assert doubtful == set()
            assert counts.keys() == everybody

    def listed_in_doubt(self) -> set[str]:
        books = self.books()
        listed = self.stage.newsletter("campaign", "uncertain", "--json", code=3 if books.uncertain else 0).json
        return {each["email"] for each in listed["uncertain"]}


Disturbance = Callable[[Scene], None]


def sigkill(scene: Scene) -> None:
    scene.begin()
    for _ in range(3):
        scene.sent_some()
        scene.one().kill()
        scene.tend()


def sigterm(scene: Scene) -> None:
    scene.stage.newsletter.settings.update(NEWSLETTER_CALL_TIMEOUT="60", NEWSLETTER_CLAIM_SECONDS="90")
    scene.begin()
    for _ in range(3):
        scene.sent_some()
        assert scene.one().stop() == 0
        scene.tend()
    assert scene.books().uncertain == 0


def sigstop(scene: Scene) -> None:
    scene.begin()
    for _ in range(2):
        scene.sent_some()
        frozen = scene.one()
        frozen.popen.send_signal(signal.SIGSTOP)
        time.sleep(CLAIM_SECONDS + CALL_TIMEOUT)
        frozen.popen.send_signal(signal.SIGCONT)


def dropped(scene: Scene) -> None:
    scene.ses.add_fault("drop", probability=0.05)
    scene.begin()


def throttled(scene: Scene) -> None:
    scene.ses.add_fault("throttle", probability=0.2)
    scene.begin()


def server_errors(scene: Scene) -> None:
    scene.ses.add_fault("error", probability=0.02, accepted=1)
    scene.ses.add_fault("error", probability=0.02, accepted=0)
    scene.ses.add_fault("unavailable", probability=0.02, accepted=0.5)
    scene.begin()


def timeouts(scene: Scene) -> None:
    scene.ses.add_fault("timeout", probability=0.03, seconds=CALL_TIMEOUT + 1)
    scene.ses.add_fault("timeout", probability=0.02, seconds=CALL_TIMEOUT + 1, accepted=0)
    scene.begin()


def entries_refused(scene: Scene) -> None:
    scene.ses.add_fault("entries", probability=0.2, share=0.1, status="TRANSIENT_FAILURE")
    scene.begin()


def paused_and_resumed(scene: Scene) -> None:
    scene.begin()
    wait_until(lambda: scene.books().state is State.SENDING)
    for _ in range(20):
        scene.stage.pause(scene.campaign)
        time.sleep(scene.dice.random() / 4)
        scene.stage.resume(scene.campaign)
        time.sleep(scene.dice.random() / 2)


def clock_jumps(scene: Scene) -> None:
    scene.program = (jumping.__file__, str(scene.dice.randint(1, 99)))
    scene.begin()


def two_schedulers(scene: Scene) -> None:
    scene.tend()
    for _ in range(2):
        scene.stack.enter_context(running(scene.stage.newsletter, "-m", "newsletter", "scheduler"))
    at = (utc_now() + timedelta(seconds=15)).strftime("%Y-%m-%dT%H:%M:%S")
    said = scene.stage.newsletter("campaign", "schedule", ISSUE, "--at", at, "--timezone", "UTC", "--json")
    scene.campaign = said.json["campaign"]
    wait_until(lambda: scene.books().state is not State.SCHEDULED)


class Ready(Protocol):
    """Sets a scene on a database of a test's own."""

    def __call__(
        self, dice: random.Random, *, listens: bool, size: int | None = None
    ) -> AbstractContextManager[Scene]: ...


@pytest.fixture(scope="session")
def sqlite_stage(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Stage:
    """Return a list of 5,000 with a finalized issue, to be copied for each test."""
    folder = tmp_path_factory.mktemp("reliability")
    shutil.copyfile(sqlite_template, folder / "newsletter.sqlite")
    return staged(folder, f"sqlite:///{folder}/newsletter.sqlite", PEOPLE, **SETTINGS)


@pytest.fixture(scope="session")
def postgresql_stage(postgresql_server: Server, tmp_path_factory: pytest.TempPathFactory) -> Stage:
    """Return the same, in a database that is a template."""
    copied(postgresql_server, STAGED, TEMPLATE)
    return staged(tmp_path_factory.mktemp("reliability"), postgresql_server.url(STAGED), PEOPLE, **SETTINGS)


@pytest.fixture
def ready_on_sqlite(sqlite_stage: Stage, tmp_path: Path) -> Ready:
    def ready(dice: random.Random, *, listens: bool, size: int | None = None) -> AbstractContextManager[Scene]:
        shutil.copyfile(sqlite_stage.newsletter.folder / "newsletter.sqlite", tmp_path / "newsletter.sqlite")
        url = f"sqlite:///{tmp_path}/newsletter.sqlite"
        return set_up(sqlite_stage, tmp_path, url, dice, listens=listens, size=size or 1)

    return ready


@pytest.fixture
def ready_on_postgresql(postgresql_server: Server, postgresql_stage: Stage, tmp_path: Path) -> Iterator[Ready]:
    name = f"test_{uuid.uuid4().hex}"
    copied(postgresql_server, name, STAGED)

    def ready(dice: random.Random, *, listens: bool, size: int | None = None) -> AbstractContextManager[Scene]:
        url = postgresql_server.url(name)
        return set_up(postgresql_stage, tmp_path, url, dice, listens=listens, size=size or 2)

    yield ready
    dropped_database(postgresql_server, name)


@pytest.fixture
def ready(request: pytest.FixtureRequest, database_kind: str) -> Ready:
    found: Ready = request.getfixturevalue(f"ready_on_{database_kind}")
    return found


@contextmanager
def set_up(
    template: Stage, folder: Path, url: str, dice: random.Random, *, listens: bool, size: int
) -> Iterator[Scene]:
    with simulator_process("--seed", str(dice.randint(0, 999))) as ses, ExitStack() as stack:
        ses.add_fault("slow", seconds=A_CALL_TAKES)
        settings = {**template.newsletter.settings, **ses.environment, "NEWSLETTER_DATABASE_URL": url}
        queue = feedback_queue(ses, kinds=["SEND"], raw=True)
        if listens:
            ses.set_options(doubled=0.1, jitter=0.5)
            settings |= {"NEWSLETTER_SES_CONFIGURATION_SET": "events", "NEWSLETTER_SES_EVENTS_QUEUE_URL": queue}
        stage = Stage(Newsletter(folder, settings), PEOPLE)
        yield Scene(stage, ses, dice, listens, stack, size)


ON_BOTH = [
    sigkill,
    sigterm,
    sigstop,
    dropped,
    throttled,
    server_errors,
    timeouts,
    entries_refused,
    paused_and_resumed,
    clock_jumps,
    two_schedulers,
]
LEAVING_DOUBT = [sigkill, dropped, server_errors, timeouts]


def _name(value: object) -> str:
    return getattr(value, "__name__", str(value))


KINDS = ("sqlite", "postgresql")


def each_on_both(disturbances: Sequence[Disturbance]) -> list[ParameterSet]:
    """Return every disturbance on both databases, in turns on one of them only if `thorough` is asked for."""
    return [
        pytest.param(
            kind,
            disturbance,
            marks=[pytest.mark.thorough] if kind == KINDS[turn % 2] else [],
            id=f"{kind}-{_name(disturbance)}",
        )
        for turn, disturbance in enumerate(disturbances)
        for kind in KINDS
    ]


@pytest.mark.parametrize("seed", [1])
@pytest.mark.parametrize(("database_kind", "disturbance"), each_on_both(ON_BOTH))
def test_with_feedback_everybody_gets_one_mail(ready: Ready, disturbance: Disturbance, seed: int) -> None:
    with ready(random.Random(seed), listens=True) as scene:
        disturbance(scene)
        scene.judge()


@pytest.mark.parametrize("seed", [2])
@pytest.mark.parametrize(("database_kind", "disturbance"), each_on_both(LEAVING_DOUBT[::-1]))
def test_without_feedback_nobody_gets_two_and_who_is_in_doubt_is_listed(
    ready: Ready, disturbance: Disturbance, seed: int
) -> None:
    with ready(random.Random(seed), listens=False) as scene:
        disturbance(scene)
        scene.judge()


@pytest.mark.parametrize("seed", [3])
def test_four_workers_of_which_any_is_killed(ready_on_postgresql: Ready, seed: int) -> None:
    with ready_on_postgresql(random.Random(seed), listens=True, size=4) as scene:
        sigkill(scene)
        scene.judge()


@pytest.mark.parametrize("mode", ["fast", "immediate"])
def test_postgresql_is_restarted_under_its_workers(tmp_path: Path, own_server: Server, mode: str) -> None:
    template = staged(tmp_path, own_server.url("newsletter"), PEOPLE, **SETTINGS)
    url = own_server.url("newsletter")
    with set_up(template, tmp_path, url, random.Random(4), listens=True, size=2) as scene:
        scene.begin()
        for _ in range(2):
            scene.sent_some()
            own_server.stop(mode)
            time.sleep(2)
            own_server.start()
        scene.judge()


def test_somebody_locks_sqlite_for_seconds(ready_on_sqlite: Ready) -> None:
    with ready_on_sqlite(random.Random(5), listens=True) as scene:
        scene.begin()
        for _ in range(2):
            scene.sent_some()
            file = scene.stage.newsletter.settings["NEWSLETTER_DATABASE_URL"].removeprefix("sqlite:///")
            with closing(sqlite3.connect(file, isolation_level=None)) as other:
                other.execute("BEGIN IMMEDIATE")
                time.sleep(4)
        scene.judge()

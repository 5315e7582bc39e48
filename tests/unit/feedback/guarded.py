"""A campaign that somebody watches over, step by step: what the tests of the guard share."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from newsletter.delivery import campaigns
from newsletter.delivery.claims import Claims
from newsletter.delivery.guarding.state import Watch, watch_of
from newsletter.delivery.lifecycle import State
from newsletter.feedback.intake import Intake
from tests.factories.campaigns import Stage, make_stage
from tests.factories.events import ses_event
from tests.factories.people import Choice, email
from tests.fakes.guarding import Admins, SmallWaves
from tests.fakes.mortal import Killed, Life, MortalDatabase
from tests.fakes.transports import CountingTransport, World
from tests.unit.feedback.conftest import STREAM

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from newsletter.delivery.sending import Sender
    from subscribers.database import Database

CHUNK = 10
WAIT = timedelta(minutes=15)


@dataclass
class Guarded:
    """A campaign to so many people; `bad`: those whose mail bounces."""

    stage: Stage
    bad: Collection[int] = ()
    world: World = field(default_factory=World)
    admins: Admins = field(default_factory=Admins)
    told: set[int] = field(default_factory=set)
    """Of whose mail what became was heard."""

    def __post_init__(self) -> None:
        database = self.stage.database
        self.guard = SmallWaves(database=database, clock=self.stage.time.clock, wait=WAIT, tell=self.admins.tell)
        self.campaign = self.stage.begin()
        self.sender().plan(self.campaign)
        self.label = self.stage.info(self.campaign).label

    def sender(self, life: Life | None = None) -> Sender:
        life = life or Life()
        return self.stage.sender(
            CountingTransport(self.world, max_recipients=4, between=life.step),
            chunk_size=CHUNK,
            database=MortalDatabase(self.stage.database.engine, life),
            guard=self.guard,
        )

    def send(self, *chunks: int, steps: int | None = None) -> None:
        """Have workers carry out what they were told of these chunks, in that order, each by itself."""
        for chunk in chunks:
            try:
                self.sender(Life(steps)).send_chunk(self.campaign, chunk)
            except Killed:
                Claims(self.stage.database, self.stage.token).release_all()

    def send_all(self) -> None:
        self.send(*(chunk.chunk_no for chunk in self.stage.chunks(self.campaign)))

    def hear(self, people: Iterable[int] | None = None, kind: str = "Delivery") -> None:
        """Hear what became of the mails to these people; by default, of all that were accepted and not heard of."""
        wanted = sorted(self.accepted - self.told if people is None else people)
        self.told |= set(wanted)
        bodies = [
            ses_event(
                "Bounce" if person in self.bad else kind,
                email(person),
                delivery_id=f"{self.label}.{person}",
                mail_at=self.stage.time.now,
            )
            for person in wanted
        ]
        Intake(self.stage.database, self.stage.time.clock, STREAM).take(bodies)

    def pass_by(self, time: timedelta) -> None:
        self.stage.time.now += time

    @property
    def accepted(self) -> set[int]:
        return {int(delivery.rpartition(".")[2]) for delivery in self.world.accepted}

    def state(self) -> State:
        return self.stage.info(self.campaign).state

    @property
    def watched(self) -> Watch:
        with self.stage.database.read() as session:
            return watch_of(session, self.campaign)

    def in_wave(self, size: int) -> set[int]:
        return {row.subscriber_id for row in self.stage.plan(self.campaign) if row.position < size}

    def resume(self) -> None:
        with self.stage.database.write() as session:
            campaigns.resume(session, self.campaign)


def make_guarded(database: Database, people: int = 150, bad: Collection[int] = (), slug: str = "imaging") -> Guarded:
    return Guarded(make_stage(database, people, (Choice(topics="mri"), Choice(topics="ct")), slug=slug), bad)

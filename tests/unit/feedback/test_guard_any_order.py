"""A watched campaign in any order of workers that die, events, pauses, and time that passes."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from newsletter.delivery import campaigns
from newsletter.delivery.lifecycle import State
from newsletter.errors import Refused
from subscribers.database import open_database
from tests.fakes.guarding import WAVE
from tests.fixtures.thoroughness import examples
from tests.unit.feedback.guarded import WAIT, make_guarded

PEOPLE = 130
CHUNKS = 13


class AnyOrder(RuleBasedStateMachine):
    """One campaign on one SQLite database."""

    template: Path
    bad: tuple[int, ...]

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        file = Path(self.folder.name) / "newsletter.sqlite"
        shutil.copyfile(self.template, file)
        self.database = open_database(f"sqlite:///{file}")

    @initialize()
    def begin(self) -> None:
        self.mine = make_guarded(self.database, PEOPLE, self.bad)
        self.first = self.mine.in_wave(WAVE)
        self.had = set[int]()
        """Those who had it when the alarm was raised."""

    @rule(chunks=st.permutations(range(CHUNKS)), steps=st.none() | st.integers(1, 40))
    def work(self, chunks: list[int], steps: int | None) -> None:
        """Have workers told of chunks in any order, also of those that are nobody's yet; each may die at any step."""
        self.mine.send(*chunks, steps=steps)

    @rule(count=st.integers(1, 60))
    def hear(self, count: int) -> None:
        self.mine.hear(sorted(self.mine.accepted - self.mine.told)[:count])

    @rule()
    def watch(self) -> None:
        tried = self.mine.stage.deliveries(self.mine.campaign)
        unsent = {row.subscriber_id for row in tried} < self.first
        sent = sum(row.state == "sent" for row in tried)  # who is in doubt may never be heard of
        released = self.mine.watched.wave is None
        self.mine.guard.watch()
        if self.mine.watched.wave is None and not released:
            assert not unsent, "the rest follows what is still being sent"
            assert len(self.mine.told) >= sent / 2, "the rest follows a wave of which nothing was heard"

    @rule(minutes=st.integers(1, 20))
    def pass_by(self, minutes: int) -> None:
        self.mine.pass_by(timedelta(minutes=minutes))

    @rule()
    def pause(self) -> None:
        with suppress(Refused), self.database.write() as session:
            campaigns.pause(session, self.mine.campaign)

    @rule()
    def resume(self) -> None:
        with suppress(Refused):
            self.mine.resume()
            assert not self.mine.watched.alarmed

    @invariant()
    def nobody_gets_it_before_the_wave_was_clean(self) -> None:
        if self.mine.watched.wave is not None:
            assert self.mine.accepted <= self.first

    @invariant()
    def an_alarm_stops_everything(self) -> None:
        if not self.mine.watched.alarmed:
            self.had = self.mine.accepted
        else:
            assert self.mine.state() is State.PAUSED
            assert self.mine.accepted == self.had

    @invariant()
    def nobody_gets_it_twice(self) -> None:
        assert set(self.mine.world.accepted.values()) <= {1}

    def teardown(self) -> None:
        """Whatever happened: left to itself, a harmless campaign reaches everybody, a harmful one stops."""
        try:
            if hasattr(self, "mine"):
                self.come_to_its_end()
        finally:
            self.database.close()
            self.folder.cleanup()

    def come_to_its_end(self) -> None:
        for _ in range(4):
            with suppress(Refused):
                self.mine.resume()
            self.mine.send_all()
            self.mine.hear()
            self.mine.guard.watch()
            self.mine.pass_by(WAIT)
            self.mine.guard.watch()
        reached = {row.subscriber_id for row in self.mine.stage.deliveries(self.mine.campaign)}
        if self.mine.watched.alarmed:
            assert len(self.mine.admins.alarms) == 1
        else:
            assert len(reached) == PEOPLE, "somebody was missed"
        self.judge()

    def judge(self) -> None:
        raise NotImplementedError


class Harmless(AnyOrder):
    bad = (7, 90)

    def judge(self) -> None:
        alarm = self.mine.watched.alarm
        assert alarm is None or alarm.cause == "unheard", "two bounces are no reason to stop"


class Harmful(AnyOrder):
    bad = tuple(number for number in range(1, PEOPLE + 1) if number % 10 in {1, 2})

    def judge(self) -> None:
        assert self.mine.watched.alarmed, "it went on"


def test_a_harmless_campaign_in_any_order(sqlite_template: Path) -> None:
    _run(Harmless, sqlite_template)


def test_a_harmful_campaign_in_any_order(sqlite_template: Path) -> None:
    _run(Harmful, sqlite_template)


def _run(kind: type[AnyOrder], template: Path) -> None:
    machine = type(kind.__name__, (kind,), {"template": template})
    run_state_machine_as_test(
        machine,
        settings=settings(max_examples=examples(10), stateful_step_count=20, suppress_health_check=list(HealthCheck)),
    )

"""A campaign in any order of runs that die, pauses, resumptions, people who leave, and a cancellation."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import update

from newsletter.delivery import campaigns
from newsletter.delivery.lifecycle import ENDED, State
from newsletter.delivery.receipts import Receipt, file_receipts, settle_filed
from newsletter.delivery.reopening import send_again
from newsletter.delivery.transport import Outcome, Verdict
from subscribers.database import open_database
from subscribers.models import Subscription
from tests.factories.campaigns import make_stage
from tests.factories.people import NOW, Choice
from tests.fakes.mortal import Killed, Life, MortalDatabase
from tests.fakes.transports import CountingTransport, World
from tests.fixtures.thoroughness import examples

if TYPE_CHECKING:
    from newsletter.delivery.books import Books
    from newsletter.delivery.transport import Addressed

PEOPLE = 20
TROUBLES = (Verdict.UNTRIED, Verdict.RETRY, Verdict.REJECTED, Verdict.UNCERTAIN)


class AnyOrder(RuleBasedStateMachine):
    """One campaign on one SQLite database; the world of accepted mails outlives every process."""

    template: Path
    idempotent: bool

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        file = Path(self.folder.name) / "newsletter.sqlite"
        shutil.copyfile(self.template, file)
        self.database = open_database(f"sqlite:///{file}")
        self.world = World()
        self.left: set[int] = set()
        """Left before their mail was accepted: may never get it."""
        self.troubles: dict[int, Verdict] = {}
        """What the transport will say of a person the next time."""
        self.heard: set[int] = set()
        """Those whose receipt came in."""
        self.unknown: set[int] = set()
        """Those of whom the transport said that it does not know."""

    @initialize(troubles=st.dictionaries(st.integers(1, PEOPLE), st.sampled_from(TROUBLES), max_size=4))
    def begin(self, troubles: dict[int, Verdict]) -> None:
        self.troubles = troubles
        self.stage = make_stage(self.database, PEOPLE, (Choice(topics="mri"), Choice(topics="ct"), Choice()))
        self.campaign = self.stage.begin()

    @rule(steps=st.none() | st.integers(1, 80))
    def run(self, steps: int | None) -> None:
        """Run the campaign, dying after that many steps."""
        if self.state() is State.PAUSED:
            return
        life = Life(steps)
        transport = CountingTransport(
            self.world, self.answer, max_recipients=3, idempotent=self.idempotent, between=life.step
        )
        sender = self.stage.sender(transport, chunk_size=7, database=MortalDatabase(self.database.engine, life))
        with suppress(Killed):
            sender.run(self.campaign)

    @rule(person=st.integers(1, PEOPLE))
    def leave(self, person: int) -> None:
        with self.database.write() as session:
            session.execute(
                update(Subscription).where(Subscription.subscriber_id == person).values(status="unsubscribed")
            )
        if person not in self.accepted():
            self.left.add(person)

    @precondition(lambda self: self.state() in {State.PLANNING, State.SENDING})
    @rule()
    def pause(self) -> None:
        with self.database.write() as session:
            campaigns.pause(session, self.campaign)

    @precondition(lambda self: self.state() not in ENDED)
    @rule()
    def resume(self) -> None:
        with self.database.write() as session:
            campaigns.resume(session, self.campaign)

    @precondition(lambda self: self.state() not in ENDED)
    @rule(really=st.integers(0, 4))
    def cancel(self, really: int) -> None:
        if not really:
            with self.database.write() as session:
                campaigns.cancel(session, self.campaign, "", now=NOW)

    @precondition(lambda self: self.state() in {State.SENDING, State.PAUSED, State.SENT})
    @rule(people=st.sets(st.integers(1, PEOPLE)))
    def hear(self, people: set[int]) -> None:
        """Receipts come in, of these people's mails that were accepted."""
        label = self.stage.info(self.campaign).label
        receipts = [Receipt(f"{label}.{person}", "x", NOW) for person in sorted(people & self.accepted())]
        with self.database.write() as session:
            file_receipts(session, receipts)
            self.heard |= people & self.accepted()

    @precondition(lambda self: self.state() in {State.SENDING, State.PAUSED, State.SENT})
    @rule()
    def send_again(self) -> None:
        """Send again to all who failed, and to those in doubt who, as a healthy silence proves, got nothing."""
        silent = [person for person in range(1, PEOPLE + 1) if person not in self.accepted()]
        with self.database.write() as session:
            send_again(session, self.campaign, silent, now=NOW, why="silence")

    @invariant()
    def whoever_is_heard_of_is_in_no_doubt(self) -> None:
        doubtful = {row.subscriber_id for row in self.stage.deliveries(self.campaign) if row.state == "uncertain"}
        with self.database.write() as session:
            settle_filed(session, self.campaign)
        left = {row.subscriber_id for row in self.stage.deliveries(self.campaign) if row.state == "uncertain"}
        assert left == doubtful - self.heard

    @invariant()
    def nobody_twice(self) -> None:
        assert set(self.world.accepted.values()) <= {1}

    @invariant()
    def nobody_who_left(self) -> None:
        assert not self.left & self.accepted()

    @invariant()
    def the_books_balance(self) -> None:
        books = self.books()
        rows = {row.subscriber_id: row.state for row in self.stage.deliveries(self.campaign)}
        sent = {person for person, state in rows.items() if state == "sent"}
        assert books.balanced
        assert books.settled == len(rows)
        assert books.sent == len(sent)
        assert sent <= self.accepted()
        assert not {person for person, state in rows.items() if state in {"skipped", "failed"}} & self.accepted()
        assert books.state is not State.SENT or not books.pending

    def teardown(self) -> None:
        """Whatever happened: let it come to its end, and nobody was missed."""
        try:
            if hasattr(self, "campaign"):
                self.finish()
        finally:
            self.database.close()
            self.folder.cleanup()

    def finish(self) -> None:
        self.troubles = {}
        if self.state() is State.PAUSED:
            self.resume()
        self.run(None)
        self.nobody_twice()
        self.nobody_who_left()
        self.the_books_balance()
        books = self.books()
        assert books.state in ENDED
        assert not books.pending
        assert books.settled == (PEOPLE if self.stage.info(self.campaign).planned else 0)
        if self.idempotent:
            assert books.uncertain <= len(self.unknown)

    def answer(self, addressed: Addressed) -> Outcome:
        person = int(addressed.delivery_id.rpartition(".")[2])
        verdict = self.troubles.pop(person, Verdict.ACCEPTED)
        if verdict is Verdict.UNCERTAIN:
            self.unknown.add(person)
        return Outcome(verdict)

    def accepted(self) -> set[int]:
        return {int(delivery_id.rpartition(".")[2]) for delivery_id in self.world.accepted}

    def state(self) -> State:
        return self.stage.info(self.campaign).state

    def books(self) -> Books:
        return self.stage.sender(CountingTransport()).books(self.campaign)


@pytest.mark.parametrize("idempotent", [True, False], ids=["with evidence", "without evidence"])
def test_nobody_twice_nobody_missed_whatever_happens_in_between(sqlite_template: Path, idempotent: bool) -> None:  # noqa: FBT001 - a parameter
    class Machine(AnyOrder):
        pass

    Machine.template, Machine.idempotent = sqlite_template, idempotent
    run_state_machine_as_test(
        Machine,
        settings=settings(max_examples=examples(30), stateful_step_count=12, suppress_health_check=list(HealthCheck)),
    )

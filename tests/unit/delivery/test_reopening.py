"""Outcomes that are taken back: who certainly got nothing gets their mail after all, and nobody else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from newsletter.delivery import campaigns
from newsletter.delivery.books import books
from newsletter.delivery.claims import Claims
from newsletter.delivery.lifecycle import State
from newsletter.delivery.models import Reopening
from newsletter.delivery.receipts import Receipt, file_receipts
from newsletter.delivery.reopening import send_again
from newsletter.delivery.transport import Outcome, Verdict
from newsletter.errors import Refused
from tests.factories.campaigns import Stage, make_stage
from tests.factories.people import NOW, Choice
from tests.fakes.transports import CountingTransport

if TYPE_CHECKING:
    from newsletter.delivery.books import Books
    from subscribers.database import Database

ALIKE = (Choice(),)
EVERYBODY = range(1, 13)


class Mixed:
    """A campaign of twelve in chunks of four: numbers 3 and 9 failed, 6 and 7 are in doubt."""

    def __init__(self, database: Database) -> None:
        self.stage: Stage = make_stage(database, 12, ALIKE)
        self.transport = CountingTransport()
        verdicts = {3: Verdict.REJECTED, 9: Verdict.REJECTED, 6: Verdict.UNCERTAIN, 7: Verdict.UNCERTAIN}
        self.transport.answer = lambda each: Outcome(verdicts.get(each.recipient.subscriber_id, Verdict.ACCEPTED))
        self.campaign = self.stage.begin()
        assert self.run().state is State.SENT

    def run(self) -> Books:
        return self.stage.sender(self.transport, chunk_size=4).run(self.campaign)

    def again(self, *people: int) -> int:
        with self.stage.database.write() as session:
            return send_again(session, self.campaign, people, now=NOW, why="a test")

    def books(self) -> Books:
        with self.stage.database.read() as session:
            return books(session, self.campaign)

    def accepted(self) -> set[int]:
        assert set(self.transport.world.accepted.values()) <= {1}
        return {int(each.rpartition(".")[2]) for each in self.transport.world.accepted}


@pytest.fixture
def mixed(database: Database) -> Mixed:
    return Mixed(database)


def test_only_those_who_certainly_got_nothing_are_sent_again(mixed: Mixed) -> None:
    assert mixed.again(*EVERYBODY) == 4
    found = mixed.books()
    assert (found.state, found.sent, found.pending, found.balanced) == (State.SENDING, 8, 4, True)

    mixed.transport.answer = lambda _each: Outcome(Verdict.ACCEPTED)
    calls = len(mixed.transport.calls)
    found = mixed.run()
    assert (found.state, found.sent, found.failed, found.uncertain) == (State.SENT, 12, 0, 0)
    again = {each.recipient.subscriber_id for call in mixed.transport.calls[calls:] for each in call.recipients}
    assert again == {3, 6, 7, 9}
    assert mixed.accepted() == set(EVERYBODY)


def test_a_second_time_there_is_nothing_to_take_back(mixed: Mixed) -> None:
    assert mixed.again(3) == 1
    assert mixed.again(3) == 0
    assert mixed.books().pending == 1


def test_what_it_was_is_kept(mixed: Mixed) -> None:
    mixed.again(3, 6)
    with mixed.stage.database.read() as session:
        rows = session.execute(select(Reopening.subscriber_id, Reopening.state, Reopening.why)).all()
    assert sorted(map(tuple, rows)) == [(3, "failed", "a test"), (6, "uncertain", "a test")]


def test_whose_acceptance_is_proven_is_not_sent_again_whatever_the_ledger_says(mixed: Mixed) -> None:
    label = mixed.stage.info(mixed.campaign).label
    with mixed.stage.database.write() as session:
        file_receipts(session, [Receipt(f"{label}.{person}", "ses", NOW) for person in (3, 6)])
    assert mixed.again(*EVERYBODY) == 2
    assert mixed.books().pending == 2


def test_a_chunk_that_is_being_worked_on_is_left_for_the_next_time(mixed: Mixed) -> None:
    assert mixed.again(6) == 1
    claims = Claims(mixed.stage.database, mixed.stage.token)
    claim = claims.claim(mixed.campaign, State.SENDING, now=NOW)
    assert claim is not None
    assert mixed.again(6, 7) == 0, "6 is pending, and 7 is of the chunk that somebody has"
    assert mixed.again(3) == 1, "in another chunk"
    claims.release(claim)
    assert mixed.again(6, 7) == 1


def test_nobody_gets_mail_of_a_cancelled_campaign(mixed: Mixed) -> None:
    mixed.again(3)
    with mixed.stage.database.write() as session:
        campaigns.cancel(session, mixed.campaign, "", now=NOW)
    with pytest.raises(Refused, match="was cancelled"):
        mixed.again(9)

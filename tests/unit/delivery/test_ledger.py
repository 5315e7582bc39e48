"""Claims, intents and outcomes: what a worker may write, and what it may not any more."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, update
from sqlalchemy.exc import IntegrityError

from newsletter.delivery import campaigns
from newsletter.delivery.books import books
from newsletter.delivery.claims import Claims
from newsletter.delivery.ledger import Done, Intent, Ledger, LostClaim, Result
from newsletter.delivery.lifecycle import State
from newsletter.delivery.models import Chunk
from newsletter.delivery.planning import write_plan
from subscribers.lifecycle import Standing
from subscribers.models import Subscriber, Subscription, Suppression
from tests.factories.campaigns import Stage, make_stage
from tests.factories.people import NOW, Choice, email

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from newsletter.delivery.claims import Claim
    from subscribers.database import Database


class Bench:
    """A planned campaign of ten people in chunks of five, and its ledger."""

    def __init__(self, database: Database) -> None:
        self.stage: Stage = make_stage(database, 10, (Choice(),))
        self.campaign = self.stage.begin()
        mails = self.stage.mails(self.stage.info(self.campaign))
        write_plan(database, self.campaign, mails.choose, now=NOW, chunk_size=5)
        self.claims = Claims(database, self.stage.token)
        self.ledger = Ledger(database, self.claims.seconds)

    def claim(self, state: State = State.SENDING) -> Claim:
        claim = self.claims.claim(self.campaign, state, now=NOW)
        assert claim is not None
        return claim

    def take_over(self) -> Claim:
        """Claim what the one before has lost: its lease has run out, or it is known to be dead."""
        with self.stage.database.write() as session:
            session.execute(update(Chunk).where(Chunk.state == "claimed").values(lease_until=func.now()))
        if self.stage.database.is_sqlite:
            self.claims.release_all()
        return self.claim()

    def record(self, claim: Claim, *people: int, state: str = "sent", cursor: int | None = None) -> None:
        self.ledger.record(claim, [Result(person, state) for person in people], cursor=cursor, at=NOW)

    def pending(self) -> int:
        with self.stage.database.read() as session:
            balance = books(session, self.campaign)
        assert balance.balanced
        return balance.pending

    def chunk(self, number: int = 0) -> Chunk:
        return self.stage.chunks(self.campaign)[number]


@pytest.fixture
def bench(database: Database) -> Bench:
    return Bench(database)


def test_chunks_are_claimed_in_order_each_by_one_worker(bench: Bench) -> None:
    assert [bench.claim().chunk_no, bench.claim().chunk_no] == [0, 1]
    assert bench.claims.claim(bench.campaign, State.SENDING, now=NOW) is None


def test_nothing_is_claimed_while_the_campaign_is_in_another_state(bench: Bench) -> None:
    with bench.stage.database.write() as session:
        campaigns.pause(session, bench.campaign)
    assert bench.claims.claim(bench.campaign, State.SENDING, now=NOW) is None


def test_a_chunk_that_was_given_back_can_be_claimed_again(bench: Bench) -> None:
    bench.claims.release(bench.claim())
    assert bench.claim().chunk_no == 0
    assert bench.chunk().attempt == 2


def test_a_chunk_that_was_put_off_is_claimed_when_its_time_has_come(bench: Bench) -> None:
    bench.claims.put_off(bench.claim(), until=NOW + timedelta(seconds=30))
    assert bench.claim().chunk_no == 1
    assert bench.claims.claim(bench.campaign, State.SENDING, now=NOW + timedelta(seconds=29)) is None
    claim = bench.claims.claim(bench.campaign, State.SENDING, now=NOW + timedelta(seconds=30))
    assert claim is not None
    assert (claim.chunk_no, claim.rounds) == (0, 1)


def test_outcomes_move_the_cursor_and_end_the_call(bench: Bench) -> None:
    claim = bench.claim()
    assert bench.ledger.intend(claim, 0, 2, via="null", at=NOW)
    assert (bench.chunk().inflight_from, bench.chunk().inflight_to) == (0, 2)

    bench.record(claim, 1, 2, 3, cursor=3)

    chunk = bench.chunk()
    assert (chunk.cursor, chunk.remaining, chunk.sent, chunk.inflight_to, chunk.state) == (3, 2, 3, None, "claimed")
    assert bench.pending() == 7


def test_a_chunk_of_which_nothing_remains_is_done(bench: Bench) -> None:
    claim = bench.claim()
    bench.record(claim, 1, 2, 3, 4, 5, cursor=5)
    chunk = bench.chunk()
    assert (chunk.state, chunk.lease_token, chunk.remaining) == ("done", None, 0)
    with pytest.raises(LostClaim):
        bench.record(claim)


def test_people_come_with_their_standing_of_this_moment(bench: Bench) -> None:
    with bench.stage.database.write() as session:
        _set(session, 1, status="unsubscribed")
        _set(session, 2, paused_until=NOW + timedelta(days=1))
        session.add(Suppression(email=email(3), reason="bounce", detail="", since=NOW))
        session.delete(session.get_one(Subscriber, 4))
    found = bench.ledger.people(bench.claim(), bench.stage.publication.id, now=NOW)
    assert [(person.position, person.subscriber_id, person.standing) for person in found] == [
        (0, 1, Standing.UNSUBSCRIBED),
        (1, 2, Standing.PAUSED),
        (2, 3, Standing.SUPPRESSED),
        (3, 4, Standing.ERASED),
        (4, 5, Standing.ACTIVE),
    ]
    assert (found[4].email, found[4].name) == (email(5), "Person 5")


def test_people_with_an_outcome_are_not_left(bench: Bench) -> None:
    claim = bench.claim()
    bench.record(claim, 2, 4)
    left = bench.ledger.people(claim, bench.stage.publication.id, now=NOW)
    assert [person.position for person in left] == [0, 2, 4]


def test_those_in_doubt_are_those_of_the_call_that_have_no_outcome(bench: Bench) -> None:
    claim = bench.claim()
    bench.record(claim, 3)
    bench.ledger.intend(claim, 1, 3, via="null", at=NOW)
    successor = bench.take_over()
    assert successor.inflight_via == "null"
    assert [doubt.subscriber_id for doubt in bench.ledger.in_doubt(successor)] == [2, 4]


def test_a_worker_whose_claim_was_taken_over_can_write_nothing(bench: Bench) -> None:
    late = bench.claim()
    bench.ledger.intend(late, 0, 1, via="null", at=NOW)
    successor = bench.take_over()

    assert not bench.ledger.intend(late, 0, 1, via="null", at=NOW)
    with pytest.raises(LostClaim):
        bench.record(late, 1, 2, cursor=2)
    bench.claims.put_off(late, until=NOW)
    bench.claims.release(late)
    assert bench.ledger.people(late, bench.stage.publication.id, now=NOW) == []
    assert bench.ledger.in_doubt(late) == []

    assert bench.pending() == 10
    assert bench.chunk().lease_token == successor.token
    bench.record(successor, 1, 2, cursor=2)


def test_no_intent_is_written_when_the_campaign_was_paused(bench: Bench) -> None:
    claim = bench.claim()
    with bench.stage.database.write() as session:
        campaigns.pause(session, bench.campaign)
    assert not bench.ledger.intend(claim, 0, 1, via="null", at=NOW)
    assert bench.chunk().inflight_to is None


def test_an_outcome_of_a_call_under_way_is_written_though_the_campaign_was_paused(bench: Bench) -> None:
    claim = bench.claim()
    bench.ledger.intend(claim, 0, 1, via="null", at=NOW)
    with bench.stage.database.write() as session:
        campaigns.pause(session, bench.campaign)
    bench.record(claim, 1, 2, cursor=2)
    assert bench.pending() == 8


def test_nobody_can_have_two_outcomes(bench: Bench) -> None:
    claim = bench.claim()
    bench.record(claim, 1)
    with pytest.raises(IntegrityError):
        bench.record(claim, 1)
    assert bench.pending() == 9


def test_a_claim_is_taken_over_when_its_lease_has_run_out_and_not_before(postgresql_database: Database) -> None:
    bench = Bench(postgresql_database)
    claims = [bench.claim(), bench.claim()]
    assert bench.claims.claim(bench.campaign, State.SENDING, now=NOW + timedelta(days=1)) is None, "not by our clock"
    with postgresql_database.write() as session:
        session.execute(update(Chunk).values(lease_until=func.now()))
    bench.ledger.intend(claims[0], 0, 1, via="null", at=NOW)  # a sign of life
    assert bench.claim().chunk_no == 1


def test_outcomes_a_slot_and_the_next_intent_are_written_together(bench: Bench) -> None:
    claim = bench.claim()
    bench.ledger.intend(claim, 0, 1, via="null", at=NOW)
    done = Done([Result(1, "sent"), Result(2, "sent")], 2, NOW)
    assert bench.ledger.proceed(claim, done, Intent(2, 3, "null", NOW), lambda _: 0.0) == (0.0, True)
    assert (bench.chunk().inflight_from, bench.chunk().remaining) == (2, 3)


@pytest.mark.parametrize("delay", [None, 2.5], ids=["no slot yet", "a slot that is to come"])
def test_a_call_that_cannot_begin_now_is_not_announced_and_what_came_before_is_written(
    bench: Bench, delay: float | None
) -> None:
    claim = bench.claim()
    bench.ledger.intend(claim, 0, 1, via="null", at=NOW)
    done = Done([Result(1, "sent"), Result(2, "sent")], 2, NOW)
    assert bench.ledger.proceed(claim, done, Intent(2, 3, "null", NOW), lambda _: delay) == (delay, False)
    assert (bench.chunk().inflight_from, bench.chunk().remaining) == (None, 3)


def test_a_paused_campaign_gets_its_outcomes_and_no_new_intent(bench: Bench) -> None:
    claim = bench.claim()
    bench.ledger.intend(claim, 0, 1, via="null", at=NOW)
    with bench.stage.database.write() as session:
        campaigns.pause(session, bench.campaign)
    done = Done([Result(1, "sent"), Result(2, "sent")], 2, NOW)
    assert bench.ledger.proceed(claim, done, Intent(2, 3, "null", NOW), lambda _: 0.0) == (0.0, False)
    assert (bench.chunk().inflight_from, bench.chunk().remaining) == (None, 3)


def test_whoever_lost_the_chunk_writes_nothing_and_takes_no_slot(bench: Bench) -> None:
    late = bench.claim()
    bench.take_over()
    asked: list[object] = []
    with pytest.raises(LostClaim):
        bench.ledger.proceed(late, Done([Result(1, "sent")], 1, NOW), Intent(1, 2, "null", NOW), asked.append)
    assert not asked
    assert bench.pending() == 10


def _set(session: Session, subscriber: int, **values: object) -> None:
    session.execute(update(Subscription).where(Subscription.subscriber_id == subscriber).values(**values))

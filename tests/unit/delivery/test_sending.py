"""A campaign from its beginning to its end, when nothing goes wrong and when something does."""

from __future__ import annotations

import secrets
import threading
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import update

from newsletter.delivery import campaigns
from newsletter.delivery.books import BooksDoNotBalance
from newsletter.delivery.lifecycle import State
from newsletter.delivery.models import Chunk
from newsletter.delivery.sole_sender import sole_sender
from newsletter.delivery.transport import Outcome, Verdict
from newsletter.errors import MaybeSent, Refused, RetryLater, StopCampaign
from newsletter.issues.models import IssueRevision
from subscribers.models import Subscription
from tests.factories.campaigns import IMPATIENT, Stage, make_stage
from tests.factories.people import NOW, Choice
from tests.fakes.transports import CountingTransport
from tests.fixtures.patience import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from newsletter.delivery.transport import Addressed, Call
    from subscribers.database import Database

ALIKE = (Choice(),)


def person(addressed: Addressed) -> int:
    return addressed.recipient.subscriber_id


class Raising(CountingTransport):
    """Raises instead of sending, as long as `errors` last."""

    def __init__(self, *errors: Exception) -> None:
        super().__init__()
        self.errors = list(errors)

    def send(self, call: Call) -> Sequence[Outcome]:
        if self.errors:
            raise self.errors.pop(0)
        return super().send(call)


def test_everybody_who_may_get_mail_gets_one_and_the_books_name_the_others(database: Database) -> None:
    stage, transport = make_stage(database, 200), CountingTransport()
    campaign = stage.begin()
    told: list[tuple[int, int]] = []

    books = stage.sender(transport).run(campaign, lambda done, planned: told.append((done, planned)))

    assert books.state is State.SENT
    assert books.balanced
    assert (books.planned, books.sent, books.pending, books.failed, books.uncertain) == (198, 186, 0, 0, 0)
    assert books.skipped == {"paused": 2, "suppressed": 4, "unsubscribed": 6}
    assert set(transport.world.accepted.values()) == {1}
    assert len(transport.world.accepted) == books.sent
    assert told[-1] == (198, 198)


def test_a_call_holds_one_variant_and_never_more_recipients_than_the_transport_takes(database: Database) -> None:
    stage, transport = make_stage(database, 90), CountingTransport(max_recipients=7)
    campaign = stage.begin()
    stage.sender(transport, chunk_size=20).run(campaign)

    variant = {row.subscriber_id: row.variant_no for row in stage.plan(campaign)}
    for call in transport.calls:
        assert 1 <= len(call.recipients) <= 7
        assert len({variant[person(addressed)] for addressed in call.recipients}) == 1
    assert Counter(person(each) for call in transport.calls for each in call.recipients) == Counter(variant.keys())


def test_a_campaign_that_was_sent_is_only_reported_when_it_is_run_again(database: Database) -> None:
    stage, transport = make_stage(database, 10), CountingTransport()
    campaign = stage.begin()
    first = stage.sender(transport).run(campaign)
    calls = len(transport.calls)
    assert stage.begin() == campaign
    assert stage.sender(transport).run(campaign) == first
    assert len(transport.calls) == calls


def test_who_left_after_planning_gets_nothing_and_the_ledger_says_why(database: Database) -> None:
    stage, transport = make_stage(database, 12, ALIKE), CountingTransport()
    campaign = stage.begin()

    def leave_during_the_first_call(addressed: Addressed) -> Outcome:
        if person(addressed) == 1:
            _unsubscribe(stage, 12)
            stage.time.wait(6)  # the look at the chunk's people is too old then
        return Outcome(Verdict.ACCEPTED)

    transport.answer = leave_during_the_first_call
    books = stage.sender(transport, chunk_size=12).run(campaign)

    assert (books.sent, books.skipped) == (11, {"unsubscribed": 1})
    assert {row.subscriber_id: row.reason for row in stage.deliveries(campaign)}[12] == "unsubscribed"


@pytest.mark.parametrize(
    "stop", [campaigns.pause, lambda session, number: campaigns.cancel(session, number, "", now=NOW)]
)
def test_no_call_begins_after_a_pause_or_a_cancellation(database: Database, stop: Callable[..., None]) -> None:
    stage, transport = make_stage(database, 40, ALIKE), CountingTransport()
    campaign = stage.begin()

    def stop_in_the_third_call(_addressed: Addressed) -> Outcome:
        if len(transport.calls) == 3:
            with database.write() as session:
                if stage.info(campaign).state is State.SENDING:
                    stop(session, campaign)
        return Outcome(Verdict.ACCEPTED)

    transport.answer = stop_in_the_third_call
    books = stage.sender(transport).run(campaign)

    assert len(transport.calls) == 3
    assert books.sent == len(transport.world.accepted)
    assert books.balanced


def test_a_paused_campaign_goes_on_where_it_was_when_it_is_resumed_and_only_then(database: Database) -> None:
    stage, transport = make_stage(database, 30, ALIKE), CountingTransport()
    campaign = stage.begin()
    stage.sender(transport, wait=lambda _seconds: len(transport.calls) >= 2).run(campaign)
    with database.write() as session:
        campaigns.pause(session, campaign, "lunch")
    with pytest.raises(Refused, match=rf"Campaign {campaign} is paused \(lunch\): `newsletter campaign resume"):
        stage.sender(transport).run(campaign)

    with database.write() as session:
        campaigns.resume(session, campaign)
    books = stage.sender(transport).run(campaign)

    assert (books.state, books.sent) == (State.SENT, 30)
    assert set(transport.world.accepted.values()) == {1}


def test_of_a_cancelled_campaign_everybody_else_is_skipped(database: Database) -> None:
    stage, transport = make_stage(database, 30, ALIKE), CountingTransport()
    campaign = stage.begin()
    stage.sender(transport, wait=lambda _seconds: len(transport.calls) >= 2).run(campaign)
    with database.write() as session:
        campaigns.cancel(session, campaign, "wrong picture", now=NOW)

    books = stage.sender(transport).run(campaign)

    assert (books.state, books.sent, books.skipped, books.pending) == (State.CANCELLED, 8, {"cancelled": 22}, 0)
    assert books.balanced
    assert len(transport.calls) == 2


def test_of_a_cancelled_campaign_those_who_were_put_off_are_skipped_as_well(database: Database) -> None:
    stage, transport = make_stage(database, 6, ALIKE), CountingTransport()
    campaign = stage.begin()
    busy = Outcome(Verdict.RETRY, reason="450 mailbox busy")
    transport.answer = lambda addressed: busy if person(addressed) == 3 else Outcome(Verdict.ACCEPTED)
    stage.sender(transport, wait=lambda seconds: seconds > 0).run(campaign)
    with database.write() as session:
        campaigns.cancel(session, campaign, "", now=NOW)
    books = stage.sender(transport).run(campaign)
    assert (books.sent, books.skipped, books.pending) == (5, {"cancelled": 1}, 0)


def test_nothing_is_lost_when_the_transport_asks_to_wait(database: Database, caplog: pytest.LogCaptureFixture) -> None:
    stage, transport = make_stage(database, 10, ALIKE), Raising(RetryLater("busy"), RetryLater("busy"))
    campaign = stage.begin()
    books = stage.sender(transport).run(campaign)
    assert (books.state, books.sent) == (State.SENT, 10)
    assert stage.time.waited == [1.0, 2.0]
    assert caplog.messages == [f"Campaign {campaign} waits {seconds} s: busy" for seconds in (1, 2)]


def test_a_transport_that_never_takes_anything_pauses_the_campaign_and_says_so(database: Database) -> None:
    stage, transport = make_stage(database, 10, ALIKE), Raising(*[RetryLater("come back tomorrow")] * 9)
    campaign = stage.begin()
    books = stage.sender(transport).run(campaign)
    assert (books.state, books.sent, books.pending) == (State.PAUSED, 0, 10)
    assert "come back tomorrow" in books.state_reason


def test_who_may_have_got_it_is_uncertain_and_never_sent_to_again(database: Database) -> None:
    stage, transport = make_stage(database, 10, ALIKE), Raising(MaybeSent("read time-out"))
    campaign = stage.begin()
    books = stage.sender(transport).run(campaign)
    assert (books.state, books.sent, books.uncertain) == (State.SENT, 6, 4)
    assert [row.reason for row in stage.deliveries(campaign) if row.state == "uncertain"] == ["read time-out"] * 4
    assert len(transport.world.accepted) == 6


def test_what_stops_the_campaign_leaves_everybody_of_that_call_pending(database: Database) -> None:
    stage, transport = make_stage(database, 10, ALIKE), Raising(StopCampaign("the account is suspended"))
    campaign = stage.begin()
    books = stage.sender(transport).run(campaign)
    assert (books.state, books.state_reason) == (State.PAUSED, "the account is suspended")
    assert (books.pending, books.uncertain) == (10, 0)

    with database.write() as session:
        campaigns.resume(session, campaign)
    books = stage.sender(transport).run(campaign)
    assert (books.state, books.state_reason, books.sent) == (State.SENT, "", 10)


def test_a_recipient_refused_for_now_is_tried_again_when_the_others_are_done(database: Database) -> None:
    stage, transport = make_stage(database, 12, ALIKE), CountingTransport()
    campaign = stage.begin()
    refusals = Counter({2: 1, 7: 2})

    def busy(addressed: Addressed) -> Outcome:
        if refusals[person(addressed)]:
            refusals[person(addressed)] -= 1
            return Outcome(Verdict.RETRY, reason="450 mailbox busy")
        return Outcome(Verdict.ACCEPTED)

    transport.answer = busy
    books = stage.sender(transport, chunk_size=6).run(campaign)

    assert (books.sent, books.failed) == (12, 0)
    order = [person(each) for call in transport.calls for each in call.recipients]
    assert order.index(12) < len(order) - 1 - order[::-1].index(7), "all others came before the last attempt"


def test_a_recipient_who_is_always_refused_for_now_fails_in_the_end(database: Database) -> None:
    stage, transport = make_stage(database, 6, ALIKE), CountingTransport()
    campaign = stage.begin()
    full = Outcome(Verdict.RETRY, reason="452 mailbox full")
    transport.answer = lambda addressed: full if person(addressed) == 3 else Outcome(Verdict.ACCEPTED)
    books = stage.sender(transport).run(campaign)
    assert (books.state, books.sent, books.failed) == (State.SENT, 5, 1)
    assert {row.subscriber_id: row.reason for row in stage.deliveries(campaign)}[3] == "452 mailbox full"
    tries = [person(each) for call in transport.calls for each in call.recipients].count(3)
    assert tries == IMPATIENT.rounds + 1


def test_nobody_put_off_is_in_doubt_when_a_later_call_is_interrupted(database: Database) -> None:
    stage, transport = make_stage(database, 8, ALIKE), CountingTransport(max_recipients=4)
    campaign = stage.begin()
    verdicts = {1: Verdict.UNTRIED, 2: Verdict.RETRY, 3: Verdict.UNTRIED}

    def answer(addressed: Addressed) -> Outcome:
        if len(transport.calls) > 1:
            raise KeyboardInterrupt
        return Outcome(verdicts.get(person(addressed), Verdict.ACCEPTED))

    transport.answer = answer
    with pytest.raises(KeyboardInterrupt):
        stage.sender(transport).run(campaign)
    transport.answer = lambda _addressed: Outcome(Verdict.ACCEPTED)
    books = stage.sender(transport).run(campaign)

    assert [row.subscriber_id for row in stage.deliveries(campaign) if row.state == "uncertain"] == [1]
    assert (books.sent, books.uncertain) == (7, 1)


def test_evidence_is_asked_only_of_the_transport_the_mail_left_by(database: Database) -> None:
    stage = make_stage(database, 4, ALIKE)
    campaign = stage.begin()
    first = CountingTransport(name="ses", between=_interrupted)
    with pytest.raises(KeyboardInterrupt):
        stage.sender(first).run(campaign)
    outbox = CountingTransport(name="outbox:/elsewhere", idempotent=True)
    books = stage.sender(outbox).run(campaign)
    assert (books.sent, books.uncertain) == (0, 4)
    assert not outbox.world.accepted


def test_a_worker_that_was_frozen_between_intent_and_call_sends_nothing(database: Database) -> None:
    stage, transport = make_stage(database, 4, ALIKE), CountingTransport()
    campaign = stage.begin()
    ticks = iter([0.0, 500.0])
    sender = stage.sender(transport, timer=lambda: next(ticks, 500.0))
    assert sender.run(campaign).sent == 4
    assert len(transport.calls) == 1
    assert [chunk.attempt for chunk in stage.chunks(campaign)] == [2]


def test_sent_means_that_the_rows_say_so_and_not_only_the_counters(sqlite_database: Database) -> None:
    stage, transport = make_stage(sqlite_database, 4, ALIKE), CountingTransport(max_recipients=2)
    campaign = stage.begin()
    stage.sender(transport, wait=lambda _seconds: bool(transport.calls)).run(campaign)
    with sqlite_database.write() as session:  # a defect: a chunk that is done, and somebody without an outcome
        session.execute(update(Chunk).values(state="done", remaining=0))
        session.delete(session.merge(stage.deliveries(campaign)[0]))
    with pytest.raises(BooksDoNotBalance, match="4 planned, 1 outcomes"):
        stage.sender(transport).run(campaign)
    assert stage.info(campaign).state is State.SENDING


def test_what_was_approved_is_what_is_sent(database: Database) -> None:
    stage, transport = make_stage(database, 4, ALIKE), CountingTransport()
    campaign = stage.begin()
    with database.write() as session:
        session.execute(update(IssueRevision).values(content='{"revision": "another"}'))
    with pytest.raises(Refused, match="is not what was approved"):
        stage.sender(transport).run(campaign)
    assert not transport.calls


def test_a_second_sender_is_refused_with_who_is_sending(sqlite_database: Database) -> None:
    stage, transport = make_stage(sqlite_database, 4, ALIKE), CountingTransport()
    campaign = stage.begin()
    with sole_sender(sqlite_database), pytest.raises(Refused, match=r"Already sending from this database: process \d+"):
        stage.sender(transport).run(campaign)
    assert stage.sender(transport).run(campaign).sent == 4


def test_under_postgresql_two_senders_share_the_work(postgresql_database: Database) -> None:
    stage = make_stage(postgresql_database, 20, ALIKE)
    campaign = stage.begin()
    second = CountingTransport()
    first = CountingTransport(second.world)

    def and_the_other(addressed: Addressed) -> Outcome:
        if len(first.calls) == 1 and not second.calls:
            other = replace(stage.sender(second), wait=lambda _seconds: bool(second.calls))
            other.run(campaign)
        return Outcome(Verdict.ACCEPTED) if addressed else Outcome(Verdict.REJECTED)

    first.answer = and_the_other
    books = stage.sender(first, chunk_size=4).run(campaign)
    assert (books.state, books.sent) == (State.SENT, 20)
    assert second.calls
    assert set(second.world.accepted.values()) == {1}


def _unsubscribe(stage: Stage, subscriber: int) -> None:
    with stage.database.write() as session:
        session.execute(
            update(Subscription).where(Subscription.subscriber_id == subscriber).values(status="unsubscribed")
        )


def _interrupted() -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize("transport_takes", [1, 5])
def test_several_threads_share_the_work_and_nobody_is_sent_to_twice(database: Database, transport_takes: int) -> None:
    stage = make_stage(database, 300)
    campaign = stage.begin()
    accepted: Counter[int] = Counter()
    threads: set[str] = set()
    lock, several = threading.Lock(), threading.Event()

    def accept(addressed: Addressed) -> Outcome:
        with lock:
            threads.add(threading.current_thread().name)
            accepted[person(addressed)] += 1
        if len(threads) > 1:
            several.set()
        several.wait(PATIENCE)  # the first does not run off with all of it
        return Outcome(Verdict.ACCEPTED)

    transport = CountingTransport(answer=accept, max_recipients=transport_takes)
    told: list[tuple[int, int]] = []
    sender = stage.sender(transport, chunk_size=10, concurrency=4, wait=threading.Event().wait, token=secrets.token_hex)
    books = sender.run(campaign, lambda done, planned: told.append((done, planned)))
    assert (books.state, books.sent) == (State.SENT, len(accepted))
    assert set(accepted.values()) == {1}
    assert told[-1] == (books.planned, books.planned)
    assert len(threads) > 1


def test_what_stops_one_thread_stops_all(database: Database) -> None:
    stage = make_stage(database, 100, ALIKE)
    campaign = stage.begin()
    transport = Raising(*[StopCampaign("suspended")] * 4)
    sender = stage.sender(transport, chunk_size=10, concurrency=4, wait=threading.Event().wait, token=secrets.token_hex)
    books = sender.run(campaign)
    assert (books.state, books.state_reason) == (State.PAUSED, "suspended")
    assert books.sent + books.pending == 100

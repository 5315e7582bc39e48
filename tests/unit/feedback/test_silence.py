"""Silence proves that a mail was not accepted only where everything else was heard; then it is sent, once."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import update

from newsletter.delivery import campaigns
from newsletter.delivery.lifecycle import State
from newsletter.delivery.models import Campaign
from newsletter.feedback.listening import Listener
from newsletter.feedback.silence import judge, settle_by_silence
from newsletter.feedback.streams import note
from tests.factories.events import on_bus
from tests.fakes.streams import FakeStream
from tests.fakes.transports import CountingTransport
from tests.fixtures.patience import PATIENCE
from tests.unit.feedback.conftest import STREAM, Sent

if TYPE_CHECKING:
    from newsletter.feedback.silence import Judgement

WAIT = timedelta(hours=2)
DOUBTFUL = (2, 5)
OTHERS = (1, 3, 4, 6)


@pytest.fixture
def doubted(sent: Sent) -> Sent:
    """A campaign of six, two of them in doubt, the others heard of."""
    sent.doubt(*DOUBTFUL)
    sent.take(*(sent.event("Send", person) for person in OTHERS))
    return sent


def drained(sent: Sent, after: timedelta) -> None:
    with sent.database.write() as session:
        note(session, STREAM, certain_at=sent.stage.time.now + after)


def judged(sent: Sent, wait: timedelta = WAIT) -> Judgement:
    with sent.database.read() as session:
        (judgement,) = judge(session, STREAM, wait=wait)
    return judgement


def settled(sent: Sent) -> int:
    with sent.database.write() as session:
        return settle_by_silence(session, STREAM, wait=WAIT, now=sent.stage.time.now)


def test_a_healthy_stream_that_stays_silent_proves_it(doubted: Sent) -> None:
    drained(doubted, WAIT)
    assert judged(doubted).not_accepted == list(DOUBTFUL)
    assert judged(doubted).why_not == ""
    assert settled(doubted) == 2
    assert [doubted.state_of(person) for person in DOUBTFUL] == [None, None]
    assert settled(doubted) == 0
    transport = CountingTransport()
    books = doubted.stage.sender(transport).run(doubted.campaign)
    assert sorted(transport.world.accepted) == [doubted.delivery_id(person) for person in DOUBTFUL]
    assert (books.sent, books.uncertain, books.state) == (6, 0, State.SENT)


@pytest.mark.parametrize("after", [None, WAIT - timedelta(seconds=1)])
def test_before_the_queue_was_read_to_its_end_after_the_wait_it_proves_nothing(
    doubted: Sent, after: timedelta | None
) -> None:
    if after is not None:
        drained(doubted, after)
    assert judged(doubted).not_accepted == []
    assert judged(doubted).why_not == "the queue was not yet read to its end after 2026-03-06 09:00:00 UTC"
    assert settled(doubted) == 0


def test_a_trouble_of_the_stream_is_in_the_reason(doubted: Sent) -> None:
    with doubted.database.write() as session:
        note(session, STREAM, trouble="SQS cannot be reached", troubled_at=doubted.stage.time.now)
    assert "SQS cannot be reached" in judged(doubted).why_not


def test_another_mail_that_was_not_heard_of_makes_silence_worthless(sent: Sent) -> None:
    sent.doubt(*DOUBTFUL)
    sent.take(*(sent.event("Send", person) for person in OTHERS[:-1]))
    drained(sent, WAIT)
    assert judged(sent).why_not == "the Send events of other mails have not come either"
    assert settled(sent) == 0
    sent.take(sent.event("Delivery", OTHERS[-1]))  # its Send event was lost, but it was accepted
    assert settled(sent) == 2


def test_a_campaign_of_which_nothing_was_heard_proves_nothing(sent: Sent) -> None:
    """Everybody in doubt, or no event destination at all."""
    sent.doubt(*DOUBTFUL, *OTHERS)
    drained(sent, WAIT)
    assert judged(sent).why_not == "no Send event of this campaign has come at all"
    assert settled(sent) == 0


def test_eventbridge_may_lose_events(sent: Sent) -> None:
    sent.doubt(*DOUBTFUL)
    sent.take(*(on_bus(sent.event("Send", person)) for person in OTHERS))
    drained(sent, WAIT)
    assert "EventBridge" in judged(sent).why_not
    assert settled(sent) == 0


def test_an_eventbridge_of_earlier_times_does_not_matter(doubted: Sent) -> None:
    with doubted.database.write() as session:
        note(session, STREAM, best_effort_at=doubted.stage.time.now - timedelta(days=1))
    drained(doubted, WAIT)
    assert settled(doubted) == 2


def test_only_those_whose_wait_is_over_are_sent_again(doubted: Sent) -> None:
    from newsletter.delivery.models import Delivery

    later = doubted.stage.time.now + timedelta(hours=1)
    with doubted.database.write() as session:
        session.execute(update(Delivery).where(Delivery.subscriber_id == 5).values(at=later))
    drained(doubted, WAIT)
    assert judged(doubted).not_accepted == [2]
    assert judged(doubted).why_not == "the queue was not yet read to its end after 2026-03-06 10:00:00 UTC"
    assert settled(doubted) == 1


@pytest.mark.parametrize("state", ["paused", "sent", "cancelled"])
def test_nothing_is_sent_again_of_a_campaign_that_is_not_sending(doubted: Sent, state: str) -> None:
    with doubted.database.write() as session:
        session.execute(update(Campaign).values(state=state))
    drained(doubted, WAIT)
    assert settled(doubted) == 0


def test_a_receipt_that_comes_late_settles_it_for_good(doubted: Sent) -> None:
    drained(doubted, WAIT)
    doubted.take(doubted.event("Send", 2))
    assert settled(doubted) == 1
    assert (doubted.state_of(2), doubted.state_of(5)) == ("sent", None)


# the listener: all of it together


def listener(sent: Sent, stream: FakeStream, pause_after_trouble: float = 15.0) -> Listener:
    return Listener(
        database=sent.database,
        stream=stream,
        clock=sent.stage.time.clock,
        uncertain_wait=WAIT,
        wait=sent.stage.time.wait,
        pause_after_trouble=pause_after_trouble,
    )


def queue(sent: Sent, polls_take: float = 1.0) -> FakeStream:
    def pass_by(_seconds: int) -> None:
        sent.stage.time.now += timedelta(seconds=polls_take)

    return FakeStream(name=STREAM, polled=pass_by)


def test_listening_takes_in_what_is_there_and_settles(sent: Sent) -> None:
    sent.doubt(*DOUBTFUL)
    stream = queue(sent)
    stream.put(*(sent.event("Send", person) for person in (*OTHERS, 2)))
    listening = listener(sent, stream)
    assert listening.listen() == 5
    assert [sent.state_of(person) for person in DOUBTFUL] == ["sent", "uncertain"]
    assert listening.listen() == 0
    for seconds in (WAIT.total_seconds() + 2, 61):
        sent.stage.time.wait(seconds)
        assert sent.state_of(5) == "uncertain"
        assert listening.listen() == 0
    assert sent.state_of(5) is None, "taken back, to be sent"


def test_a_sender_waits_for_the_doubts_to_settle_and_ends_with_nobody_missed(sent: Sent) -> None:
    """The same through the sender: one in doubt had been accepted, the other had not."""
    sent.doubt(*DOUBTFUL)
    stream, transport = queue(sent, polls_take=600), CountingTransport()
    stream.put(*(sent.event("Send", person) for person in (*OTHERS, 2)))
    sender = sent.stage.sender(transport, feedback=listener(sent, stream))
    books = sender.run(sent.campaign)
    assert list(transport.world.accepted) == [sent.delivery_id(5)]
    assert (books.state, books.sent, books.uncertain) == (State.SENT, 6, 0)


def test_listening_goes_on_without_a_stream_that_does_not_answer(sent: Sent, caplog: pytest.LogCaptureFixture) -> None:
    from newsletter.errors import FixConfiguration, RetryLater

    stream = queue(sent)
    stream.put(sent.event("Send", 1))
    stream.failures += [RetryLater("SQS cannot be reached"), FixConfiguration("No such queue")]
    listening = listener(sent, stream)
    assert [listening.listen() for _ in range(3)] == [0, 0, 1]
    assert "SQS cannot be reached" in caplog.text
    assert "No such queue" in caplog.text


def test_the_reason_is_said_once(doubted: Sent, caplog: pytest.LogCaptureFixture) -> None:
    listening = listener(doubted, queue(doubted))
    for _ in range(5):
        listening.listen()
    said = [record for record in caplog.records if "stay in doubt" in record.getMessage()]
    assert len(said) == 1


def test_a_background_loop_takes_in_until_it_is_told_to_stop(sent: Sent) -> None:
    from threading import Event, Thread

    stop, stream = Event(), FakeStream(name=STREAM)
    stream.put(*(sent.event("Send", person) for person in OTHERS))
    stream.failures.append(ValueError("a defect"))
    stream.polled = lambda _seconds: stop.set() if len(stream) == 0 else None
    listening = listener(sent, stream, pause_after_trouble=0.0)
    thread = Thread(target=listening.run, args=[stop])
    thread.start()
    thread.join(PATIENCE)
    assert not thread.is_alive()
    assert set(sent.receipts()) == set(OTHERS)


def test_nobody_is_sent_to_again_by_a_campaign_that_was_cancelled_meanwhile(doubted: Sent) -> None:
    drained(doubted, WAIT)
    with doubted.database.write() as session:
        campaigns.cancel(session, doubted.campaign, "", now=doubted.stage.time.now)
    assert settled(doubted) == 0


def test_who_stands_in_leaves_the_queue_to_whoever_reads_it_lately(sent: Sent) -> None:
    stream = FakeStream()
    first, second = listener(sent, stream), listener(sent, stream)

    def taken_in_by(who: Listener) -> bool:
        stream.put(sent.event("Send", 1, after=float(len(seen))))
        seen.append(1)
        who.stand_in()
        return len(stream) == 0

    seen: list[int] = []
    assert taken_in_by(first), "nobody has read it yet"
    assert taken_in_by(first), "nobody else has"
    assert not taken_in_by(second)
    sent.stage.time.wait(11)
    assert taken_in_by(second), "the first one has gone away"
    assert not taken_in_by(first)

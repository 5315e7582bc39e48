"""Receipts: the proof that a mail was accepted, before its outcome, after it, twice, or for nobody known."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from newsletter.delivery.books import books
from newsletter.delivery.lifecycle import State
from newsletter.delivery.models import Receipt as ReceiptRow
from newsletter.delivery.receipts import Receipt, file_receipts, proven
from newsletter.delivery.transport import Outcome, Verdict
from tests.factories.campaigns import Stage, make_stage
from tests.factories.people import NOW, Choice
from tests.fakes.transports import CountingTransport

if TYPE_CHECKING:
    from collections.abc import Sequence

    from newsletter.delivery.books import Books
    from subscribers.database import Database

ALIKE = (Choice(),)


class Listening:
    """A feedback stream that brings, at its n-th hearing, what was put at that place."""

    def __init__(self, stage: Stage, *brought: Sequence[Receipt]) -> None:
        self.stage, self.brought = stage, list(brought)

    def listen(self) -> int:
        if not self.brought:
            return 0
        return file(self.stage.database, *self.brought.pop(0))

    def stand_in(self) -> None:
        self.listen()


def file(database: Database, *receipts: Receipt) -> int:
    with database.write() as session:
        return file_receipts(session, receipts)


def receipt(stage: Stage, campaign: int, person: int) -> Receipt:
    return Receipt(f"{stage.info(campaign).label}.{person}", f"ses-{person}", NOW)


def doubtful(stage: Stage) -> tuple[int, CountingTransport]:
    """Begin a campaign of eight whose transport does not know what became of numbers 2 and 5."""
    unknown = Outcome(Verdict.UNCERTAIN, reason="read time-out")
    transport = CountingTransport(max_recipients=8)
    transport.answer = lambda each: unknown if each.recipient.subscriber_id in {2, 5} else Outcome(Verdict.ACCEPTED)
    return stage.begin(), transport


def balance(stage: Stage, campaign: int) -> Books:
    with stage.database.read() as session:
        return books(session, campaign)


def test_a_receipt_settles_a_doubt_once(database: Database) -> None:
    stage = make_stage(database, 8, ALIKE)
    campaign, transport = doubtful(stage)
    stage.sender(transport).run(campaign)
    assert balance(stage, campaign).uncertain == 2

    assert file(database, receipt(stage, campaign, 5), receipt(stage, campaign, 5), receipt(stage, campaign, 1)) == 1
    assert file(database, receipt(stage, campaign, 5)) == 0

    found = balance(stage, campaign)
    assert (found.sent, found.uncertain, found.balanced) == (7, 1, True)
    row = next(row for row in stage.deliveries(campaign) if row.subscriber_id == 5)
    assert (row.state, row.reason, row.message_id) == ("sent", None, "ses-5")


def test_a_receipt_that_came_before_the_doubt_settles_it_as_well(database: Database) -> None:
    stage = make_stage(database, 8, ALIKE)
    campaign, transport = doubtful(stage)
    file(database, receipt(stage, campaign, 2), receipt(stage, campaign, 5))
    found = stage.sender(transport).run(campaign)
    assert (found.state, found.sent, found.uncertain) == (State.SENT, 8, 0)


def test_what_is_no_delivery_of_ours_is_passed_over(database: Database) -> None:
    stage = make_stage(database, 2, ALIKE)
    label = stage.info(stage.begin()).label
    strangers = [Receipt(each, "ses", NOW) for each in ("test-1a2b.1", f"{label}.x", label, "", f"{label}.²")]
    assert file(database, *strangers) == 0
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(ReceiptRow)) == 0


def test_what_is_proven_can_be_asked(database: Database) -> None:
    stage = make_stage(database, 4, ALIKE)
    campaign = stage.begin()
    label = stage.info(campaign).label
    file(database, receipt(stage, campaign, 3))
    with database.read() as session:
        assert proven(session, [f"{label}.2", f"{label}.3", "another.3", "nonsense"]) == {f"{label}.3": "ses-3"}
        assert proven(session, []) == {}


def test_with_a_feedback_stream_a_campaign_ends_when_nobody_is_in_doubt(database: Database) -> None:
    stage = make_stage(database, 8, ALIKE)
    campaign, transport = doubtful(stage)
    feedback = Listening(stage, [], [receipt(stage, campaign, 2)], [receipt(stage, campaign, 5)])
    found = stage.sender(transport, feedback=feedback).run(campaign)
    assert (found.state, found.sent, found.uncertain) == (State.SENT, 8, 0)
    assert not feedback.brought
    assert set(transport.world.accepted.values()) == {1}


def test_who_waits_for_feedback_can_be_stopped_and_goes_on_another_time(database: Database) -> None:
    stage = make_stage(database, 8, ALIKE)
    campaign, transport = doubtful(stage)
    heard: list[int] = []
    silent = Listening(stage)

    def wait(seconds: float) -> bool:
        heard.append(1)
        stage.time.now += timedelta(seconds=seconds)
        return len(heard) > 50

    found = stage.sender(transport, feedback=silent, wait=wait).run(campaign)
    assert (found.state, found.uncertain, found.pending) == (State.SENDING, 2, 0)

    told = Listening(stage, [receipt(stage, campaign, person) for person in (2, 5)])
    assert stage.sender(transport, feedback=told).run(campaign).state is State.SENT

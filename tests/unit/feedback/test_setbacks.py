"""What SES took and did not send after all counts as failed, whichever is written first, and can be sent again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from newsletter.delivery.books import books
from newsletter.delivery.lifecycle import State
from newsletter.delivery.models import Receipt
from newsletter.delivery.reopening import send_again
from newsletter.delivery.setbacks import take_back_acceptances
from tests.factories.campaigns import make_stage
from tests.factories.people import NOW, Choice
from tests.fakes.transports import CountingTransport
from tests.unit.feedback.conftest import Sent

if TYPE_CHECKING:
    from newsletter.delivery.books import Books
    from subscribers.database import Database


def balance(sent: Sent) -> Books:
    with sent.database.read() as session:
        return books(session, sent.campaign)


def test_an_outcome_that_is_written_after_the_failure_was_heard_of(database: Database) -> None:
    stage = make_stage(database, 4, (Choice(),))
    campaign = stage.begin()
    sender = stage.sender(CountingTransport())
    sender.plan(campaign)
    sent = Sent(stage, campaign, stage.info(campaign).label)
    sent.take(sent.event("Rendering Failure", 2))
    sender.run(campaign)
    assert sent.state_of(2) == "sent"
    sent.take(sent.event("Send", 1))  # the next thing that is heard of anybody
    assert [sent.state_of(person) for person in (1, 2, 3, 4)] == ["sent", "failed", "sent", "sent"]
    assert balance(sent).balanced
    assert (balance(sent).sent, balance(sent).failed, balance(sent).state) == (3, 1, State.SENT)


def test_it_is_sent_again_when_somebody_asks_for_it(sent: Sent) -> None:
    sent.take(sent.event("Reject", 3))
    with sent.database.write() as session:
        assert send_again(session, sent.campaign, [3], now=NOW, why="the attachment is gone") == 1
    transport = CountingTransport()
    sent.stage.sender(transport).run(sent.campaign)
    assert list(transport.world.accepted) == [sent.delivery_id(3)]
    assert sent.receipts() == {}
    assert sent.take(sent.event("Reject", 3)).duplicates == 1
    sent.take(
        sent.event("Send", 3, message_id="the second one"), sent.event("Delivery", 3, message_id="the second one")
    )
    assert sent.receipts() == {3: "the second one"}
    assert sent.state_of(3) == "sent"
    assert (balance(sent).sent, balance(sent).failed) == (6, 0)


def test_who_was_in_doubt_is_settled_as_failed(sent: Sent) -> None:
    sent.doubt(1)
    sent.take(sent.event("Rendering Failure", 1))
    assert sent.state_of(1) == "failed"
    assert balance(sent).balanced
    assert (balance(sent).sent, balance(sent).failed, balance(sent).uncertain) == (5, 1, 0)


def test_a_delivery_that_failed_before_it_was_accepted_is_nobodys_proof(sent: Sent) -> None:
    with sent.database.write() as session:
        assert take_back_acceptances(session, now=NOW, reasons={}) == 0
        assert session.scalars(select(Receipt)).all() == []

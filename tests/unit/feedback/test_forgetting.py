"""What became of each mail goes; how many mails came to what stays, to the last figure."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from newsletter.delivery.books import books
from newsletter.delivery.models import Campaign
from newsletter.delivery.retention import campaigns_to_forget, details, forget_details
from newsletter.feedback.reporting.counting import count_for_good
from newsletter.feedback.reporting.report import report
from subscribers import service
from subscribers.models import Subscription
from tests.factories.people import NOW
from tests.unit.feedback.conftest import Sent, weeks

LATER = NOW + timedelta(days=1)


@pytest.fixture
def over(sent: Sent) -> Sent:
    """A campaign that was sent, with everything that can come of a mail."""
    sent.doubt(2)
    sent.take(
        *(sent.event("Send", person) for person in (1, 3, 4, 5)),
        *(sent.event("Delivery", person) for person in (1, 3)),
        sent.event("Bounce", 4),
        sent.event("Complaint", 3),
        sent.event("Reject", 5),
    )
    with sent.database.write() as session:
        mine = session.get_one(Subscription, (sent.stage.publication.id, 1))
        service.unsubscribe(session, mine, source="page", now=LATER)
        session.execute(update(Campaign).values(state="sent", finished_at=NOW))
    return sent


def _to_forget(sent: Sent) -> list[int]:
    with sent.database.read() as session:
        return list(campaigns_to_forget(session, sent.stage.publication.id, LATER))


def test_books_and_report_are_the_same_when_the_rows_are_gone(over: Sent) -> None:
    def told() -> tuple[object, object]:
        with over.database.read() as session:
            found = books(session, over.campaign)
        return found, report(over.database, str(over.campaign)).as_json()

    before = told()
    assert _to_forget(over) == [over.campaign]
    with over.database.write() as session:
        count_for_good(session, over.campaign)
    assert told() == before, "counted, and no row is gone"
    stops = iter([False, True, True, True, True])
    gone = forget_details(over.database, over.campaign, wait=lambda _: next(stops), batch=2)
    assert sum(gone.values()) == 2
    assert told() == before, "killed half-way"
    assert _to_forget(over) == [over.campaign]
    forget_details(over.database, over.campaign, wait=lambda _: False, batch=2)
    assert told() == before
    with over.database.read() as session:
        assert set(details(session, over.campaign).values()) == {0}
    assert _to_forget(over) == []


def test_whose_issue_may_still_go_out_is_remembered(over: Sent) -> None:
    """The rows of a cancelled campaign alone say who has had the issue."""
    with over.database.write() as session:
        session.execute(update(Campaign).values(state="cancelled"))
    assert _to_forget(over) == []
    weeks(over, 1)
    with over.database.write() as session:
        last = session.scalars(select(Campaign).order_by(Campaign.id.desc()).limit(1)).one()
        last.state = "sent"
    assert over.campaign in _to_forget(over)

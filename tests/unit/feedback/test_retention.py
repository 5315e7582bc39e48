"""Old events go, what follows from them stays."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select, update

from newsletter.feedback.events import beginning_of, moment_of
from newsletter.feedback.intake import Intake
from newsletter.feedback.models import FeedbackEvent, Quarantined
from newsletter.feedback.retention import Purged, purge
from subscribers.database import Database
from tests.factories.events import message_id_of, ses_event
from tests.factories.people import NOW
from tests.unit.feedback.conftest import STREAM, TABLES, Sent, everything, of_week, weeks

KEPT = [table for table in TABLES if table not in {FeedbackEvent, Quarantined}]


def _left(database: Database) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(FeedbackEvent)) or 0


def test_what_came_before_goes_and_what_follows_stays(sent: Sent) -> None:
    (week,) = weeks(sent, 1)
    sent.take(
        *(sent.event(kind, person) for person in range(1, 6) for kind in ("Send", "Bounce", "Open")),
        sent.event("Click", 1),
        "nonsense",
    )
    with sent.database.write() as session:
        session.execute(update(FeedbackEvent).values(received_at=NOW + timedelta(minutes=1)))
        session.execute(update(Quarantined).values(received_at=NOW + timedelta(minutes=1)))
    Intake(sent.database, lambda: week.at, STREAM).take([of_week(week, "Send", 6), sent.event("Complaint", 6)])
    before = everything(sent.database, KEPT)
    assert purge(sent.database, NOW, batch=3) == Purged()
    assert purge(sent.database, week.at, batch=3) == Purged(events=16, quarantined=1)
    assert _left(sent.database) == 2, "one of a later mail, one that came later"
    assert everything(sent.database, KEPT) == before
    assert purge(sent.database, week.at) == Purged()


def test_mails_whose_ids_tell_no_time_go_by_when_they_came(database: Database) -> None:
    for day in (0, 40):
        at = NOW + timedelta(days=day)
        Intake(database, lambda at=at: at, STREAM).take([ses_event("Send", message_id=f"other-{day}")])  # type: ignore[misc]  # its type is that of a clock
    assert purge(database, NOW + timedelta(days=30)).events == 1
    assert _left(database) == 1


def test_it_stops_between_batches(sent: Sent) -> None:
    sent.take(*(sent.event("Send", person) for person in range(1, 7)))
    stops = iter([False, True])
    assert purge(sent.database, NOW + timedelta(days=1), batch=2, wait=lambda _: next(stops)).events == 2
    assert purge(sent.database, NOW + timedelta(days=1), batch=2).events == 4


@given(minutes=st.integers(-(10**5), 10**5))
def test_keys_of_later_mails_lie_behind(minutes: int) -> None:
    mail_at = NOW + timedelta(minutes=minutes)
    if mail_at >= NOW:
        assert moment_of(message_id_of("x", mail_at)) >= beginning_of(NOW)
    if mail_at < NOW - timedelta(minutes=18):
        assert moment_of(message_id_of("x", mail_at)) < beginning_of(NOW)

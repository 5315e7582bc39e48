"""What came of mails that belong to no campaign, found by SES's id of the mail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from newsletter.feedback.events import Kind, moment_of
from newsletter.feedback.intake import Intake
from newsletter.feedback.told import told_of
from subscribers.clock import utc_now
from tests.factories.events import ses_event

if TYPE_CHECKING:
    from subscribers.database import Database
    from tests.unit.feedback.conftest import Sent

PROBE = "010001abcdef0123-0d8e64c0-0001-4000-8000-000000000000-000000"
LATER = "010001abcdef0124-0d8e64c0-0002-4000-8000-000000000000-000000"
LAST = "0100ffffffffffff-0d8e64c0-0003-4000-8000-000000000000-000000"
FOREIGN = "an-id-of-another-form"


def test_events_are_found_by_the_id_of_their_mail(database: Database) -> None:
    bodies = [
        ses_event(kind, "probe@simulator.amazonses.com", message_id=message_id)
        for kind, message_id in (("Send", PROBE), ("Bounce", PROBE), ("Send", LATER), ("Send", LAST), ("Send", FOREIGN))
    ]
    Intake(database, utc_now, "stream").take(bodies)
    with database.read() as session:
        assert told_of(session, [PROBE]) == {PROBE: {Kind.SEND, Kind.BOUNCE}}
        assert told_of(session, [LAST, FOREIGN]) == {LAST: {Kind.SEND}, FOREIGN: {Kind.SEND}}
        assert told_of(session, ["010001abcdef0125-none"]) == {}


def test_mails_of_a_campaign_are_not_looked_through(sent: Sent) -> None:
    sent.take(sent.event("Send", 1, message_id=PROBE))
    with sent.database.read() as session:
        assert told_of(session, [PROBE]) == {}


def test_keys_begin_with_the_moment_of_the_mail() -> None:
    assert moment_of(PROBE) == moment_of(LATER) != moment_of(LAST) == b"\xff\xff\xff"
    assert moment_of(FOREIGN) == b"\0\0\0"

"""`feedback replay` shows a difference, and makes it when asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import update

from newsletter.feedback.intake import Intake
from newsletter.feedback.models import FeedbackEvent
from subscribers.database import open_database
from tests.factories.events import ses_event
from tests.factories.people import NOW

if TYPE_CHECKING:
    from tests.unit.cli.conftest import Newsletter


def test_it_shows_first_and_does_when_asked(newsletter: Newsletter, sqlite_url: str) -> None:
    assert "nothing is different" in newsletter("feedback", "replay").out
    database = open_database(sqlite_url)
    Intake(database, lambda: NOW, "queue").take([ses_event("Bounce", "a@example.org"), ses_event("Bounce", "b@e.org")])
    with database.write() as session:  # as an earlier version would have taken them
        session.execute(update(FeedbackEvent).values(meaning="soft bounce"))
    database.close()
    shown = newsletter("feedback", "replay")
    assert "soft bounce" in shown.out
    assert "--apply" in shown.err
    expected = {"from": "soft bounce", "to": "hard bounce", "events": 2}
    assert newsletter("feedback", "replay", "--json").json["changed"] == [expected]
    assert newsletter("feedback", "replay", "--since", "2026-04-01", "--json").json["events"] == 0
    done = newsletter("feedback", "replay", "--apply", "--json").json
    assert (done["applied"], done["changed"]) == (True, [expected])
    assert newsletter("feedback", "replay", "--json").json["changed"] == []
    newsletter("feedback", "replay", "--campaign", "7", code=1)

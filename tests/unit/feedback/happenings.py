"""What may come back of a few mails: any events, of a few people and a few weeks."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

from hypothesis import strategies as st

from subscribers.database import Database, open_database
from tests.factories.events import KINDS
from tests.factories.people import NOW
from tests.unit.feedback.conftest import Sent, Week, of_week

PEOPLE = 3
WEEKS = 3
_SAID: dict[str, list[dict[str, Any]]] = {
    "Bounce": [
        {},
        {"bounceSubType": "NoEmail", "said": {"diagnosticCode": "smtp; 550 nobody"}},
        {"bounceSubType": "OnAccountSuppressionList"},
        {"bounceSubType": "Suppressed"},
        {"bounceSubType": "UnsubscribedRecipient"},
        {"bounceType": "Transient", "bounceSubType": "General", "said": {"status": "4.4.7"}},
        {"bounceType": "Transient", "bounceSubType": "MailboxFull", "said": {"status": "4.2.2"}},
        {"bounceType": "Transient", "bounceSubType": "ContentRejected"},
    ],
    "Complaint": [
        {},
        {"complaintFeedbackType": "not-spam"},
        {"complaintFeedbackType": "not-spam"},
        {"complaintFeedbackType": "auth-failure"},
        {"complaintSubType": "OnAccountSuppressionList"},
    ],
    "Click": [{}, {"link": "https://a.example/?x=1"}, {"isAutomated": True}],
    "Open": [{}, {"isAutomated": True}],
}


class Happening(NamedTuple):
    """An event of somebody's mail of a week; week 0 is the campaign that was sent."""

    kind: str
    person: int
    week: int
    after: int
    said: int

    def event(self, sent: Sent) -> str:
        said = _SAID.get(self.kind, [{}])
        which = self.said % len(said)
        more = {"after": self.after + 10 * which, **said[which]}  # what says something else is another event
        if self.week == 0:
            return sent.event(self.kind, self.person, **more)
        return of_week(Week(f"week-{self.week}", NOW + timedelta(days=7 * self.week)), self.kind, self.person, **more)


_EITHER = [kind for kind in KINDS if kind != "Reject"]  # a mail that cannot be rendered is not looked through
_KINDS = st.sampled_from(("Bounce", "Bounce", "Bounce", "Complaint", "Delivery", "Delivery", *_EITHER))
happenings = st.lists(
    st.builds(Happening, _KINDS, st.integers(1, PEOPLE), st.integers(0, WEEKS), st.integers(1, 3), st.integers(0, 7)),
    min_size=1,
    max_size=14,
)


@contextmanager
def copied(template: Path) -> Iterator[Sent]:
    """Yield a campaign of its own."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "newsletter.sqlite"
        shutil.copyfile(template, file)
        database = open_database(f"sqlite:///{file}")
        try:
            yield Sent(make_stage_of(database), 1, label_of(database))
        finally:
            database.close()


def make_stage_of(database: Database) -> Any:  # noqa: ANN401 - a stage that is there already
    from subscribers.lists import ListStore
    from tests.factories.campaigns import Stage, Time

    with database.read() as session:
        return Stage(database, ListStore(session).all()[0], Time())


def label_of(database: Database) -> str:
    from newsletter.delivery import campaigns

    with database.read() as session:
        return campaigns.find(session, 1).label

"""Any set of events ends the same, in whatever order, batches and repetitions it comes."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from newsletter.feedback.intake import Intake
from subscribers.database import Database, open_database
from tests.factories.events import KINDS, enveloped, on_bus
from tests.factories.people import NOW
from tests.unit.feedback.conftest import STREAM, Sent, Week, everything, make_sent, of_week, weeks

PEOPLE = 3
WEEKS = 3
_FORMS = (lambda event: event, enveloped, on_bus)
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


@st.composite
def told(draw: st.DrawFn, what: list[Happening]) -> list[list[tuple[Happening, int]]]:
    """Batches of (what happened, in which form it is told): all of it, shuffled, some of it again."""
    again = draw(st.lists(st.sampled_from(what), max_size=8))
    order = draw(st.permutations([*what, *again]))
    items = [(each, draw(st.integers(0, len(_FORMS) - 1))) for each in order]
    cuts = sorted(draw(st.sets(st.integers(1, max(1, len(items) - 1)), max_size=6)))
    return [items[start:end] for start, end in zip([0, *cuts], [*cuts, len(items)], strict=True)]


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


@pytest.fixture(scope="module")
def template(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a database with a campaign that was sent, two of its mails in doubt."""
    file = tmp_path_factory.mktemp("sent") / "sent.sqlite"
    shutil.copyfile(sqlite_template, file)
    database = open_database(f"sqlite:///{file}")
    sent = make_sent(database, PEOPLE)
    weeks(sent, WEEKS)
    sent.doubt(1, 2)
    database.close()
    return file


@settings(max_examples=100, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_order_ends_the_same(template: Path, data: st.DataObject) -> None:
    what = data.draw(happenings)
    ends = []
    for _ in range(2):
        batches = data.draw(told(what))
        with copied(template) as sent:
            for batch in batches:
                intake = Intake(sent.database, sent.stage.time.clock, STREAM, soft_bounces=2)
                intake.take([_FORMS[form](happening.event(sent)) for happening, form in batch])
            ends.append(everything(sent.database))
    assert ends[0] == ends[1]


def test_two_who_take_in_the_same_at_once_end_the_same(postgresql_database: Database) -> None:
    """On PostgreSQL there may be several consumers, and a queue may give both the same."""
    from concurrent.futures import ThreadPoolExecutor

    sent = make_sent(postgresql_database, 40)
    sent.doubt(*range(1, 9))
    bodies = [sent.event(kind, person) for person in range(1, 41) for kind in ("Send", "Delivery", "Bounce")]
    orders = [bodies, bodies[::-1], bodies[1::2] + bodies[::2], bodies]
    with ThreadPoolExecutor(4) as pool:
        tallies = list(pool.map(lambda order: sent.take(*order), orders))
    assert sum(tally.applied for tally in tallies) == len(bodies)
    assert sum(tally.quarantined for tally in tallies) == 0
    together = everything(postgresql_database)
    sent.take(*bodies)
    assert everything(postgresql_database) == together
    assert {sent.state_of(person) for person in range(1, 41)} == {"sent"}

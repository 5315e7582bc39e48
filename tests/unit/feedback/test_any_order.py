"""Any set of events ends the same, in whatever order, batches and repetitions, whatever was lost and came again."""

from __future__ import annotations

from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import OperationalError

from newsletter.feedback.intake import Intake
from subscribers.database import Database
from tests.factories.events import enveloped, on_bus
from tests.fakes.flaky import FlakyDatabase
from tests.fixtures.thoroughness import examples
from tests.unit.feedback.conftest import STREAM, Sent, everything, make_sent
from tests.unit.feedback.happenings import Happening, copied, happenings

_FORMS = (lambda event: event, enveloped, on_bus)
_TROUBLES = st.sampled_from(("", "", "before", "within", "after"))


@st.composite
def told(draw: st.DrawFn, what: list[Happening]) -> list[list[tuple[Happening, int]]]:
    """Batches of (what happened, in which form it is told): all of it, shuffled, some of it again."""
    again = draw(st.lists(st.sampled_from(what), max_size=8))
    order = draw(st.permutations([*what, *again]))
    items = [(each, draw(st.integers(0, len(_FORMS) - 1))) for each in order]
    cuts = sorted(draw(st.sets(st.integers(1, max(1, len(items) - 1)), max_size=6)))
    return [items[start:end] for start, end in zip([0, *cuts], [*cuts, len(items)], strict=True)]


@settings(max_examples=examples(50), suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_order_ends_the_same(template: Path, data: st.DataObject) -> None:
    """In whatever batches, and with however many of them lost before, in or after their commit, to come again."""
    what = data.draw(happenings)
    ends = []
    for _ in range(2):
        batches = data.draw(told(what))
        troubles = data.draw(st.lists(_TROUBLES, min_size=len(batches), max_size=len(batches)))
        with copied(template) as sent:
            again = [
                body
                for batch, trouble in zip(batches, troubles, strict=True)
                for body in taken(sent, [_FORMS[form](happening.event(sent)) for happening, form in batch], trouble)
            ]
            taken(sent, data.draw(st.permutations(again)))
            ends.append(everything(sent.database))
    assert ends[0] == ends[1]


def taken(sent: Sent, bodies: list[str], trouble: str = "") -> list[str]:
    """Take messages in; return those that come again, for whoever took them in has died by the trouble."""
    database = FlakyDatabase(sent.database.engine, [trouble])
    try:
        Intake(database, sent.stage.time.clock, STREAM, soft_bounces=2).take(bodies)
    except OperationalError:
        return bodies
    return []


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

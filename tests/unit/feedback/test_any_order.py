"""Any set of events ends the same, in whatever order, batches and repetitions it comes."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from subscribers.database import Database, open_database
from tests.factories.events import KINDS, enveloped, on_bus
from tests.unit.feedback.conftest import Sent, everything, make_sent

PEOPLE = 4
_FORMS = (lambda event: event, enveloped, on_bus)


@st.composite
def happenings(draw: st.DrawFn) -> list[tuple[str, int, float]]:
    """Kinds of events of people, at moments."""
    return draw(
        st.lists(st.tuples(st.sampled_from(KINDS), st.integers(1, PEOPLE), st.integers(1, 3)), min_size=1, max_size=12)
    )


@st.composite
def told(draw: st.DrawFn, what: list[tuple[str, int, float]]) -> list[list[tuple[int, int]]]:
    """Batches of (which, in which form): everything at least once, shuffled, some of it again."""
    again = draw(st.lists(st.integers(0, len(what) - 1), max_size=8))
    order = draw(st.permutations([*range(len(what)), *again]))
    forms = [draw(st.integers(0, len(_FORMS) - 1)) for _ in order]
    cuts = sorted(draw(st.sets(st.integers(1, max(1, len(order) - 1)), max_size=4)))
    items = list(zip(order, forms, strict=True))
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
    make_sent(database, PEOPLE).doubt(1, 2)
    database.close()
    return file


@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_order_ends_the_same(template: Path, data: st.DataObject) -> None:
    what = data.draw(happenings())
    ends = []
    for _ in range(2):
        batches = data.draw(told(what))
        with copied(template) as sent:
            for batch in batches:
                sent.take(*(_FORMS[form](sent.event(what[n][0], what[n][1], after=what[n][2])) for n, form in batch))
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

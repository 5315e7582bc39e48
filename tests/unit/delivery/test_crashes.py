"""Whoever sends may die at any step. Nobody gets two mails, nobody is missed, and the books balance all the time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, update

from newsletter.delivery.lifecycle import State
from newsletter.delivery.models import Chunk
from newsletter.delivery.pacing.gauge import Rules
from newsletter.delivery.pacing.rows import Rows
from newsletter.delivery.pacing.shared import SharedPace
from subscribers.clock import utc_now
from tests.factories.campaigns import Stage, make_stage
from tests.factories.people import Choice
from tests.fakes.mortal import Killed, Life, MortalDatabase
from tests.fakes.transports import CountingTransport, World

if TYPE_CHECKING:
    from newsletter.delivery.books import Books
    from subscribers.database import Database

TWO_VARIANTS = (Choice(topics="mri"), Choice(topics="ct"), Choice(status="unsubscribed"))


def run_until_killed(stage: Stage, campaign: int, world: World, life: Life, *, idempotent: bool) -> Books | None:
    """Run a campaign in a process with that life; None: it was killed."""
    database = MortalDatabase(stage.database.engine, life)
    transport = CountingTransport(world, idempotent=idempotent, max_recipients=2, between=life.step)
    try:
        pace = SharedPace(Rows(database, utc_now), Rules(cap=1e9))  # under SQLite one transaction with the ledger's
        return stage.sender(transport, chunk_size=4, database=database, pace=pace).run(campaign)
    except Killed:
        return None


def let_claims_expire(stage: Stage) -> None:
    """Let the time pass after which claims of the dead may be taken over (PostgreSQL; SQLite does not wait)."""
    with stage.database.write() as session:
        session.execute(update(Chunk).where(Chunk.state == "claimed").values(lease_until=func.now()))


def check(stage: Stage, campaign: int, world: World, books: Books) -> None:
    """What must be so at every moment."""
    rows = {row.subscriber_id: row.state for row in stage.deliveries(campaign)}
    accepted = {int(delivery_id.rpartition(".")[2]): count for delivery_id, count in world.accepted.items()}
    assert set(accepted.values()) <= {1}, "somebody got it twice"
    assert books.balanced
    assert books.settled == len(rows)
    assert {person for person, state in rows.items() if state == "sent"} <= accepted.keys(), "sent, yet nobody got it"
    assert not {person for person, state in rows.items() if state == "skipped"} & accepted.keys()
    assert books.state is not State.SENT or not books.pending


@pytest.mark.parametrize("idempotent", [True, False], ids=["with evidence", "without evidence"])
def test_a_sender_killed_at_any_one_step_sends_to_everybody_once(database: Database, idempotent: bool) -> None:  # noqa: FBT001 - a parameter of the test
    step, uncertain = 0, 0
    while True:
        step += 1
        stage, world, life = (
            make_stage(database, 9, TWO_VARIANTS, slug=f"list-{step}", first=9 * step),
            World(),
            Life(step),
        )
        campaign = stage.begin()
        if run_until_killed(stage, campaign, world, life, idempotent=idempotent) is not None:
            break  # there are no more steps
        check(stage, campaign, world, stage.sender(CountingTransport()).books(campaign))
        let_claims_expire(stage)

        books = run_until_killed(stage, campaign, world, Life(), idempotent=idempotent)

        assert books is not None
        check(stage, campaign, world, books)
        assert books.state is State.SENT
        assert books.uncertain <= (0 if idempotent else 2), "only those of the call it died in are in doubt"
        assert books.sent + books.uncertain == 6, "somebody was missed"
        uncertain += books.uncertain
    assert step > 50
    assert idempotent or uncertain, "it never died in a call"

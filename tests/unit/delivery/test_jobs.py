"""What there is to do, by the ledger."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import update

from newsletter.delivery import campaigns
from newsletter.delivery.claims import Claims
from newsletter.delivery.jobs import Errand, Kind, due, going_on
from newsletter.delivery.lifecycle import State
from newsletter.delivery.models import Chunk
from subscribers.database import Database
from tests.factories.campaigns import Stage, make_stage
from tests.fakes.transports import CountingTransport

PEOPLE = 35
"""Four chunks of up to ten."""


def _due(stage: Stage) -> list[str]:
    claims = Claims(stage.database, stage.token)
    with stage.database.read() as session:
        return [errand.name for errand in due(session, claims, now=stage.time.clock())]


def _going_on(stage: Stage) -> set[int]:
    with stage.database.read() as session:
        return set(going_on(session))


def _planned(stage: Stage) -> int:
    campaign = stage.begin()
    stage.sender(CountingTransport()).plan(campaign)
    return campaign


def test_names_are_what_errands_are_told_apart_by() -> None:
    errands = [Errand(Kind.PLAN, 1), Errand(Kind.WIND_UP, 1), Errand(Kind.SEND, 1, 2), Errand(Kind.SEND, 12)]
    assert [errand.name for errand in errands] == ["plan:1", "wind-up:1", "chunk:1:2", "chunk:12"]


def test_from_a_plan_to_the_end(database: Database) -> None:
    stage = make_stage(database, PEOPLE)
    assert (_due(stage), _going_on(stage)) == ([], set())
    campaign = stage.begin()
    assert _due(stage) == [f"plan:{campaign}"]
    sender = stage.sender(CountingTransport())
    sender.plan(campaign)
    chunks = [f"chunk:{campaign}:{number}" for number in range(len(stage.chunks(campaign)))]
    assert _due(stage) == chunks
    for number, _ in enumerate(chunks):
        assert _going_on(stage) == {campaign}
        sender.send_chunk(campaign, number)
        assert _due(stage) == (chunks[number + 1 :] or [f"wind-up:{campaign}"])
    sender.wind_up(campaign)
    assert (_due(stage), _going_on(stage)) == ([], set())


def test_what_is_claimed_or_put_off_is_not_due_yet_it_goes_on(database: Database) -> None:
    stage = make_stage(database, PEOPLE)
    campaign = _planned(stage)
    claims, now = Claims(database, stage.token), stage.time.clock()
    claim = claims.claim(campaign, State.SENDING, now=now)
    assert claim is not None
    assert f"chunk:{campaign}:{claim.chunk_no}" not in _due(stage)
    claims.put_off(claim, until=now + timedelta(seconds=30))
    assert f"chunk:{campaign}:{claim.chunk_no}" not in _due(stage)
    assert _going_on(stage) == {campaign}
    stage.time.now += timedelta(seconds=31)
    assert f"chunk:{campaign}:{claim.chunk_no}" in _due(stage)


def test_a_claim_that_has_run_out_is_due(postgresql_database: Database) -> None:
    stage = make_stage(postgresql_database, PEOPLE)
    campaign = _planned(stage)
    claim = Claims(postgresql_database, stage.token, seconds=-1).claim(campaign, State.SENDING, now=stage.time.clock())
    assert claim is not None
    assert f"chunk:{campaign}:{claim.chunk_no}" in _due(stage)


def test_what_waits_for_a_person_is_not_due(database: Database) -> None:
    stage = make_stage(database, PEOPLE)
    campaign = _planned(stage)
    with database.write() as session:
        campaigns.pause(session, campaign)
    assert (_due(stage), _going_on(stage)) == ([], set())


def test_the_books_of_a_cancelled_campaign_are_closed(database: Database) -> None:
    stage = make_stage(database, PEOPLE)
    campaign = _planned(stage)
    with database.write() as session:
        campaigns.cancel(session, campaign, "", now=stage.time.clock())
    assert (_due(stage), _going_on(stage)) == ([f"wind-up:{campaign}"], {campaign})
    stage.sender(CountingTransport()).wind_up(campaign)
    assert (_due(stage), _going_on(stage)) == ([], set())


def test_campaigns_take_turns(database: Database) -> None:
    one = make_stage(database, PEOPLE, slug="imaging")
    other = make_stage(database, PEOPLE, slug="surgery", first=1000)
    first, second = _planned(one), _planned(other)
    names = _due(one)
    assert names[:4] == [f"chunk:{first}:0", f"chunk:{second}:0", f"chunk:{first}:1", f"chunk:{second}:1"]


def test_a_long_campaign_is_handed_out_piece_by_piece(database: Database) -> None:
    stage = make_stage(database, 300)
    campaign = stage.begin()
    stage.sender(CountingTransport(), chunk_size=1).plan(campaign)
    assert len(_due(stage)) == 200
    assert len(stage.chunks(campaign)) > 200
    with database.write() as session:
        session.execute(update(Chunk).where(Chunk.chunk_no < 200).values(state="done", remaining=0))
    assert _due(stage) == [f"chunk:{campaign}:{n}" for n in range(200, len(stage.chunks(campaign)))]

"""Delivery by the readers' own clocks: everybody in the wave of their zone, no wave before its time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import groupby

import pytest
from sqlalchemy import select, update

from newsletter.delivery import campaigns
from newsletter.delivery.lifecycle import State
from newsletter.delivery.models import Campaign, Chunk, Planned
from newsletter.delivery.planning import write_plan
from newsletter.delivery.wall_time import read_wall
from subscribers.database import Database
from subscribers.models import Subscriber, Subscription
from subscribers.repository import reader_timezones
from tests.factories.campaigns import Stage, make_stage
from tests.factories.people import NOW, Choice
from tests.fakes.transports import CountingTransport

WALL = "2026-03-07T08:00:00"
ZONES = ("Europe/Paris", "Asia/Tokyo", None, "America/New_York", "Mars/Olympus", "Europe/Berlin")
TOKYO = datetime(2026, 3, 6, 23, tzinfo=UTC)
PARIS = datetime(2026, 3, 7, 7, tzinfo=UTC)
NEW_YORK = datetime(2026, 3, 7, 13, tzinfo=UTC)
INSTANTS = dict(zip(ZONES, (PARIS, TOKYO, PARIS, NEW_YORK, PARIS, PARIS), strict=True))


def planned(database: Database, people: int = 200, choices: tuple[Choice, ...] | None = None) -> tuple[Stage, int]:
    """Return a stage whose campaign by the readers' own clocks has its plan."""
    stage = make_stage(database, people, *([choices] if choices else []))
    with database.write() as session:
        for remainder, zone in enumerate(ZONES):
            session.execute(update(Subscriber).where(Subscriber.id % len(ZONES) == remainder).values(timezone=zone))
    campaign = stage.begin()
    with database.write() as session:
        values = {"scheduled_at": TOKYO, "wall_time": WALL, "timezone": "Europe/Paris", "local_time": True}
        session.execute(update(Campaign).where(Campaign.id == campaign).values(**values))
    mails = stage.mails(stage.info(campaign))
    write_plan(database, campaign, mails.choose, now=TOKYO, chunk_size=7)
    return stage, campaign


def test_everybody_is_in_a_chunk_of_their_own_instant_and_no_chunk_spans_two(database: Database) -> None:
    stage, campaign = planned(database)
    query = (
        select(Planned.position, Planned.variant_no, Planned.subscriber_id, Subscriber.timezone, Chunk.not_before)
        .join(Subscriber, Subscriber.id == Planned.subscriber_id)
        .join(Chunk, Planned.position.between(Chunk.first, Chunk.last))
        .order_by(Planned.position)
    )
    with database.read() as session:
        rows = session.execute(query).all()
    assert [row.position for row in rows] == list(range(len(rows)))
    assert all(row.not_before == INSTANTS[row.timezone] for row in rows)
    order = [(row.not_before, row.variant_no, row.subscriber_id) for row in rows]
    assert order == sorted(order)
    assert [at for at, _ in groupby(row.not_before for row in rows)] == [TOKYO, PARIS, NEW_YORK]
    chunks = stage.chunks(campaign)
    assert sum(chunk.remaining for chunk in chunks) == len(rows)
    assert all(chunk.last - chunk.first < 7 for chunk in chunks)


def test_those_who_get_nothing_are_in_the_books_as_always(database: Database) -> None:
    stage, campaign = planned(database, people=300)
    with database.read() as session:
        books = campaigns.progress(session, campaign, now=NOW).books
        everybody = session.scalars(select(Subscription).where(Subscription.status != "pending")).all()
    assert books.skipped == {"unsubscribed": 9, "suppressed": 6, "paused": 3}
    assert books.planned == len(everybody)
    assert len(stage.plan(campaign)) == books.pending == 279


def test_no_wave_leaves_before_its_time(database: Database) -> None:
    stage, campaign = planned(database, 60, (Choice(),))
    stage.time.now = TOKYO
    left: dict[int, datetime] = {}
    transport = CountingTransport()

    def wait(seconds: float) -> bool:
        for delivery in stage.deliveries(campaign):
            left.setdefault(delivery.subscriber_id, delivery.at)
        stage.time.now += timedelta(minutes=30) if seconds else timedelta()
        return False

    books = stage.sender(transport, wait=wait).run(campaign)
    assert (books.state, books.sent) == (State.SENT, 60)
    zones = {number: ZONES[number % len(ZONES)] for number in left}
    assert len(left) == 60
    assert all(timedelta() <= at - INSTANTS[zones[number]] < timedelta(hours=1) for number, at in left.items())


def test_a_campaign_by_own_clocks_of_people_without_zones_is_one_wave(database: Database) -> None:
    stage = make_stage(database, 10, (Choice(),))
    campaign = stage.begin()
    with database.write() as session:
        values = {"scheduled_at": PARIS, "wall_time": WALL, "timezone": "Europe/Paris", "local_time": True}
        session.execute(update(Campaign).where(Campaign.id == campaign).values(**values))
    write_plan(database, campaign, stage.mails(stage.info(campaign)).choose, now=PARIS)
    assert [chunk.not_before for chunk in stage.chunks(campaign)] == [PARIS]


def test_a_list_without_people_is_planned_by_own_clocks_too(database: Database) -> None:
    stage, campaign = planned(database, people=0)
    assert stage.chunks(campaign) == []
    assert stage.info(campaign).state is State.SENDING


def test_the_zones_of_a_list_are_those_of_its_active_people(database: Database) -> None:
    stage = make_stage(database, 4, (Choice(), Choice(status="unsubscribed")))
    with database.write() as session:
        for number, zone in enumerate(("Asia/Tokyo", "America/New_York", None, "Europe/Paris"), start=1):
            session.execute(update(Subscriber).where(Subscriber.id == number).values(timezone=zone))
    with database.read() as session:
        assert reader_timezones(session, stage.publication.id) == {"Asia/Tokyo", None}


@pytest.mark.parametrize("local_time", [False, None])
def test_otherwise_everybody_has_their_turn_at_once(database: Database, local_time: bool | None) -> None:  # noqa: FBT001 - a parameter of the test
    stage = make_stage(database, 30, (Choice(),))
    with database.write() as session:
        session.execute(update(Subscriber).values(timezone="Asia/Tokyo"))
    campaign = stage.begin()
    with database.write() as session:
        values = {"scheduled_at": PARIS, "wall_time": WALL, "timezone": "Europe/Paris", "local_time": local_time}
        session.execute(update(Campaign).where(Campaign.id == campaign).values(**values))
    write_plan(database, campaign, stage.mails(stage.info(campaign)).choose, now=read_wall(WALL).replace(tzinfo=UTC))
    assert {chunk.not_before for chunk in stage.chunks(campaign)} == {None}

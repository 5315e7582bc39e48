"""The plan: everybody on the list once, in variant order, in one transaction."""

from __future__ import annotations

from datetime import timedelta
from itertools import groupby
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import event, select

from newsletter.delivery import campaigns
from newsletter.delivery.books import books
from newsletter.delivery.headcount import headcount
from newsletter.delivery.lifecycle import State
from newsletter.delivery.models import Campaign, Planned, VariantRow
from newsletter.delivery.plan import Preference
from newsletter.delivery.planning import write_plan
from newsletter.errors import Refused
from subscribers.lists import ListStore
from subscribers.models import Subscription
from subscribers.publication import Policies
from tests.factories.campaigns import Stage, make_revision, make_stage
from tests.factories.people import MIXED, NOW, Choice
from tests.fakes.transports import CountingTransport

if TYPE_CHECKING:
    from subscribers.database import Database


def plan(stage: Stage, campaign: int, chunk_size: int = 10) -> None:
    mails = stage.mails(stage.info(campaign))
    write_plan(stage.database, campaign, mails.choose, now=stage.time.clock(), chunk_size=chunk_size)


def test_everybody_on_the_list_is_in_the_plan_or_has_an_outcome_with_its_reason(database: Database) -> None:
    stage = make_stage(database, 300)
    campaign = stage.begin()
    plan(stage, campaign)

    planned = {row.subscriber_id for row in stage.plan(campaign)}
    skipped = {row.subscriber_id: row.reason for row in stage.deliveries(campaign)}
    with database.read() as session:
        confirmed = session.scalars(select(Subscription.subscriber_id).where(Subscription.status != "pending")).all()
        balance = books(session, campaign)

    assert planned | skipped.keys() == set(confirmed)
    assert not planned & skipped.keys()
    assert {reason: list(skipped.values()).count(reason) for reason in set(skipped.values())} == balance.skipped
    assert balance.skipped == {"unsubscribed": 9, "suppressed": 6, "paused": 3}
    assert (balance.planned, balance.pending) == (297, 279)
    assert stage.info(campaign).state is State.SENDING


def test_the_plan_is_in_variant_order_without_gaps(database: Database) -> None:
    stage = make_stage(database, 120)
    campaign = stage.begin()
    plan(stage, campaign)

    rows = stage.plan(campaign)
    assert [row.position for row in rows] == list(range(len(rows)))
    assert [key for key, _ in groupby(row.variant_no for row in rows)] == sorted({row.variant_no for row in rows})
    by_variant = [list(group) for _, group in groupby(rows, key=lambda row: row.variant_no)]
    assert all([row.subscriber_id for row in rows] == sorted(row.subscriber_id for row in rows) for rows in by_variant)


def test_everybody_gets_the_variant_of_their_own_choice(database: Database) -> None:
    choices = (*MIXED, Choice(20, "fr", "", excluded="mri"), Choice(9, "fr", "ct", excluded="mri"))
    stage = make_stage(database, 200, choices)
    campaign = stage.begin()
    plan(stage, campaign)
    mails = stage.mails(stage.info(campaign))

    with database.read() as session:
        rows = session.execute(
            select(Subscription.languages, Subscription.topics, Subscription.topics_excluded, VariantRow)
            .join(Planned, Planned.subscriber_id == Subscription.subscriber_id)
            .join(VariantRow, VariantRow.variant_no == Planned.variant_no)
        ).all()

    assert len(rows) == len(stage.plan(campaign))
    for languages, topics, excluded, variant in rows:
        chosen = mails.choose(Preference(languages, topics, excluded))
        assert chosen is not None
        assert (variant.language, variant.content_language) == (chosen.language, chosen.content_language)
        assert tuple(variant.items) == chosen.items


def test_chunks_cover_the_plan(database: Database) -> None:
    stage = make_stage(database, 100)
    campaign = stage.begin()
    plan(stage, campaign, chunk_size=7)

    chunks = stage.chunks(campaign)
    covered = [position for chunk in chunks for position in range(chunk.first, chunk.last + 1)]
    assert covered == [row.position for row in stage.plan(campaign)]
    assert sum(chunk.remaining for chunk in chunks) == len(covered)
    assert {chunk.state for chunk in chunks} == {"open"}


def test_a_list_without_people_is_planned_and_sent(database: Database) -> None:
    stage = make_stage(database, people=0)
    campaign = stage.begin()
    balance = stage.sender(CountingTransport()).run(campaign)
    assert (balance.state, balance.planned, balance.balanced) == (State.SENT, 0, True)


def test_a_pause_that_is_over_is_no_reason(database: Database) -> None:
    choices = (
        Choice(paused_until=NOW - timedelta(seconds=1)),
        Choice(paused_until=NOW + timedelta(seconds=1)),
    )
    stage = make_stage(database, 10, choices)
    campaign = stage.begin()
    plan(stage, campaign)
    assert len(stage.plan(campaign)) == 5


def test_those_for_whom_there_is_nothing_are_skipped(database: Database) -> None:
    stage = make_stage(database, 10, (Choice(topics="reporting"), Choice(topics="mri")))
    campaign = stage.begin()
    choose = stage.mails(stage.info(campaign)).choose
    write_plan(database, campaign, lambda chosen: None if chosen.topics == "reporting" else choose(chosen), now=NOW)
    with database.read() as session:
        balance = books(session, campaign)
    assert balance.skipped == {"nothing for them": 5}
    assert balance.pending == 5


@pytest.mark.parametrize("offered", [True, False])
def test_who_chose_one_mail_a_month_waits_for_it_where_there_is_one(database: Database, *, offered: bool) -> None:
    stage = make_stage(database, 10, (Choice(), Choice(digest="monthly")))
    campaign = stage.begin()
    info = stage.info(campaign)
    with database.write() as session:
        lists = ListStore(session)
        lists.edit(lists.by_id(info.list_id).slug, policies=Policies(digest_offered=offered))
    with database.read() as session:
        issue = session.get_one(Campaign, campaign).issue_id
        counted = headcount(session, info.list_id, issue, stage.mails(info).choose, now=NOW)
    plan(stage, campaign)
    with database.read() as session:
        balance = books(session, campaign)
    assert balance.skipped == ({"digest": 5} if offered else {})
    assert balance.pending == (5 if offered else 10)
    assert (counted.recipients, counted.skipped) == (balance.pending, balance.skipped)


def test_planning_again_changes_nothing(database: Database) -> None:
    stage = make_stage(database, 50)
    campaign = stage.begin()
    plan(stage, campaign)
    before = [(row.position, row.subscriber_id) for row in stage.plan(campaign)]
    plan(stage, campaign)
    assert [(row.position, row.subscriber_id) for row in stage.plan(campaign)] == before


def test_a_planner_that_dies_leaves_nothing(database: Database) -> None:
    stage = make_stage(database, 50)
    campaign = stage.begin()

    @event.listens_for(database.engine, "before_cursor_execute")
    def die_at_the_end(*arguments: object) -> None:
        if str(arguments[2]).startswith("UPDATE campaigns"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        plan(stage, campaign)
    event.remove(database.engine, "before_cursor_execute", die_at_the_end)

    assert not stage.plan(campaign)
    assert not stage.deliveries(campaign)
    assert not stage.chunks(campaign)
    assert stage.info(campaign).state is State.PLANNING


def test_a_campaign_paused_while_it_waits_to_be_planned_is_planned_when_it_is_resumed(database: Database) -> None:
    stage = make_stage(database, 20)
    campaign = stage.begin()
    with database.write() as session:
        campaigns.pause(session, campaign, "not yet")
    plan(stage, campaign)
    assert not stage.plan(campaign)

    with database.write() as session:
        campaigns.resume(session, campaign)
    assert stage.info(campaign).state is State.PLANNING
    assert stage.sender(CountingTransport()).run(campaign).state is State.SENT


def test_who_got_it_from_a_campaign_that_was_cancelled_does_not_get_it_again(database: Database) -> None:
    stage = make_stage(database, 40, (Choice(),))
    world = CountingTransport()
    first = stage.begin()
    stage.sender(world, wait=lambda _seconds: len(world.calls) >= 3).run(first)
    with database.write() as session:
        campaigns.cancel(session, first, "a mistake in the issue", now=NOW)
    stage.sender(world).run(first)
    got_it = len(world.world.accepted)
    make_revision(database, stage.publication, 2)

    second = stage.begin()
    balance = stage.sender(world).run(second)

    assert 0 < got_it < 40
    assert balance.skipped == {"had it already": got_it}
    assert balance.sent == 40 - got_it
    assert len({delivery_id.rpartition(".")[2] for delivery_id in world.world.accepted}) == 40


def test_a_campaign_does_not_begin_while_mail_of_a_cancelled_one_may_be_on_its_way(database: Database) -> None:
    stage = make_stage(database, 40, (Choice(),))
    first = stage.begin()
    transport = CountingTransport()
    stage.sender(transport, wait=lambda _seconds: len(transport.calls) >= 2).run(first)
    with database.write() as session:
        campaigns.cancel(session, first, "", now=NOW)
    second = stage.begin()
    with pytest.raises(Refused, match=f"run `newsletter campaign cancel {first}` once more"):
        plan(stage, second)

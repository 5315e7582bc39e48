"""What is counted beforehand is what the plan then writes."""

from __future__ import annotations

from collections import Counter

import pytest
from sqlalchemy import func, select

from newsletter.delivery import campaigns
from newsletter.delivery.books import books
from newsletter.delivery.headcount import Headcount, begun, headcount
from newsletter.delivery.lifecycle import State
from newsletter.delivery.models import Campaign, Planned, VariantRow
from newsletter.delivery.plan import Variant
from newsletter.delivery.planning import write_plan
from newsletter.errors import Refused
from subscribers.database import Database
from tests.factories.campaigns import Stage, make_stage
from tests.factories.people import NOW
from tests.fakes.transports import CountingTransport


def count(stage: Stage, campaign: int) -> Headcount:
    mails = stage.mails(stage.info(campaign))
    with stage.database.read() as session:
        issue = session.get_one(Campaign, campaign).issue_id
        return headcount(session, stage.publication.id, issue, mails.choose, now=NOW)


def planned(stage: Stage, campaign: int) -> Headcount:
    """Write the plan, and return what it says."""
    write_plan(stage.database, campaign, stage.mails(stage.info(campaign)).choose, now=NOW)
    with stage.database.read() as session:
        numbers = session.execute(
            select(VariantRow, func.count())
            .join(
                Planned,
                (Planned.campaign_id == VariantRow.campaign_id) & (Planned.variant_no == VariantRow.variant_no),
            )
            .where(VariantRow.campaign_id == campaign)
            .group_by(VariantRow.campaign_id, VariantRow.variant_no)
        )
        variants = {Variant(row.language, row.content_language, tuple(row.items)): people for row, people in numbers}
        return Headcount(Counter(variants), books(session, campaign).skipped)


def test_everybody_is_counted_as_they_are_planned(database: Database) -> None:
    stage = make_stage(database, 300)
    campaign = stage.begin()
    counted = count(stage, campaign)
    assert counted == planned(stage, campaign)
    assert counted.recipients + sum(counted.skipped.values()) == 297, "all but the three who never confirmed"
    assert sum(counted.by_language().values()) == counted.recipients
    assert next(iter(counted.by_language())) == "fr", "the most first"


def test_who_had_it_from_a_cancelled_campaign_is_not_counted_again(database: Database) -> None:
    stage, transport = make_stage(database, 100), CountingTransport()
    first = stage.begin()
    stage.sender(transport, wait=lambda _seconds: len(transport.calls) >= 2).run(first)
    with database.write() as session:
        campaigns.cancel(session, first, "", now=NOW)
    with pytest.raises(Refused, match="campaign cancel"):
        count(stage, first)
    stage.sender(transport).run(first)
    second = stage.begin()
    counted = count(stage, second)
    assert counted.skipped["had it already"] == len(transport.world.accepted) > 0
    assert counted == planned(stage, second)


def test_a_campaign_that_was_begun_is_found_and_a_cancelled_one_is_not(database: Database) -> None:
    stage = make_stage(database, 5)
    campaign = stage.begin()
    with database.read() as session:
        issue = session.get_one(Campaign, campaign).issue_id
        assert begun(session, stage.publication.id, issue) == (campaign, State.PLANNING)
    with database.write() as session:
        campaigns.cancel(session, campaign, "", now=NOW)
    with database.read() as session:
        assert begun(session, stage.publication.id, issue) is None

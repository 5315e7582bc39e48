"""A digest for those who chose it, the other issues for the rest: never both, never neither."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import count
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from newsletter.delivery import scheduled
from newsletter.delivery.appointments import HeldBack, why
from newsletter.delivery.books import books
from newsletter.delivery.headcount import headcount
from newsletter.delivery.lifecycle import State
from newsletter.delivery.models import Campaign
from newsletter.delivery.notices.latest import latest_issue
from newsletter.delivery.planning import write_plan
from newsletter.delivery.rhythm import decide
from newsletter.errors import Refused
from newsletter.issues.codec import dumps
from newsletter.issues.examples import latest_finalized
from newsletter.issues.models import IssueRevision
from subscribers.lists import ListStore
from subscribers.models import Subscription
from subscribers.preferences import Digest
from subscribers.publication import Policies
from tests.factories.campaigns import SLUG, Stage, make_revision, make_stage
from tests.factories.digests import digest, week
from tests.factories.issues import DATE
from tests.factories.people import NOW, Choice
from tests.fakes.transports import CountingTransport
from tests.fixtures.thoroughness import examples

if TYPE_CHECKING:
    from collections.abc import Sequence

    from subscribers.database import Database

MARCH = date(2026, 3, 31)
CHOICES = (
    Choice(4),
    Choice(2, digest="monthly"),
    Choice(1, digest="monthly", status="unsubscribed"),
    Choice(1, digest="monthly", paused_until=NOW + timedelta(days=3)),
    Choice(1, status="unsubscribed"),
    Choice(1, digest="monthly", suppressed=True),
)
_numbers = count(1)


def offer(stage: Stage, *, offered: bool) -> None:
    with stage.database.write() as session:
        ListStore(session).edit(stage.publication.slug, policies=Policies(digest_offered=offered))


def with_digest(database: Database, people: int = 20, choices: Sequence[Choice] = CHOICES) -> Stage:
    stage = make_stage(database, people, choices)
    offer(stage, offered=True)
    make_revision(database, stage.publication, 1, day=MARCH, digest=True)
    return stage


def planned(stage: Stage, campaign: int) -> set[int]:
    write_plan(stage.database, campaign, stage.mails(stage.info(campaign)).choose, now=stage.time.clock())
    return {row.subscriber_id for row in stage.plan(campaign)}


def who(stage: Stage, wish: Digest) -> set[int]:
    with stage.database.read() as session:
        mine = (Subscription.list_id == stage.publication.id, Subscription.digest == wish)
        return set(session.scalars(select(Subscription.subscriber_id).where(*mine)))


def test_a_digest_goes_to_those_who_chose_it_and_its_books_are_theirs(database: Database) -> None:
    stage = with_digest(database)
    weekly, monthly = stage.begin(), stage.begin("2026-03")
    with database.read() as session:
        infos = {number: session.get_one(Campaign, number).issue_id for number in (weekly, monthly)}
        counted = {
            number: headcount(session, stage.publication.id, issue, stage.mails(stage.info(number)).choose, now=NOW)
            for number, issue in infos.items()
        }
    of_weekly, of_monthly = planned(stage, weekly), planned(stage, monthly)
    assert (len(of_weekly), len(of_monthly)) == (8, 4)
    assert of_weekly <= who(stage, Digest.WEEKLY)
    assert of_monthly <= who(stage, Digest.MONTHLY)
    with database.read() as session:
        of_issue, of_digest = books(session, weekly), books(session, monthly)
    assert of_issue.skipped == {"digest": 4, "paused": 2, "suppressed": 2, "unsubscribed": 4}
    assert of_digest.skipped == {"paused": 2, "suppressed": 2, "unsubscribed": 2}
    assert of_issue.balanced
    assert of_digest.balanced
    for number, found in ((weekly, of_issue), (monthly, of_digest)):
        assert (counted[number].recipients, counted[number].skipped) == (found.pending, found.skipped)


def test_it_is_sent_as_any_campaign_is(database: Database) -> None:
    stage = with_digest(database)
    transport = CountingTransport()
    balance = stage.sender(transport).run(stage.begin("2026-03"))
    assert (balance.state, balance.sent, balance.balanced) == (State.SENT, 4, True)


def started(stage: Stage, slug: str) -> int:
    with stage.database.write() as session:
        publication, revision = ListStore(session).by_id(stage.publication.id), stage.newest(session, slug)
        return scheduled.start(session, publication, revision, slug, token=stage.token, now=NOW)


@pytest.mark.parametrize("why_nobody", ["not offered", "not chosen"])
def test_a_digest_for_nobody_is_not_used_up(database: Database, why_nobody: str) -> None:
    stage = with_digest(database, choices=[Choice(digest="monthly" if why_nobody == "not offered" else "weekly")])
    if why_nobody == "not offered":
        offer(stage, offered=False)
    with pytest.raises(Refused, match="digest"):
        started(stage, "2026-03")
    campaign = stage.begin("2026-03")
    with database.write() as session:
        later = {"state": "scheduled", "scheduled_at": NOW, "wall_time": "2026-03-06T08:00:00", "timezone": "UTC"}
        session.execute(update(Campaign).where(Campaign.id == campaign).values(**later, local_time=False))
        held = scheduled.begin_due(session, campaign, now=NOW, catch_up_hours=6)
    assert held is HeldBack.NOBODY
    assert "digest" in why(stage.info(campaign))


_STEPS = st.lists(
    st.sampled_from(["offer", "withdraw", "issue", "digest"]) | st.tuples(st.integers(0, 2), st.sampled_from(Digest)),
    max_size=8,
)


@given(steps=_STEPS)
@settings(max_examples=examples(8), suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_people_wish_each_gets_every_issue_or_the_digest(
    sqlite_database: Database, steps: list[str | tuple[int, Digest]]
) -> None:
    """In any sequence of wishes and policies, at every moment: one of the two, and not the other."""
    number = next(_numbers)
    stage = make_stage(sqlite_database, 3, [Choice()], slug=f"list-{number}", first=3 * number)
    everybody = sorted(who(stage, Digest.WEEKLY))
    offered, wished, days = False, dict.fromkeys(everybody, Digest.WEEKLY), count(1)

    def sent(*, monthly: bool) -> set[int]:
        day = DATE + timedelta(days=40 * next(days))
        name = make_revision(sqlite_database, stage.publication, 1, day=day, digest=monthly)
        return planned(stage, stage.begin(name))

    for step in [*steps, "issue", "digest"]:
        if step in {"offer", "withdraw"}:
            offered = step == "offer"
            offer(stage, offered=offered)
        elif isinstance(step, tuple):
            person = everybody[step[0]]
            wished[person] = step[1]
            with sqlite_database.write() as session:
                mine = (Subscription.list_id == stage.publication.id, Subscription.subscriber_id == person)
                session.execute(update(Subscription).where(*mine).values(digest=step[1]))
        else:
            monthly = {each for each, wish in wished.items() if offered and wish is Digest.MONTHLY}
            assert sent(monthly=step == "digest") == (monthly if step == "digest" else set(everybody) - monthly)


@pytest.mark.parametrize("offered", [True, False])
def test_every_wish_is_served_by_one_of_the_two(*, offered: bool) -> None:
    issue, of_month = (decide(is_digest=is_digest, offered=offered) for is_digest in (False, True))
    assert issue.gets | of_month.gets == set(Digest)
    assert not issue.gets & of_month.gets
    assert issue.gets <= issue.in_books
    assert of_month.gets == of_month.in_books


def test_a_welcome_brings_the_digest_to_those_who_read_monthly_and_the_issue_to_the_rest(database: Database) -> None:
    stage = with_digest(database, 2, [Choice(), Choice(digest="monthly")])
    _write(stage, SLUG, dumps(week(0)))
    _write(stage, "2026-03", dumps(digest()))
    (weekly,), (monthly,) = who(stage, Digest.WEEKLY), who(stage, Digest.MONTHLY)
    with database.read() as session:
        assert latest_finalized(session, stage.publication.id) == week(0), "examples are not of a digest"
        assert latest_issue(session, stage.publication.id, monthly) is None
    for slug, of_weekly, of_monthly in ((SLUG, week(0), week(0)), ("2026-03", week(0), digest())):
        campaign = stage.begin(slug)
        with database.write() as session:  # as if it had been sent before they came
            ended = {"state": "sent", "planned": 0, "started_at": NOW, "finished_at": NOW}
            session.execute(update(Campaign).where(Campaign.id == campaign).values(**ended))
        with database.read() as session:
            assert latest_issue(session, stage.publication.id, weekly) == of_weekly
            assert latest_issue(session, stage.publication.id, monthly) == of_monthly
    offer(stage, offered=False)
    with database.read() as session:
        assert latest_issue(session, stage.publication.id, monthly) == week(0)


def _write(stage: Stage, slug: str, content: str) -> None:
    with stage.database.write() as session:
        revision = stage.newest(session, slug)
        session.execute(update(IssueRevision).where(IssueRevision.id == revision.id).values(content=content))

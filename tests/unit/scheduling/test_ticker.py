"""The ticker: what is due begins once, however many look, whatever the clocks do, however long nobody looked."""

from __future__ import annotations

import random
from collections import Counter
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from datetime import date, datetime, timedelta
from multiprocessing import get_context
from threading import Thread
from time import sleep

import pytest
from sqlalchemy import event, select, update

from newsletter.delivery import campaigns
from newsletter.delivery.appointments import HeldBack
from newsletter.delivery.campaigns import CampaignInfo
from newsletter.delivery.lifecycle import State
from newsletter.scheduling.models import Occurrence, Schedule
from newsletter.scheduling.ticker import Ticked
from subscribers.database import Database, open_database
from subscribers.lists import ListStore
from subscribers.models import Subscriber, Subscription
from subscribers.publication import Policies
from tests.factories.campaigns import SLUG, Stage, Time, make_revision, make_stage
from tests.factories.people import Choice, make_list
from tests.factories.slots import at, give_slots, happened, make_ticker, slots

MONDAY = at("2026-03-02T12:00")
FRIDAY = at("2026-03-06T08:00")
WEEK = timedelta(days=7)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def stage(database: Database) -> Stage:
    """A list with people, an issue of Friday, 6 March, and a slot on Fridays at eight."""
    stage = make_stage(database, 5, (Choice(),))
    give_slots(database, stage.publication, "fri 08:00", now=MONDAY)
    stage.time.now = FRIDAY
    return stage


def tick(stage: Stage, now: datetime | None = None, catch_up_hours: float = 6.0) -> Ticked:
    stage.time.now = now or stage.time.now
    return make_ticker(stage.database, stage.time.clock, catch_up_hours).tick()


def outcome(stage: Stage) -> tuple[str, str]:
    """Return what came of the last time, and the note."""
    last = happened(stage.database, stage.publication)[0]
    return last.outcome, last.note


def all_campaigns(stage: Stage) -> list[CampaignInfo]:
    with stage.database.read() as session:
        return list(campaigns.all_campaigns(session))


def test_at_its_time_the_issue_that_is_ready_begins(stage: Stage) -> None:
    assert tick(stage, FRIDAY - timedelta(seconds=1)) == Ticked()
    (fired,) = tick(stage, FRIDAY).fired
    (campaign,) = all_campaigns(stage)
    assert (fired.outcome, fired.campaign_id, campaign.issue) == ("begun", campaign.id, SLUG)
    assert (campaign.state, campaign.scheduled_at, campaign.wall_time) == (
        State.PLANNING,
        FRIDAY,
        "2026-03-06T08:00:00",
    )
    assert slots(stage.database, stage.publication)[0].next_fire_at == FRIDAY + WEEK
    assert tick(stage, FRIDAY + MINUTE) == Ticked()


def test_a_draft_does_not_go_and_the_slot_says_so(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    make_revision(stage.database, stage.publication, 2, finalized=False)
    tick(stage)
    assert outcome(stage)[0] == "nothing"
    assert "issue 2026-03-06 (revision 2) is a draft: `newsletter issue finalize 2026-03-06`" in outcome(stage)[1]
    assert "revision 2) is a draft" in caplog.text
    assert all_campaigns(stage) == []


def test_without_an_issue_nothing_goes_and_the_slot_says_so(database: Database) -> None:
    stage = make_stage(database, 5)
    other = make_list(database, "other")
    give_slots(database, other, "fri 08:00", now=MONDAY)
    make_ticker(database, lambda: FRIDAY).tick()
    (was,) = happened(database, other)
    assert (was.outcome, was.campaign_id, was.note) == ("nothing", None, "no issue is ready")
    assert all_campaigns(stage) == []


def test_what_has_a_time_of_its_own_does_not_go_by_a_slot(stage: Stage) -> None:
    stage.schedule(FRIDAY + WEEK, now=MONDAY)
    tick(stage)
    assert outcome(stage)[0] == "nothing"
    assert "has a time of its own" in outcome(stage)[1]


def test_what_was_cancelled_does_not_go_again_by_itself_but_its_correction_does(stage: Stage) -> None:
    first = stage.begin()
    with stage.database.write() as session:
        campaigns.cancel(session, first, "", now=MONDAY)
    tick(stage)
    assert outcome(stage) == ("nothing", f"issue {SLUG} (revision 1) was cancelled; no issue is ready")
    give_slots(stage.database, stage.publication, "fri 08:00", "sat 08:00", now=FRIDAY + MINUTE)
    make_revision(stage.database, stage.publication, 2)
    tick(stage, FRIDAY + timedelta(days=1))
    assert outcome(stage)[0] == "begun"


def test_an_issue_of_a_later_slots_date_waits_for_it(stage: Stage) -> None:
    make_revision(stage.database, stage.publication, 1, day=date(2026, 3, 13))
    tick(stage, FRIDAY)
    tick(stage, FRIDAY + WEEK)
    assert [info.issue for info in all_campaigns(stage)] == ["2026-03-13", "2026-03-06"]


def test_an_issue_goes_at_the_last_slot_before_its_date(database: Database) -> None:
    """The issue of Friday goes on Thursday evening, where there is no slot on Friday."""
    stage = make_stage(database, 5, (Choice(),))
    give_slots(database, stage.publication, "thu 18:00", now=MONDAY)
    tick(stage, at("2026-03-05T18:00"))
    assert outcome(stage)[0] == "begun"


def test_of_two_slots_on_a_day_the_second_takes_what_was_not_ready_for_the_first(database: Database) -> None:
    stage = make_stage(database, 5, (Choice(),))
    give_slots(database, stage.publication, "fri 08:00", "fri 18:00", now=MONDAY)
    make_revision(database, stage.publication, 2, finalized=False)
    tick(stage, FRIDAY)
    assert outcome(stage)[0] == "nothing"
    make_revision(database, stage.publication, 3)
    tick(stage, at("2026-03-06T18:00"))
    assert outcome(stage)[0] == "begun"


def test_an_issue_older_than_one_that_went_never_goes_by_itself(stage: Stage) -> None:
    tick(stage, FRIDAY)
    make_revision(stage.database, stage.publication, 1, day=date(2026, 2, 27))
    tick(stage, FRIDAY + WEEK)
    assert outcome(stage) == ("nothing", "no issue is ready")


def test_the_newest_that_is_ready_goes_and_what_is_newer_is_named(stage: Stage) -> None:
    make_revision(stage.database, stage.publication, 1, day=date(2026, 3, 9), finalized=False)
    tick(stage, FRIDAY)
    (campaign,) = all_campaigns(stage)
    assert campaign.issue == SLUG
    assert "issue 2026-03-09 (revision 1) is a draft" in outcome(stage)[1]


def test_a_list_without_people_uses_no_issue_up(database: Database) -> None:
    stage = make_stage(database, 0)
    give_slots(database, stage.publication, "fri 08:00", now=MONDAY)
    tick(stage, FRIDAY)
    assert outcome(stage) == ("nothing", f"issue {SLUG} is ready, but nobody on the list may get mail")
    assert all_campaigns(stage) == []


def with_digest(stage: Stage, *slots: str, wish: str = "monthly") -> None:
    """Let some read monthly, and the digest of February be ready; the list sends at these slots from Monday on."""
    make_revision(stage.database, stage.publication, 1, day=date(2026, 2, 28), digest=True)
    give_slots(stage.database, stage.publication, *slots, now=MONDAY)
    with stage.database.write() as session:
        lists = ListStore(session)
        lists.edit(stage.publication.slug, policies=Policies(digest_offered=True))
        session.execute(update(Subscription).where(Subscription.subscriber_id > 2).values(digest=wish))


def test_a_digest_goes_at_its_own_slot_and_no_other_issue_does(stage: Stage) -> None:
    with_digest(stage, "fri 08:00", "first fri 08:00")
    (first, second) = tick(stage, FRIDAY).fired
    begun = {str(each.schedule.slot): each.campaign_id for each in (first, second)}
    issues = {info.id: info.issue for info in all_campaigns(stage)}
    assert {slot: issues[number or 0] for slot, number in begun.items()} == {
        "fri 08:00 UTC": SLUG,
        "first fri 08:00 UTC": "2026-02",
    }
    (fired,) = tick(stage, FRIDAY + WEEK).fired
    assert (str(fired.schedule.slot), fired.note) == ("fri 08:00 UTC", "no issue is ready")
    fired = tick(stage, at("2026-04-03T08:00")).fired[-1]
    assert "no digest is ready: `newsletter issue digest imaging --month" in fired.note


def test_no_other_issue_goes_at_a_digest_s_slot(stage: Stage) -> None:
    with_digest(stage, "first fri 08:00")
    make_revision(stage.database, stage.publication, 2, day=date(2026, 2, 28), digest=True, finalized=False)
    tick(stage, FRIDAY)
    assert outcome(stage)[0] == "nothing"
    assert "issue 2026-02 (revision 2) is a draft" in outcome(stage)[1]
    assert all_campaigns(stage) == []


def test_a_digest_that_nobody_chose_is_not_used_up(stage: Stage) -> None:
    with_digest(stage, "first fri 08:00", wish="weekly")
    tick(stage, FRIDAY)
    assert outcome(stage) == ("nothing", "issue 2026-02 is ready, but nobody gets the digest")


def test_a_little_late_it_begins_and_says_how_late(stage: Stage) -> None:
    tick(stage, FRIDAY + timedelta(hours=6))
    assert outcome(stage) == ("begun", "begun 360 minutes late")


def test_much_later_a_person_is_asked(stage: Stage) -> None:
    tick(stage, FRIDAY + timedelta(hours=6, seconds=1))
    assert outcome(stage)[0] == "missed"
    (campaign,) = all_campaigns(stage)
    assert (campaign.state, campaign.held_back) == (State.SCHEDULED, HeldBack.MISSED)
    assert tick(stage, FRIDAY + timedelta(days=1)) == Ticked()
    assert stage.begin() == campaign.id
    assert stage.info(campaign.id).state is State.PLANNING


def test_a_slot_may_say_itself_how_late_is_too_late(stage: Stage) -> None:
    give_slots(stage.database, stage.publication, "fri 08:00", now=MONDAY, catch_up_hours=0)
    tick(stage, FRIDAY + timedelta(minutes=6))
    assert outcome(stage)[0] == "missed"


def test_after_three_weeks_without_a_ticker_each_slot_has_its_issue(stage: Stage) -> None:
    for weeks in (1, 2, 3):
        make_revision(stage.database, stage.publication, 1, day=(FRIDAY + weeks * WEEK).date())
    now = FRIDAY + 3 * WEEK + timedelta(hours=1)
    for _ in range(5):
        tick(stage, now)
    found = [(info.issue, info.state) for info in all_campaigns(stage)]
    assert found == [
        ("2026-03-27", State.PLANNING),
        ("2026-03-20", State.SCHEDULED),
        ("2026-03-13", State.SCHEDULED),
        ("2026-03-06", State.SCHEDULED),
    ]
    assert [was.outcome for was in happened(stage.database, stage.publication)] == ["begun"] + ["missed"] * 3


def test_a_clock_that_goes_back_and_forth_fires_nothing_twice(stage: Stage) -> None:
    for hours in (0, 1, -24, 24 * 8, -24 * 30, 24 * 8, 0, 24 * 15):
        tick(stage, FRIDAY + timedelta(hours=hours))
    walls = [was.wall_time for was in happened(stage.database, stage.publication)]
    assert len(walls) == len(set(walls)) == 3
    assert len(all_campaigns(stage)) == 1


def test_a_slot_given_back_by_a_clock_that_went_back_does_not_fire_again(stage: Stage) -> None:
    tick(stage, FRIDAY)
    give_slots(stage.database, stage.publication, now=FRIDAY)
    give_slots(stage.database, stage.publication, "fri 08:00", now=FRIDAY - timedelta(hours=1))
    assert slots(stage.database, stage.publication)[0].next_fire_at == FRIDAY
    assert tick(stage, FRIDAY) == Ticked()
    assert slots(stage.database, stage.publication)[0].next_fire_at == FRIDAY + WEEK


def test_by_the_readers_own_clocks_it_begins_with_the_first_and_is_planned_for_all(stage: Stage) -> None:
    with stage.database.write() as session:
        session.execute(update(Subscriber).where(Subscriber.id == 1).values(timezone="Asia/Tokyo"))
        session.execute(update(Schedule).values(local_time=True, next_fire_at=(tokyo := at("2026-03-05T23:00"))))
    tick(stage, tokyo)
    (campaign,) = all_campaigns(stage)
    assert (campaign.local_time, campaign.timezone, campaign.scheduled_at) == (True, "UTC", tokyo)
    assert slots(stage.database, stage.publication)[0].next_fire_at == tokyo + WEEK


def test_when_the_first_of_the_zones_leaves_the_list_the_same_date_does_not_fire_again(stage: Stage) -> None:
    with stage.database.write() as session:
        session.execute(update(Schedule).values(local_time=True, next_fire_at=at("2026-03-05T23:00")))
    for now in (at("2026-03-05T23:00"), FRIDAY, FRIDAY + WEEK):
        tick(stage, now)
    walls = [was.wall_time.isoformat() for was in happened(stage.database, stage.publication)]
    assert walls == ["2026-03-13T08:00:00", "2026-03-06T08:00:00"]


def test_scheduled_campaigns_begin_too_and_are_held_back(database: Database) -> None:
    ready, edited = make_stage(database, 5, (Choice(),)), make_stage(database, 0, slug="edited")
    first = ready.schedule(FRIDAY, now=MONDAY)
    second = edited.schedule(FRIDAY, now=MONDAY)
    make_revision(database, edited.publication, 2)
    assert tick(ready, FRIDAY) == Ticked(begun=(first,), held=((second, HeldBack.EDITED),))
    assert tick(ready, FRIDAY + MINUTE) == Ticked()


def test_what_goes_wrong_with_one_keeps_no_other_from_beginning(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    broken, stage = make_list(database, "broken"), make_stage(database, 5, (Choice(),))
    give_slots(database, broken, "fri 08:00", now=MONDAY)
    give_slots(database, stage.publication, "fri 08:00", now=MONDAY)
    with database.write() as session:
        session.execute(update(Schedule).where(Schedule.list_id == broken.id).values(timezone="Mars/Olympus"))
    tick(stage, FRIDAY)
    assert outcome(stage)[0] == "begun"
    assert "Mars/Olympus" in caplog.text


def test_slots_may_be_set_while_one_fires(stage: Stage) -> None:
    setting = Thread(target=lambda: give_slots(stage.database, stage.publication, "sat 08:00", now=FRIDAY))

    @event.listens_for(stage.database.engine, "before_cursor_execute")
    def meanwhile(*arguments: object) -> None:
        if str(arguments[2]).startswith("INSERT INTO campaigns") and not setting.is_alive():
            setting.start()
            sleep(0.3)

    assert len(tick(stage).fired) == 1
    event.remove(stage.database.engine, "before_cursor_execute", meanwhile)
    setting.join()
    assert [str(each.slot) for each in slots(stage.database, stage.publication)] == ["sat 08:00 UTC"]
    assert outcome(stage)[0] == "begun"


DAYS, LISTS = 103, ("one", "two", "three")


def look_through_the_days(url: str, seed: int) -> list[tuple[int, datetime]]:
    """Tick by a clock of one's own, now fast, now slow, until all days are over; return what one has fired."""
    database, dice, days = open_database(url), random.Random(seed), Time()
    ticker, fired = make_ticker(database, days.clock), []
    for day in range(DAYS):
        for offset in (dice.randint(-90, 90), dice.randint(-90, 90), 0):
            days.now = at("2026-03-03T08:00") + timedelta(days=day, seconds=offset)
            fired += [(each.schedule.id, each.schedule.next_wall) for each in ticker.tick().fired]
    database.close()
    return fired


@pytest.mark.parametrize("kind", ["threads", "processes"])
def test_of_309_times_that_many_notice_each_fires_once(database: Database, database_url: str, kind: str) -> None:
    for slug in LISTS:
        give_slots(database, make_list(database, slug), "daily 08:00", now=MONDAY)
    pool: Executor = ThreadPoolExecutor(4) if kind == "threads" else ProcessPoolExecutor(4, get_context("spawn"))
    with pool:
        found = list(pool.map(look_through_the_days, [database_url] * 4, range(4)))
    fired = Counter(each for of_one in found for each in of_one)
    with database.read() as session:
        stored = session.execute(select(Occurrence.schedule_id, Occurrence.wall_time)).all()
    assert len(fired) == len(stored) == DAYS * len(LISTS) == 309
    assert set(fired.values()) == {1}

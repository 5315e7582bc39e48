"""Campaigns that wait for their time: approved, begun when it has come, held back where a person has to be asked."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Thread
from time import sleep

import pytest
from sqlalchemy import event, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from newsletter.delivery import campaigns, scheduled
from newsletter.delivery.appointments import HeldBack, appoint, appoint_by_own_clocks
from newsletter.delivery.lifecycle import State
from newsletter.delivery.models import Campaign
from newsletter.delivery.wall_time import read_wall
from newsletter.errors import Refused
from newsletter.issues.document import Parsed
from newsletter.issues.storage import IssueStore
from newsletter.issues.topics import Choice as Topics
from subscribers.database import Database
from subscribers.models import Subscription
from tests.factories.campaigns import SLUG, Stage, make_revision, make_stage
from tests.factories.issues import DATE, sample_document, unmarked
from tests.factories.people import NOW, Choice, make_list, make_people
from tests.fakes.transports import CountingTransport

TOMORROW = NOW + timedelta(days=1)
HOURS = 6.0


def start(stage: Stage) -> int:
    with stage.database.write() as session:
        revision = stage.newest(session)
        return scheduled.start(session, stage.publication, revision, SLUG, token=stage.token, now=NOW)


def begin_due(stage: Stage, campaign: int, now: datetime = TOMORROW) -> HeldBack | State | None:
    with stage.database.write() as session:
        return scheduled.begin_due(session, campaign, now=now, catch_up_hours=HOURS)


def due(stage: Stage, now: datetime) -> list[int]:
    with stage.database.read() as session:
        return list(scheduled.due(session, now))


def reason(stage: Stage, campaign: int) -> str:
    with stage.database.read() as session:
        return campaigns.progress(session, campaign, now=NOW).books.state_reason


def test_it_begins_when_its_time_has_come_and_not_before(database: Database) -> None:
    stage = make_stage(database, 12, (Choice(),))
    campaign = stage.schedule(TOMORROW)
    assert stage.info(campaign).state is State.SCHEDULED
    just_before = TOMORROW - timedelta(seconds=1)
    assert due(stage, just_before) == []
    assert begin_due(stage, campaign, just_before) is None
    assert due(stage, TOMORROW) == [campaign]
    assert begin_due(stage, campaign) is State.PLANNING
    assert begin_due(stage, campaign) is None
    assert due(stage, TOMORROW) == []
    assert stage.sender(CountingTransport()).run(campaign).sent == 12


def test_scheduled_again_it_is_the_same_campaign_at_another_time(database: Database) -> None:
    stage = make_stage(database, 5)
    later = TOMORROW + timedelta(days=1)
    assert stage.schedule(TOMORROW) == (campaign := stage.schedule(later))
    assert stage.info(campaign).scheduled_at == later
    assert begin_due(stage, campaign, TOMORROW) is None


def test_what_is_past_is_refused(database: Database) -> None:
    stage = make_stage(database, 5)
    with pytest.raises(Refused, match=r"2026-03-06 06:59 UTC is past .* `newsletter campaign start 2026-03-06`"):
        stage.schedule(NOW - timedelta(minutes=1))
    assert due(stage, TOMORROW) == []


@pytest.mark.parametrize("state", [State.PLANNING, State.SENDING, State.PAUSED, State.SENT])
def test_what_has_begun_cannot_be_scheduled(database: Database, state: State) -> None:
    stage = make_stage(database, 5)
    campaign = stage.begin()
    with database.write() as session:
        session.execute(update(Campaign).where(Campaign.id == campaign).values(state=state, planned=5))
    with pytest.raises(Refused, match=f"its campaign {campaign} is {state} already"):
        stage.schedule(TOMORROW)


def test_a_cancelled_one_does_not_begin_and_makes_room(database: Database) -> None:
    stage = make_stage(database, 5)
    first = stage.schedule(TOMORROW)
    with database.write() as session:
        campaigns.cancel(session, first, "no", now=NOW)
    assert begin_due(stage, first) is None
    assert stage.sender(CountingTransport()).run(first).state is State.CANCELLED
    second = stage.schedule(TOMORROW)
    assert second != first
    assert begin_due(stage, second) is State.PLANNING


def test_sending_or_starting_does_not_wait_for_the_time(database: Database) -> None:
    stage = make_stage(database, 7, (Choice(),))
    campaign = stage.schedule(TOMORROW)
    assert stage.begin() == start(stage) == campaign
    info = stage.info(campaign)
    assert (info.state, info.scheduled_at, info.local_time) == (State.PLANNING, None, None)
    assert stage.sender(CountingTransport()).run(campaign).sent == 7


def test_what_was_never_finalized_is_not_approved(database: Database) -> None:
    stage = make_stage(database, 5)
    make_revision(database, stage.publication, 2, finalized=False)
    with pytest.raises(Refused, match=r"is a draft \(revision 2\)"):
        stage.schedule(TOMORROW)


def test_a_draft_is_not_approved(database: Database) -> None:
    stage = make_stage(database, 5)
    with database.read() as session:
        finalized = stage.newest(session)
    make_revision(database, stage.publication, 2, finalized=False)
    when, _ = appoint(TOMORROW, "UTC")
    with database.write() as session, pytest.raises(Refused, match=r"was edited \(revision 2\) after revision 1"):
        scheduled.schedule(session, stage.publication.id, finalized, SLUG, when, token=stage.token, now=NOW)
    with database.write() as session, pytest.raises(Refused, match="issue finalize"):
        scheduled.start(session, stage.publication, finalized, SLUG, token=stage.token, now=NOW)


@pytest.mark.parametrize("finalized", [False, True])
def test_an_issue_that_was_edited_does_not_begin_and_says_so_at_once(database: Database, finalized: bool) -> None:  # noqa: FBT001 - a parameter of the test
    stage = make_stage(database, 5, (Choice(),))
    campaign = stage.schedule(TOMORROW)
    assert reason(stage, campaign) == ""
    make_revision(database, stage.publication, 2, finalized=finalized)
    assert "was edited (revision 2) after revision 1 was approved" in reason(stage, campaign)
    assert stage.info(campaign).held_back is None, "it may still be approved in time"

    assert begin_due(stage, campaign) is HeldBack.EDITED
    assert begin_due(stage, campaign) is None
    assert due(stage, TOMORROW) == []
    info = stage.info(campaign)
    assert (info.state, info.revision) == (State.SCHEDULED, 1)
    assert "campaign schedule imaging/2026-03-06" in reason(stage, campaign)


def test_a_sender_that_is_handed_one_before_its_time_sends_nothing(database: Database) -> None:
    stage, transport = make_stage(database, 5, (Choice(),)), CountingTransport()
    campaign = stage.schedule(TOMORROW)
    assert stage.sender(transport).run(campaign).state is State.SCHEDULED
    assert not transport.calls
    with pytest.raises(Refused, match="only `cancel` or `start`"), database.write() as session:
        campaigns.pause(session, campaign)


def test_approved_anew_it_begins_with_the_new_revision(database: Database) -> None:
    stage = make_stage(database, 5, (Choice(),))
    campaign = stage.schedule(TOMORROW)
    make_revision(database, stage.publication, 2)
    assert begin_due(stage, campaign) is HeldBack.EDITED
    later = TOMORROW + timedelta(hours=1)
    assert stage.schedule(later, now=TOMORROW) == campaign
    assert reason(stage, campaign) == ""
    assert begin_due(stage, campaign, later) is State.PLANNING
    info = stage.info(campaign)
    with database.read() as session:
        assert info.content_hash == stage.newest(session).content_hash
    assert info.revision == 2


def test_a_little_late_it_begins_much_later_a_person_is_asked(database: Database) -> None:
    stage = make_stage(database, 5, (Choice(),))
    campaign = stage.schedule(TOMORROW)
    assert begin_due(stage, campaign, TOMORROW + timedelta(hours=HOURS)) is State.PLANNING

    other = make_stage(database, 0, slug="other")
    with database.write() as session:
        session.add(
            Subscription(list_id=other.publication.id, subscriber_id=1, status="active", created_at=NOW, updated_at=NOW)
        )
    missed = other.schedule(TOMORROW)
    assert begin_due(other, missed, TOMORROW + timedelta(hours=HOURS, seconds=1)) is HeldBack.MISSED
    assert "`newsletter campaign start other/2026-03-06` begins it now" in reason(other, missed)
    assert due(other, TOMORROW + timedelta(days=9)) == []
    assert start(other) == missed
    assert other.info(missed).state is State.PLANNING


def test_without_people_it_is_not_over_before_it_began(database: Database) -> None:
    stage = make_stage(database, 0)
    campaign = stage.schedule(TOMORROW)
    assert begin_due(stage, campaign) is HeldBack.NOBODY
    assert "subscribers import" in reason(stage, campaign)
    with pytest.raises(Refused, match="Nobody on the list imaging"):
        start(stage)
    assert stage.info(campaign).state is State.SCHEDULED
    make_people(database, stage.publication, 3, (Choice(),))
    assert start(stage) == campaign


def test_the_database_holds_that_what_waits_waits_for_a_time(database: Database) -> None:
    stage = make_stage(database, 0)
    campaign = stage.schedule(TOMORROW)
    for nonsense in ({"scheduled_at": None}, {"timezone": None}, {"held_back": "moody"}):
        with pytest.raises(IntegrityError), database.write() as session:
            session.execute(update(Campaign).where(Campaign.id == campaign).values(**nonsense))


def real_issue(database: Database) -> Stage:
    """A stage with an issue that editors can edit."""
    publication = make_list(database)
    make_people(database, publication, 5, (Choice(),))
    document = unmarked(sample_document("fr"))
    with database.write() as session:
        IssueStore(session).add([Parsed(name="a.txt", date=DATE, document=document, warnings=())], publication, NOW)
        IssueStore(session).finalize(SLUG, NOW)
    return replace(make_stage(database, 0, slug="unused"), publication=publication)


def edit(session: Session) -> None:
    IssueStore(session).choose(SLUG, {1: Topics(must_read=True)}, NOW, "imaging")


def test_an_edit_that_is_being_written_when_the_time_comes_is_waited_for(database: Database) -> None:
    stage = real_issue(database)
    campaign = stage.schedule(TOMORROW)
    met: list[HeldBack | State | None] = []
    ticking = Thread(target=lambda: met.append(begin_due(stage, campaign)))
    with database.write() as session:
        edit(session)
        ticking.start()
        sleep(0.3)
        assert met == [], "it waits for the edit to be written"
    ticking.join()
    assert met == [HeldBack.EDITED]
    assert stage.info(campaign).state is State.SCHEDULED


def test_an_edit_that_comes_while_it_begins_is_of_the_next_revision(database: Database) -> None:
    stage = real_issue(database)
    campaign = stage.schedule(TOMORROW)

    def edited() -> None:
        with database.write() as session:
            edit(session)

    editing = Thread(target=edited)

    @event.listens_for(database.engine, "before_cursor_execute")
    def meanwhile(*arguments: object) -> None:
        if str(arguments[2]).startswith("UPDATE campaigns") and not editing.is_alive():
            editing.start()
            sleep(0.3)

    assert begin_due(stage, campaign) is State.PLANNING
    event.remove(database.engine, "before_cursor_execute", meanwhile)
    editing.join()
    info = stage.info(campaign)
    assert (info.state, info.revision, info.newest_revision) == (State.PLANNING, 1, 2)


@pytest.mark.parametrize("turn", range(5))
def test_edited_and_due_at_one_moment_it_is_one_or_the_other(database: Database, turn: int) -> None:
    stage = real_issue(database)
    campaign = stage.schedule(TOMORROW)
    met: list[HeldBack | State | None] = []

    def edited() -> None:
        sleep(turn * 0.002)
        with database.write() as session:
            edit(session)

    threads = [Thread(target=edited), *(Thread(target=lambda: met.append(begin_due(stage, campaign))) for _ in "ab")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    info = stage.info(campaign)
    (what,) = [each for each in met if each is not None]
    assert (what, info.state) in {(HeldBack.EDITED, State.SCHEDULED), (State.PLANNING, State.PLANNING)}
    assert (info.revision, info.newest_revision) == (1, 2)


def test_what_a_time_means_is_said_where_clocks_are_turned() -> None:
    once, remark = appoint(read_wall("2026-11-27T08:00"), "Europe/Paris")
    assert (once.at, str(once), remark) == (
        datetime(2026, 11, 27, 7, tzinfo=UTC),
        "2026-11-27 08:00 Europe/Paris",
        "",
    )
    twice, remark = appoint(read_wall("2026-10-25T02:30"), "Europe/Paris")
    assert twice.at == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert "show 02:30 twice that day: the first of the two" in remark
    never, remark = appoint(read_wall("2026-03-29T02:30"), "Europe/Paris")
    assert never.at == datetime(2026, 3, 29, 1, tzinfo=UTC)
    assert "skip 02:30 that day: it begins at 03:00" in remark
    exact, remark = appoint(read_wall("2026-11-27T08:00+00:00"), "Europe/Paris")
    assert (str(exact), remark) == ("2026-11-27 09:00 Europe/Paris", "")


def test_by_the_readers_own_clocks_the_first_zone_says_when_it_begins() -> None:
    readers = {"Asia/Tokyo", "America/New_York", None}
    wall = read_wall("2026-11-27T08:00")
    at_ten = datetime(2026, 11, 26, 22, tzinfo=UTC)
    found, remark = appoint_by_own_clocks(wall, "Europe/Paris", readers, now=at_ten)
    assert (found.at, found.local_time, remark) == (datetime(2026, 11, 26, 23, tzinfo=UTC), True, "")
    after_tokyo = datetime(2026, 11, 27, 1, tzinfo=UTC)
    found, remark = appoint_by_own_clocks(wall, "Europe/Paris", readers, now=after_tokyo)
    assert found.at == after_tokyo
    assert "In some of the readers' zones that is past" in remark
    found, remark = appoint_by_own_clocks(wall, "Europe/Paris", readers, now=datetime(2026, 11, 28, tzinfo=UTC))
    assert (found.at, remark) == (datetime(2026, 11, 26, 23, tzinfo=UTC), "")
    with pytest.raises(Refused, match="leave its offset out"):
        appoint_by_own_clocks(read_wall("2026-11-27T08:00Z"), "Europe/Paris", readers, now=at_ten)

"""Beginning, finding, pausing and watching campaigns."""

from __future__ import annotations

import re
from datetime import timedelta
from threading import Barrier, Thread
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from newsletter.delivery import campaigns
from newsletter.delivery.lifecycle import State
from newsletter.delivery.models import Campaign
from newsletter.errors import NotFound, Refused
from newsletter.issues.models import IssueRevision
from tests.factories.campaigns import SLUG, Stage, make_revision, make_stage
from tests.factories.people import NOW, Choice
from tests.fakes.transports import CountingTransport

if TYPE_CHECKING:
    from newsletter.delivery.campaigns import Progress
    from subscribers.database import Database


def progress(stage: Stage, campaign: int) -> Progress:
    with stage.database.read() as session:
        return campaigns.progress(session, campaign, now=stage.time.clock())


def test_the_same_issue_for_the_same_list_is_the_same_campaign(database: Database) -> None:
    stage = make_stage(database, 5)
    assert stage.begin() == stage.begin()
    info = stage.info(stage.begin())
    assert (info.list, info.issue, info.revision, info.state) == ("imaging", SLUG, 1, State.PLANNING)
    assert info.label.startswith(f"{SLUG}-")


def test_two_who_begin_at_the_same_moment_begin_one(database: Database) -> None:
    stage = make_stage(database, 5)
    together, found = Barrier(2), []

    def begin() -> None:
        together.wait()
        found.append(stage.begin())

    threads = [Thread(target=begin) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 2
    assert len(set(found)) == 1


def test_the_database_itself_holds_one_campaign_for_an_issue_and_list(database: Database) -> None:
    stage = make_stage(database, 0)
    first = stage.begin()
    with database.read() as session:
        row = session.get_one(Campaign, first)
    another = Campaign(
        label="another",
        list_id=row.list_id,
        issue_id=row.issue_id,
        revision_id=row.revision_id,
        content_hash=row.content_hash,
        state="planning",
        created_at=NOW,
    )
    with pytest.raises(IntegrityError), database.write() as session:
        session.add(another)


def test_a_draft_cannot_be_sent(database: Database) -> None:
    stage = make_stage(database, 5)
    make_revision(database, stage.publication, 2, finalized=False)
    with pytest.raises(Refused, match=rf"Issue {SLUG} is a draft \(revision 2\): `newsletter issue finalize {SLUG}`"):
        stage.begin()


def test_a_new_revision_is_not_sent_by_the_campaign_of_the_old_one(database: Database) -> None:
    stage, transport = make_stage(database, 12, (Choice(),)), CountingTransport()
    campaign = stage.begin()
    stage.sender(transport, wait=lambda _seconds: bool(transport.calls)).run(campaign)
    make_revision(database, stage.publication, 2)
    with pytest.raises(Refused, match=f"`newsletter campaign resume {campaign}` finishes it as it was approved"):
        stage.begin()
    with database.write() as session:
        campaigns.resume(session, campaign)
    assert stage.sender(transport).run(campaign).state is State.SENT
    assert stage.begin() == campaign, "it was sent: its books are what there is to tell"


def test_a_cancelled_campaign_makes_room_for_another(database: Database) -> None:
    stage = make_stage(database, 5)
    first = stage.begin()
    with database.write() as session:
        campaigns.cancel(session, first, "a mistake", now=NOW)
    second = stage.begin()
    assert second != first
    assert (stage.info(first).state_reason, stage.info(first).finished_at) == ("a mistake", NOW)
    assert stage.info(first).label != stage.info(second).label


def test_a_label_is_made_of_what_may_stand_in_tags_and_file_names(database: Database) -> None:
    stage = make_stage(database, 0)
    with database.write() as session:
        revision = session.scalars(select(IssueRevision)).one()
        slug = "Été/2026 ../22 " + "x" * 80
        number = campaigns.begin(session, stage.publication.id, revision, slug, token=lambda: "k3q7", now=NOW)
    label = stage.info(number).label
    assert re.fullmatch(r"t-2026-22-x{29}-k3q7", label)


def test_a_campaign_is_found_by_number_label_issue_and_as_the_latest(database: Database) -> None:
    stage = make_stage(database, 0)
    older = stage.begin()
    newer = make_stage(database, 0, slug="other").begin()
    with database.read() as session:
        assert campaigns.find(session, older).id == older
        assert campaigns.find(session, str(older)).id == older
        assert campaigns.find(session, stage.info(older).label).id == older
        assert campaigns.find(session, "latest").id == newer
        issue, its_list = stage.info(older).issue, stage.info(older).list
        assert campaigns.find(session, f"{its_list}/{issue}").id == older
        assert campaigns.find(session, issue).id == newer, "the newest of what is called so"
        with pytest.raises(NotFound):
            campaigns.find(session, f"nobodys/{issue}")
        assert [info.id for info in campaigns.all_campaigns(session)] == [newer, older]
        with pytest.raises(NotFound, match="There is no campaign “99”: `newsletter campaign list`"):
            campaigns.find(session, 99)


def test_what_has_ended_cannot_be_paused_resumed_or_cancelled(database: Database) -> None:
    stage = make_stage(database, 3)
    campaign = stage.begin()
    stage.sender(CountingTransport()).run(campaign)
    for verb in (campaigns.pause, campaigns.resume):
        with pytest.raises(Refused, match="A campaign that is sent cannot"), database.write() as session:
            verb(session, campaign)
    with pytest.raises(Refused, match="A campaign that is sent cannot"), database.write() as session:
        campaigns.cancel(session, campaign, "", now=NOW)


def test_resuming_what_is_not_paused_changes_nothing(database: Database) -> None:
    stage = make_stage(database, 3)
    campaign = stage.begin()
    with database.write() as session:
        campaigns.resume(session, campaign)
    assert stage.info(campaign).state is State.PLANNING


def test_the_rate_is_of_this_stretch_and_tells_the_time_that_is_left(database: Database) -> None:
    stage, transport = make_stage(database, 40, (Choice(),)), CountingTransport()
    campaign = stage.begin()
    assert progress(stage, campaign).eta_seconds is None

    stage.sender(transport, wait=lambda _seconds: len(transport.calls) >= 2, chunk_size=8).run(campaign)
    stage.time.now += timedelta(days=1)  # nobody sent meanwhile
    stage.sender(transport, wait=lambda _seconds: len(transport.calls) >= 4, chunk_size=8).run(campaign)
    stage.time.now += timedelta(seconds=4)

    found = progress(stage, campaign)
    assert found.books.settled == 16
    assert found.rate == 2.0
    assert found.eta_seconds == 12.0
    assert found.as_json() == {
        "campaign": campaign,
        "list": "imaging",
        "issue": SLUG,
        "revision": 1,
        "state": "sending",
        "planned": 40,
        "sent": 16,
        "skipped": {},
        "failed": 0,
        "uncertain": 0,
        "pending": 24,
        "rate": 2.0,
        "eta_seconds": 12,
    }


def test_a_paused_campaign_has_no_rate_and_says_why_it_is(database: Database) -> None:
    stage = make_stage(database, 5)
    campaign = stage.begin()
    with database.write() as session:
        campaigns.pause(session, campaign, "lunch")
    found = progress(stage, campaign)
    assert (found.rate, found.eta_seconds) == (0.0, None)
    assert found.as_json()["state_reason"] == "lunch"

"""The guard: a first wave, then the rest; an alarm where what comes back does harm; a person's word to go on."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import update

from newsletter.delivery import campaigns
from newsletter.delivery.guarding import alarms
from newsletter.delivery.guarding.finding import Cause
from newsletter.delivery.lifecycle import State
from newsletter.delivery.models import Campaign
from newsletter.delivery.pacing.models import PaceRow
from newsletter.delivery.pacing.rows import read_gauge
from newsletter.errors import Refused
from newsletter.feedback.reputation.judging import Limits
from newsletter.feedback.reputation.watching import outlook
from tests.factories.campaigns import Stage, make_stage
from tests.factories.people import Choice
from tests.fakes.guarding import WAVE
from tests.unit.feedback.guarded import WAIT, Guarded, make_guarded

if TYPE_CHECKING:
    from subscribers.database import Database

BAD = tuple(number for number in range(1000) if number % 10 in {1, 2})
"""A fifth of each variant."""


def test_the_rest_follows_a_clean_wave(database: Database) -> None:
    mine = make_guarded(database)
    mine.send_all()
    assert mine.accepted == mine.in_wave(WAVE), "nobody else's chunk can be claimed"
    wave = mine.watched.wave
    assert wave is not None
    assert (wave.people, wave.until) == (WAVE, None)
    mine.guard.watch()
    mine.hear()
    mine.pass_by(WAIT - timedelta(seconds=1))
    mine.guard.watch()
    mine.send_all()
    assert len(mine.accepted) == WAVE
    mine.pass_by(timedelta(seconds=1))
    mine.guard.watch()
    assert mine.watched.wave is None
    mine.send_all()
    assert len(mine.accepted) == 150
    assert mine.sender().wind_up(mine.campaign).state is State.SENT
    assert mine.admins.alarms == []


def test_a_wave_that_bounces_is_the_end_of_it(database: Database) -> None:
    mine = make_guarded(database, bad=BAD)
    mine.send_all()
    mine.hear()
    mine.guard.watch()
    assert mine.state() is State.PAUSED
    alarm = mine.watched.alarm
    assert alarm is not None
    bounced = len(mine.in_wave(WAVE) & set(BAD))
    assert (alarm.cause, alarm.mails, alarm.bounces) == (Cause.BOUNCES, WAVE, bounced)
    assert mine.stage.info(mine.campaign).state_reason == alarm.reason
    mine.pass_by(WAIT * 2)
    mine.guard.watch()
    mine.guard.watch()
    mine.send_all()
    assert mine.accepted == mine.in_wave(WAVE)
    assert [each.id for each in mine.admins.alarms] == [alarm.id], "told once"


def test_it_goes_on_by_a_word_of_its_own_and_is_judged_anew(database: Database) -> None:
    mine = make_guarded(database, 300, bad=BAD)
    mine.send_all()
    mine.hear()
    mine.guard.watch()
    with pytest.raises(Refused, match="--despite-alarm"):
        mine.resume()
    assert mine.state() is State.PAUSED
    with database.read() as session:
        assert alarms.way_on(session, mine.campaign).endswith("resume 1 --despite-alarm")
    go_on(mine)
    with database.read() as session:
        assert alarms.way_on(session, mine.campaign).endswith("resume 1")
    mine.guard.watch()
    assert mine.state() is State.SENDING, "what was known by then is not held against it again"
    mine.send(*range(6, 12))
    mine.hear()
    mine.pass_by(timedelta(days=1))
    mine.guard.watch()
    assert mine.state() is State.PAUSED, "what came on top is"
    assert mine.watched.alarm is not None
    assert mine.watched.alarm.mails == 60
    assert len(mine.admins.alarms) == 2


def go_on(mine: Guarded) -> None:
    with mine.stage.database.write() as session:
        assert alarms.acknowledge(session, mine.campaign, now=mine.stage.time.now)
        campaigns.resume(session, mine.campaign)


def test_complaints_stop_it_too(database: Database) -> None:
    mine = make_guarded(database)
    mine.send_all()
    mine.hear()
    mine.hear(sorted(mine.accepted)[:3], "Complaint")
    mine.guard.watch()
    assert mine.watched.alarm is not None
    assert mine.watched.alarm.cause == Cause.COMPLAINTS


def test_a_wave_that_nobody_hears_of_is_an_alarm(database: Database) -> None:
    mine = make_guarded(database)
    mine.send_all()
    mine.guard.watch()
    mine.hear(sorted(mine.accepted)[: WAVE // 2 - 1])
    mine.pass_by(WAIT)
    mine.guard.watch()
    assert mine.watched.alarm is not None
    assert mine.watched.alarm.cause == Cause.UNHEARD
    go_on(mine)
    mine.guard.watch()
    mine.send_all()
    assert len(mine.accepted) == 150


def test_small_campaigns_are_judged_together(database: Database) -> None:
    """Of each there are too few to say anything; of both of them not."""
    first = make_guarded(database, 40, bad=range(1, 5))
    first.send_all()
    first.hear()
    first.guard.watch()
    assert first.sender().wind_up(first.campaign).state is State.SENT
    second = Guarded(_again(first), bad=range(41, 45))
    second.send(0)
    second.hear()
    second.guard.watch()
    assert second.watched.alarm is not None
    assert second.watched.alarm.cause == Cause.RECENT_BOUNCES
    go_on(second)
    second.guard.watch()
    assert second.state() is State.SENDING, "somebody knows of it"


def _again(first: Guarded) -> Stage:
    stage = make_stage(first.stage.database, 40, (Choice(),), slug="second", first=41)
    stage.time.now = first.stage.time.now
    return stage


@pytest.mark.parametrize(
    "said", [{"enforcement": "PROBATION"}, {"enforcement": "SHUTDOWN"}, {"sending_enabled": False}], ids=str
)
def test_what_ses_holds_against_the_account_stops_it(database: Database, said: dict[str, object]) -> None:
    mine = make_guarded(database)
    account = {
        "looked_at": mine.stage.time.now, "max_rate": 14.0, "quota": 50_000, "sent": 0, "production": True,
        "sending_enabled": True, "enforcement": "HEALTHY", **said,
    }  # fmt: skip
    with database.write() as session:
        session.execute(update(PaceRow).values(account))
    mine.pass_by(timedelta(minutes=11))
    mine.guard.watch()
    assert mine.state() is State.SENDING, "what SES said long ago may not be so any more"
    mine.pass_by(-timedelta(minutes=11))
    mine.guard.watch()
    assert mine.watched.alarm is not None
    assert mine.watched.alarm.cause == Cause.ACCOUNT
    assert mine.state() is State.PAUSED
    go_on(mine)
    mine.guard.watch()
    assert mine.state() is State.SENDING, "somebody knows of it"


def test_a_worker_that_found_it_out_first_leaves_the_alarm_to_the_guard(database: Database) -> None:
    mine = make_guarded(database)
    account = {
        "looked_at": mine.stage.time.now, "max_rate": 14.0, "quota": 50_000, "sent": 0, "production": True,
        "sending_enabled": True, "enforcement": "SHUTDOWN",
    }  # fmt: skip
    with database.write() as session:
        session.execute(update(PaceRow).values(account))
        known = read_gauge(session).account
        assert known is not None
        campaigns.pause(session, mine.campaign, known.refusal())
    mine.guard.watch()
    assert mine.watched.alarm is not None
    assert len(mine.admins.alarms) == 1


def test_admins_who_cannot_be_reached_are_told_later(database: Database) -> None:
    mine = make_guarded(database, bad=BAD)
    mine.admins.reachable = False
    mine.send_all()
    mine.hear()
    mine.guard.watch()
    mine.admins.reachable = True
    mine.guard.watch()
    assert mine.admins.alarms == [], "somebody else may be about it"
    mine.pass_by(timedelta(minutes=3))
    mine.guard.watch()
    mine.guard.watch()
    assert len(mine.admins.alarms) == 1


def test_without_deliveries_it_measures_by_what_was_accepted(database: Database) -> None:
    mine = make_guarded(database, bad=range(1, 4))
    mine.send_all()
    mine.hear(mine.accepted & set(mine.bad))
    mine.guard.watch()
    assert mine.state() is State.SENDING


def test_a_campaign_that_was_paused_by_a_person_raises_no_alarm(database: Database) -> None:
    mine = make_guarded(database, bad=BAD)
    mine.send_all()
    with database.write() as session:
        campaigns.pause(session, mine.campaign, "let me see")
    mine.hear()
    mine.guard.watch()
    assert mine.watched.alarm is None
    mine.resume()
    mine.guard.watch()
    assert mine.watched.alarm is not None, "it does when it goes on"


def test_half_of_a_limit_is_a_warning(database: Database) -> None:
    mine = make_guarded(database, 120, bad=range(1, 9))
    with database.write() as session:
        session.execute(update(Campaign).values(wave_to=None))
    mine.send_all()
    mine.hear()
    with database.read() as session:
        assert outlook(session, mine.campaign, Limits(bounces=0.9)) == ()
        (warning,) = outlook(session, mine.campaign, Limits())
    assert warning.startswith("Half of the limit is passed: 8 of 120 mails bounced for good")
    mine.guard.watch()
    assert mine.state() is State.SENDING

"""The guard: about once a second it looks what came back of campaigns that are sending, in every process that sends.

What it does is one conditional UPDATE, so any number may look at once. It pauses; only a person lets go on.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import and_, or_, select
from sqlalchemy.exc import DBAPIError

from newsletter.delivery.guarding import alarms, first_wave
from newsletter.delivery.guarding.finding import Cause, Figures, Finding
from newsletter.delivery.lifecycle import State
from newsletter.delivery.models import Campaign
from newsletter.delivery.outages import passes
from newsletter.delivery.pacing.rows import read_gauge
from newsletter.feedback.reputation.figures import figures_of, heard_of, recent_figures, recent_since
from newsletter.feedback.reputation.judging import Limits, judge

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from newsletter.delivery.guarding.models import Alarm
    from subscribers.clock import Clock
    from subscribers.database import Database

_log = logging.getLogger(__name__)

RECENT_DAYS = 14
_NEWS = timedelta(minutes=10)
"""What SES said of the account longer ago may not be so any more."""
_ENOUGH = 0.5
"""Of the mails of a first wave, the share that has to be heard of before silence means that all is well."""


def outlook(session: Session, campaign_id: int, limits: Limits) -> tuple[str, ...]:
    """Return what a person should know of a campaign that comes near its limits: the half of them, for certain."""
    near = judge(figures_of(session, campaign_id), limits.halved)
    return () if near is None else (f"Half of the limit is passed: {near.reason}",)


def untold(_alarm: Alarm) -> bool:
    """Tell nobody: the alarm stands where `campaign status` shows it."""
    return True


@dataclass(frozen=True, kw_only=True)
class ReputationGuard:
    """Implements `delivery.guarding.guard.Guard`."""

    database: Database
    clock: Clock
    limits: Limits = field(default_factory=Limits)
    share: float = 0.0
    """Of a campaign's people that go first; 0: they all go at once."""
    wait: timedelta = timedelta(minutes=15)
    """How long what comes back of a first wave is waited for."""
    tell: Callable[[Alarm], bool] = untold
    """Writes to the admins; returns whether that is done. Where it is not, it is asked again in a while."""

    def first_wave(self, people: int) -> int:
        """Return how many of a campaign's people go first; 0: all of them may at once."""
        return first_wave.wave_size(people, self.share)

    def watch(self) -> bool:
        """Look at every campaign that is sending, once; return whether there is any."""
        try:
            with self.database.read() as session:
                campaigns = self._watched(session)
            for campaign_id in campaigns:
                self._look_at(campaign_id)
            self._tell()
            return bool(campaigns)
        except DBAPIError as error:
            if not passes(error):
                raise
            _log.warning("Nobody watches over the reputation while the database does not answer.")
        return False

    def _look_at(self, campaign_id: int) -> None:
        with self.database.read() as session:
            alarm = alarms.newest(session, campaign_id)
            figures, before = figures_of(session, campaign_id), alarms.baseline(alarm)
            finding = self._finding(session, campaign_id, figures.since(before or figures))
        if alarm is not None and before is None and alarm.acknowledged_at is not None:
            with self.database.write() as session:
                alarms.rebase(session, alarm.id, figures)
        if finding is None:
            self._bring_on_the_rest(campaign_id)
            return
        with self.database.write() as session:
            sounded = alarms.sound(session, campaign_id, finding, now=self.clock())
        if sounded:
            _log.error("ALARM: campaign %s is paused. %s", campaign_id, finding.reason)

    def _finding(self, session: Session, campaign_id: int, figures: Figures) -> Finding | None:
        return (
            self._about_the_account(session, campaign_id, figures)
            or judge(figures, self.limits)
            or self._about_recent_days(session)
            or self._about_silence(session, campaign_id, figures)
        )

    def _about_the_account(self, session: Session, campaign_id: int, figures: Figures) -> Finding | None:
        """Say what SES holds against the account, unless somebody knows of just that and goes on."""
        reason = _held_against(session, self.clock())
        if not reason or reason in alarms.acknowledged_reasons(session, campaign_id, Cause.ACCOUNT):
            return None
        return Finding(cause=Cause.ACCOUNT, reason=reason, figures=figures)

    def _about_recent_days(self, session: Session) -> Finding | None:
        """Judge all campaigns of the last days together: many small ones can do as much harm as a large one."""
        acknowledged = alarms.last_acknowledged(session)
        since = recent_since(self.clock().date(), acknowledged.date() if acknowledged else None, RECENT_DAYS)
        return judge(recent_figures(session, since), self.limits, days=RECENT_DAYS)

    def _about_silence(self, session: Session, campaign_id: int, figures: Figures) -> Finding | None:
        wave = first_wave.first_wave(session, campaign_id)
        if wave is None or wave.until is None or self.clock() < wave.until:
            return None
        sent, heard = first_wave.sent_of_wave(session, campaign_id), heard_of(session, campaign_id)
        if sent is None or heard >= sent * _ENOUGH:
            return None
        reason = (
            f"Of the {sent} mails of the first wave only {heard} were heard of in {self.wait.total_seconds():.0f} "
            f"seconds, so nobody knows whether they did harm. See that `newsletter feedback consume` (or `serve`) runs "
            f"and that the queue of events is filled: `newsletter aws doctor`."
        )
        return Finding(cause=Cause.UNHEARD, reason=reason, figures=figures)

    def _bring_on_the_rest(self, campaign_id: int) -> None:
        """Wait for what comes back of a wave that was sent; then let the rest follow."""
        with self.database.read() as session:
            wave = first_wave.first_wave(session, campaign_id)
            over = wave is not None and first_wave.sent_of_wave(session, campaign_id) is not None
        if wave is None or not over:
            return
        now = self.clock()
        if wave.until is None:
            with self.database.write() as session:
                first_wave.wait_until(session, campaign_id, now + self.wait)
        elif now >= wave.until:
            with self.database.write() as session:
                followed = first_wave.let_the_rest_follow(session, campaign_id)
            if followed:
                _log.info("Campaign %s: the first wave was clean, the rest follows.", campaign_id)

    def _watched(self, session: Session) -> Sequence[int]:
        """Return what is sending, and what was stopped for what SES holds against the account."""
        watched = Campaign.state == State.SENDING
        if reason := _held_against(session, self.clock()):
            watched = or_(watched, and_(Campaign.state == State.PAUSED, Campaign.state_reason == reason))
        return session.scalars(select(Campaign.id).where(watched).order_by(Campaign.id)).all()

    def _tell(self) -> None:
        with self.database.read() as session:
            waiting = alarms.anybody_untold(session)
        if not waiting:
            return
        with self.database.write() as session:
            alarm = alarms.take_untold(session, now=self.clock())
        if alarm is not None and self.tell(alarm):
            with self.database.write() as session:
                alarms.told(session, alarm.id, now=self.clock())


def _held_against(session: Session, now: datetime) -> str:
    """Return what SES said of the account just now, if that is reason to stop; whoever sends asks every minute."""
    gauge = read_gauge(session)
    if gauge.account is None or gauge.looked_at is None or gauge.looked_at < now - _NEWS:
        return ""
    return gauge.account.refusal() or gauge.account.under_review()

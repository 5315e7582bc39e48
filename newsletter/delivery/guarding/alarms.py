"""Alarms as people and guards deal with them: raised once, told to the admins, ended by a word of somebody's own."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, and_, func, or_, select, update

from newsletter.delivery.guarding.finding import RATES, Cause, Figures, Finding
from newsletter.delivery.guarding.models import Alarm
from newsletter.delivery.lifecycle import Event, State, target
from newsletter.delivery.models import Campaign
from newsletter.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

_TELLING = timedelta(minutes=2)
"""After so long whoever set about telling the admins has died, or could not: it is tried again."""


def as_json(alarm: Alarm) -> dict[str, Any]:
    """Return the documented form."""
    return {
        "cause": alarm.cause,
        "reason": alarm.reason,
        "raised_at": alarm.raised_at.isoformat(),
        "mails": alarm.mails,
        "bounces": alarm.bounces,
        "complaints": alarm.complaints,
        "acknowledged_at": alarm.acknowledged_at.isoformat() if alarm.acknowledged_at else None,
    }


def newest(session: Session, campaign_id: int) -> Alarm | None:
    """Return the last alarm of a campaign, whatever became of it."""
    query = select(Alarm).where(Alarm.campaign_id == campaign_id).order_by(Alarm.id.desc()).limit(1)
    return session.scalar(query)


def sound(session: Session, campaign_id: int, finding: Finding, *, now: datetime) -> bool:
    """Pause the campaign and raise an alarm; False: it does not send any more, or somebody else was faster.

    One that was stopped for that very reason already gets its alarm as well.
    """
    paused = (
        update(Campaign)
        .where(
            Campaign.id == campaign_id,
            or_(Campaign.state == State.SENDING, _stopped_for(finding.reason)),
        )
        .values(state=target(Event.PAUSE), state_reason=finding.reason)
    )
    if session.connection().execute(paused).rowcount == 0 or _open(session, campaign_id) is not None:
        return False
    session.add(
        Alarm(
            campaign_id=campaign_id,
            cause=finding.cause.value,
            reason=finding.reason,
            raised_at=now,
            **finding.figures._asdict(),
        )
    )
    session.flush()
    return True


def refuse_alarmed(session: Session, campaign_id: int) -> None:
    """Keep a campaign from going on as if nothing had been. Raises Refused while an alarm stands."""
    alarm = _open(session, campaign_id)
    if alarm is not None:
        raise Refused(
            f"Campaign {campaign_id} was stopped by an alarm: {alarm.reason} See to the cause first; then `newsletter "
            f"campaign resume {campaign_id} --despite-alarm` lets it go on, `newsletter campaign cancel {campaign_id}` "
            f"ends it."
        )


def way_on(session: Session, campaign_id: int) -> str:
    """Return the command that lets a paused campaign go on: after an alarm, the deliberate one."""
    despite = " --despite-alarm" if _open(session, campaign_id) else ""
    return f"newsletter campaign resume {campaign_id}{despite}"


def acknowledge(session: Session, campaign_id: int, *, now: datetime) -> bool:
    """End the alarm of a campaign, and its first wave: it may go on. False: there is none."""
    alarm = _open(session, campaign_id)
    if alarm is None:
        return False
    alarm.acknowledged_at = now
    session.execute(update(Campaign).where(Campaign.id == campaign_id).values(wave_to=None, wave_until=None))
    return True


def last_acknowledged(session: Session) -> datetime | None:
    """Return when somebody last said of too high a rate that mails go on all the same."""
    return session.scalar(select(func.max(Alarm.acknowledged_at)).where(Alarm.cause.in_(RATES)))


def acknowledged_reasons(session: Session, campaign_id: int, cause: Cause) -> Sequence[str]:
    """Return of which trouble of that kind somebody said that the campaign goes on all the same."""
    mine = (Alarm.campaign_id == campaign_id, Alarm.cause == cause, Alarm.acknowledged_at.is_not(None))
    return session.scalars(select(Alarm.reason).where(*mine)).all()


def rebase(session: Session, alarm_id: int, figures: Figures) -> None:
    """Judge a campaign that goes on despite an alarm by what comes from here on; the first to say so counts."""
    then = {f"{name}_then": number for name, number in figures._asdict().items()}
    session.execute(update(Alarm).where(Alarm.id == alarm_id, Alarm.mails_then.is_(None)).values(then))


def baseline(alarm: Alarm | None) -> Figures | None:
    """Return what a campaign's figures were when it went on despite its last alarm; None: that is not noted yet."""
    if alarm is None:
        return Figures()
    if alarm.mails_then is None or alarm.bounces_then is None or alarm.complaints_then is None:
        return None
    return Figures(alarm.mails_then, alarm.bounces_then, alarm.complaints_then)


def anybody_untold(session: Session) -> bool:
    """Return whether there are alarms that the admins were not told of."""
    return session.scalar(select(Alarm.id).where(Alarm.told_at.is_(None)).limit(1)) is not None


def take_untold(session: Session, *, now: datetime) -> Alarm | None:
    """Return an alarm that the admins were not told of, for the caller to tell them; nobody else does meanwhile."""
    waiting = (Alarm.told_at.is_(None), or_(Alarm.tried_at.is_(None), Alarm.tried_at < now - _TELLING))
    alarm = session.scalar(select(Alarm).where(*waiting).order_by(Alarm.id).limit(1))
    if alarm is None:
        return None
    taken = update(Alarm).where(Alarm.id == alarm.id, *waiting).values(tried_at=now)
    return alarm if session.connection().execute(taken).rowcount else None


def told(session: Session, alarm_id: int, *, now: datetime) -> None:
    """Note that the admins were told."""
    session.execute(update(Alarm).where(Alarm.id == alarm_id).values(told_at=now))


def _stopped_for(reason: str) -> ColumnElement[bool]:
    return and_(Campaign.state == State.PAUSED, Campaign.state_reason == reason)


def _open(session: Session, campaign_id: int) -> Alarm | None:
    return session.scalar(select(Alarm).where(Alarm.campaign_id == campaign_id, Alarm.acknowledged_at.is_(None)))

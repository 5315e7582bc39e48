"""Mails outside campaigns are remembered for a while after their end."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import and_, case, select

from newsletter.delivery.notices.lifecycle import State
from newsletter.delivery.notices.models import Notice
from subscribers.ports import NoticeKind
from subscribers.privacy.retention import Rows

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from subscribers.privacy.retention import Rule

KEPT = timedelta(days=90)
KEPT_FOR_AN_ANSWER = timedelta(days=400)
"""Longer than anybody has to answer: who was not written to must not be taken off a list for saying nothing."""


def of_notices(now: datetime) -> Rule:
    """Return what goes: mails that came to an end."""
    asks = Notice.kind == NoticeKind.REPERMISSION.value
    old = case((asks, Notice.created_at < now - KEPT_FOR_AN_ANSWER), else_=Notice.created_at < now - KEPT)
    over = and_(old, Notice.state.not_in((State.WAITING.value, State.CLAIMED.value)))
    return Rows(what="notices", model=Notice, old=over)


def reached(session: Session, confirmations: Sequence[int]) -> Collection[int]:
    """Return those of these confirmations (some hundred) whose mail was accepted."""
    sent = select(Notice.confirmation_id).where(
        Notice.confirmation_id.in_(confirmations), Notice.state == State.SENT.value
    )
    return {number for number in session.scalars(sent) if number is not None}

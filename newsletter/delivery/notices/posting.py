"""Asking for a mail: a row in the transaction of whoever makes it due. Implements `subscribers.ports.Post`."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select, update

from newsletter.delivery.notices.lifecycle import LATEST_ISSUE, SUPERSEDED, State, lasts, rank
from newsletter.delivery.notices.models import Notice
from subscribers.lists import ListStore
from subscribers.ports import NoticeKind

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session


_ONCE_IN = timedelta(days=1)


class NoticePost:
    """Writes the table `notices`; a `NoticeSender` sends what is there."""

    def put(
        self,
        session: Session,
        kind: NoticeKind,
        *,
        list_id: int,
        subscriber_id: int,
        confirmation_id: int | None = None,
        email: str | None = None,
        language: str = "",
        now: datetime,
    ) -> None:
        """Ask for a mail; it is due when `session` commits, and never was when it rolls back.

        Of several requests to confirm, the newest alone is sent: those of this person and list that wait are dropped.
        A welcome brings the latest issue with it, as a mail of its own, where the list says so. That somebody has the
        list already is told once a day.
        """
        if kind is NoticeKind.ALREADY and _was_told(session, list_id, subscriber_id, now):
            return
        if kind is NoticeKind.CONFIRM:
            waiting = (
                Notice.kind == kind.value,
                Notice.list_id == list_id,
                Notice.subscriber_id == subscriber_id,
                Notice.state == State.WAITING,
            )
            session.execute(update(Notice).where(*waiting).values(state=State.DROPPED.value, reason=SUPERSEDED))
        kinds = [kind.value]
        if kind is NoticeKind.WELCOME and ListStore(session).by_id(list_id).policies.welcome_issue:
            kinds.append(LATEST_ISSUE)
        for each in kinds:
            session.add(
                Notice(
                    kind=each,
                    list_id=list_id,
                    subscriber_id=subscriber_id,
                    confirmation_id=confirmation_id,
                    email=email,
                    language=language,
                    rank=rank(each),
                    created_at=now,
                    not_before=now,
                    not_after=now + lasts(each),
                    state=State.WAITING.value,
                    tries=0,
                )
            )


def _was_told(session: Session, list_id: int, subscriber_id: int, now: datetime) -> bool:
    """Return whether somebody was told within a day that they have that list."""
    told = select(Notice.id).where(
        Notice.subscriber_id == subscriber_id,
        Notice.list_id == list_id,
        Notice.kind == NoticeKind.ALREADY.value,
        Notice.created_at > now - _ONCE_IN,
    )
    return session.scalar(told.limit(1)) is not None

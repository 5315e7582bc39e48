"""What was taken in of mails that belong to no campaign: probes and test mails, by the id that SES gave them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, or_, select

from newsletter.feedback.events import moment_of, read_message
from newsletter.feedback.models import FeedbackEvent
from newsletter.feedback.packing import unpack

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from newsletter.feedback.events import Event, Kind


def told_of(session: Session, message_ids: Collection[str]) -> Mapping[str, set[Kind]]:
    """Return which events of these mails (a few) are here; their keys lie together, by the time of the mails."""
    moments = {moment_of(message_id) for message_id in message_ids}
    query = select(FeedbackEvent.body).where(FeedbackEvent.campaign_id.is_(None), or_(*map(_within, sorted(moments))))
    told: dict[str, set[Kind]] = {}
    for body in session.scalars(query):
        for event in _events(body):
            if event.message_id in message_ids:
                told.setdefault(event.message_id, set()).add(event.kind)
    return told


def _within(moment: bytes) -> ColumnElement[bool]:
    following = int.from_bytes(moment, "big") + 1
    if following >= 1 << 8 * len(moment):
        return FeedbackEvent.key >= moment
    return and_(FeedbackEvent.key >= moment, FeedbackEvent.key < following.to_bytes(len(moment), "big"))


def _events(body: bytes | None) -> Collection[Event]:
    return read_message(unpack(body)).events if body else ()

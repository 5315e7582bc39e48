"""A question by mail: its row, and the mail whose link answers it, in one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from subscribers.confirmations import Kind, ask
from subscribers.ports import NoticeKind

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from subscribers.models import Subscription
    from subscribers.ports import Post

_MAIL = {Kind.SUBSCRIBE: NoticeKind.CONFIRM, Kind.REPERMISSION: NoticeKind.REPERMISSION}


def ask_by_mail(
    session: Session,
    kind: Kind,
    subscription: Subscription,
    *,
    days: int,
    post: Post,
    now: datetime,
    language: str = "",
) -> None:
    """Ask the person of a subscription, at their own address, something that `days` times 24 hours are given for.

    `language`: of the mail; "": the first that they chose.
    """
    number = ask(
        session,
        kind,
        list_id=subscription.list_id,
        subscriber_id=subscription.subscriber_id,
        days=days,
        now=now,
    )
    post.put(
        session,
        _MAIL[kind],
        list_id=subscription.list_id,
        subscriber_id=subscription.subscriber_id,
        confirmation_id=number,
        language=language or subscription.languages.partition(" ")[0],
        now=now,
    )

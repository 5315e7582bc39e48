"""The consent log: append-only, so that when, how and from where somebody agreed or left can be shown later."""

from __future__ import annotations

from typing import TYPE_CHECKING

from subscribers.models import Consent
from subscribers.origin import origin_of

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from subscribers.lifecycle import Action
    from subscribers.models import Subscription
    from subscribers.origin import Origin


def change(languages: tuple[str, str], topics: tuple[str, str], **others: tuple[str, str]) -> str:
    """Describe a change of preferences, (before, after) each; what stayed the same is left out."""
    pairs = {"languages": languages, "topics": topics, **others}
    return "; ".join(f"{what}: {old or '–'} → {new or '–'}" for what, (old, new) in pairs.items() if old != new)


def record(
    session: Session,
    subscription: Subscription,
    action: Action,
    source: str | Origin,
    now: datetime,
    *,
    detail: str = "",
) -> None:
    """Append a line about one subscription."""
    origin = origin_of(source)
    session.add(
        Consent(
            list_id=subscription.list_id,
            subscriber_id=subscription.subscriber_id,
            action=action.value,
            source=origin.source,
            wording=origin.wording,
            language=origin.language,
            ip=origin.ip,
            detail=detail,
            at=now,
        )
    )

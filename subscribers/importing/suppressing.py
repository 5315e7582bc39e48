"""Addresses that a file says bounced, complained or were blocked → the suppression list, a batch of them at once.

It does for many what `suppression.suppress` does for one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select, update

from subscribers.bulk import among, insert_rows, update_rows
from subscribers.lifecycle import Action, Event, Status, after
from subscribers.models import Consent, Subscriber, Subscription, Suppression

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session


def suppress_addresses(session: Session, reasons: Sequence[tuple[str, str]], *, source: str, now: datetime) -> None:
    """Suppress addresses, each with its reason: none of them is yet, or it is for less than a complaint."""
    if not reasons:
        return
    emails = [email for email, _ in reasons]
    there = set(session.scalars(select(Suppression.email).where(among(session, Suppression.email, emails))))
    new = [(email, reason) for email, reason in reasons if email not in there]
    insert_rows(session, Suppression, ("email", "reason"), new, {"detail": source, "since": now})
    for email, reason in reasons:
        if email in there:
            session.execute(update(Suppression).where(Suppression.email == email).values(reason=reason, detail=source))
    _everywhere(session, dict(reasons), source, now)


def _everywhere(session: Session, reasons: dict[str, str], source: str, now: datetime) -> None:
    """Take what is active on any list out of the way of mail, and log it."""
    suppressed = after(Event.SUPPRESS, Status.ACTIVE)
    query = (
        select(Subscription.list_id, Subscription.subscriber_id, Subscriber.email)
        .join(Subscriber, Subscriber.id == Subscription.subscriber_id)
        .where(among(session, Subscriber.email, list(reasons)), Subscription.status == Status.ACTIVE)
    )
    found = session.execute(query).all()
    keys = [(list_id, id_) for list_id, id_, _ in found]
    said = [(list_id, id_, f"{reasons[email]}, {source}") for list_id, id_, email in found]
    there = {"status": suppressed.value, "updated_at": now}
    update_rows(session, Subscription, (), ("list_id", "subscriber_id"), keys, same=there)
    constant = {"action": Action.SUPPRESSED.value, "wording": "", "detail": "", "at": now}
    insert_rows(session, Consent, ("list_id", "subscriber_id", "source"), said, constant)

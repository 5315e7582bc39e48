"""Mails that a mailbox did not take for a passing cause: counted in a row, by the order of the mails.

A mail that was delivered voids the strikes of it and of all mails before it, whichever of them is heard of first.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, or_, select

from newsletter.delivery.models import Campaign, Receipt
from newsletter.feedback.facts import Fact
from newsletter.feedback.models import Strike
from newsletter.feedback.upsert import inserting
from newsletter.feedback.verdict import Strikes
from subscribers.bulk import among

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

_CLOCKS_DIFFER = timedelta(days=1)
"""By at most so much is SES's clock behind ours, or a campaign ended before its last mail was accepted."""


@dataclass(frozen=True, slots=True, order=True)
class NewStrike:
    """One mail that was not taken."""

    subscriber_id: int
    campaign_id: int
    mail_at: datetime
    detail: str


def void(session: Session, delivered: Mapping[int, datetime]) -> set[int]:
    """Void the strikes of people (some hundred) to whom a mail was delivered, taken by SES at that time.

    Return whose count is less now.
    """
    rows = session.execute(
        select(Strike.subscriber_id, Strike.mail_at).where(among(session, Strike.subscriber_id, delivered.keys()))
    ).all()
    better = {person for person, mail_at in rows if mail_at <= delivered[person]}
    for person in sorted(better):
        session.execute(delete(Strike).where(Strike.subscriber_id == person, Strike.mail_at <= delivered[person]))
    return better


def strike(session: Session, strikes: Iterable[NewStrike]) -> None:
    """Count mails that were not taken, but for those before or at which another one is known to be delivered.

    What was delivered has to be noted among the facts of receipts before.
    """
    strikes = sorted(set(strikes))
    if not strikes:
        return
    delivered = _last_delivered(session, strikes)
    standing = [each for each in strikes if not _voided(each, delivered)]
    if not standing:
        return
    statement = inserting(session, Strike)
    keys = [Strike.subscriber_id, Strike.campaign_id, Strike.mail_at]
    smaller = func.least if session.get_bind().dialect.name == "postgresql" else func.min
    detail = smaller(Strike.detail, statement.excluded.detail)  # of two bounces of one mail the same one, always
    rows = [
        {
            "subscriber_id": each.subscriber_id,
            "campaign_id": each.campaign_id,
            "mail_at": each.mail_at,
            "detail": each.detail,
        }
        for each in standing
    ]
    session.connection().execute(statement.on_conflict_do_update(index_elements=keys, set_={"detail": detail}), rows)


def unstrike(session: Session, strikes: Iterable[NewStrike]) -> None:
    """Take these back."""
    for each in sorted(set(strikes)):
        session.execute(
            delete(Strike).where(
                Strike.subscriber_id == each.subscriber_id,
                Strike.campaign_id == each.campaign_id,
                Strike.mail_at == each.mail_at,
            )
        )


def people_struck(session: Session, after: int, *, size: int) -> Sequence[int]:
    """Return the next people with strikes, by their numbers."""
    query = select(Strike.subscriber_id).where(Strike.subscriber_id > after).distinct()
    return session.scalars(query.order_by(Strike.subscriber_id).limit(size)).all()


def strikes_of(session: Session, people: Collection[int]) -> Mapping[int, Strikes]:
    """Return the strikes of each of these people; who has none is left out."""
    rows = session.execute(
        select(Strike.subscriber_id, Strike.detail)
        .where(Strike.subscriber_id.in_(people))
        .order_by(Strike.mail_at, Strike.campaign_id)
    )
    details: dict[int, list[str]] = defaultdict(list)
    for person, detail in rows:
        details[person].append(detail)
    return {person: Strikes(len(found), found[-1]) for person, found in details.items()}


def forget(session: Session, person: int, *, but: Sequence[NewStrike]) -> None:
    """Take the strikes of somebody away, but for these."""
    session.execute(delete(Strike).where(Strike.subscriber_id == person))
    strike(session, but)


def _last_delivered(session: Session, strikes: Sequence[NewStrike]) -> Mapping[int, datetime]:
    """Return when SES took the last mail that is known to be delivered to each person."""
    since = min(each.mail_at for each in strikes) - _CLOCKS_DIFFER
    late_enough = select(Campaign.id).where(or_(Campaign.finished_at.is_(None), Campaign.finished_at >= since))
    rows = session.execute(
        select(Receipt.subscriber_id, func.max(Receipt.at).label("last"))
        .where(
            Receipt.campaign_id.in_(late_enough),
            Receipt.subscriber_id.in_({each.subscriber_id for each in strikes}),
            Receipt.facts.op("&")(int(Fact.DELIVERED)) != 0,
        )
        .group_by(Receipt.subscriber_id)
    )
    return {row.subscriber_id: row.last for row in rows}


def _voided(each: NewStrike, delivered: Mapping[int, datetime]) -> bool:
    at = delivered.get(each.subscriber_id)
    return at is not None and at >= each.mail_at

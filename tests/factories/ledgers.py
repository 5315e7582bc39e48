"""A campaign's ledger in any state, written row by row: what reports are made of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import update

from newsletter.delivery.models import Campaign, Chunk, Delivery, Planned, Receipt, VariantRow
from subscribers.models import Consent, Subscriber, Subscription
from tests.factories.campaigns import Stage, make_stage
from tests.factories.people import NOW

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from subscribers.database import Database

LANGUAGES = ("en", "fr")
"""Of the variants, by their number."""


@dataclass(frozen=True)
class Booked:
    """Somebody in the books."""

    state: str | None = "sent"
    """None: no outcome yet."""
    facts: int | None = 0
    """None: nothing came back, not even the receipt."""
    variant: int = 0
    domain: str | None = "gmail.com"
    """None: erased since."""
    left_at: datetime | None = None
    left_by: int | None = None
    """The campaign whose link they used."""


def make_ledger(database: Database, people: Sequence[Booked], *, at: datetime = NOW) -> Stage:
    """Return the stage of a campaign (the only one) whose books hold these people, numbered from 1."""
    stage = make_stage(database, 0)
    campaign = stage.begin()
    planned = [(person, each) for person, each in enumerate(people, 1) if each.state != "skipped"]
    with database.write() as session:
        for number, language in enumerate(LANGUAGES):
            session.add(
                VariantRow(
                    campaign_id=campaign, variant_no=number, language=language, content_language="en", items=[1, 2]
                )
            )
        for position, (person, each) in enumerate(sorted(planned, key=lambda item: item[1].variant)):
            session.add(Planned(campaign_id=campaign, position=position, subscriber_id=person, variant_no=each.variant))
        for person, each in enumerate(people, 1):
            if each.domain is not None:
                session.add(
                    Subscriber(id=person, email=f"p{person}@{each.domain}", name="", created_at=NOW, updated_at=NOW)
                )
            if each.state is not None:
                reason = "paused" if each.state == "skipped" else None
                values = {"campaign_id": campaign, "subscriber_id": person, "at": at}
                session.add(Delivery(**values, state=each.state, reason=reason))
                if each.state == "sent" and each.facts is not None:
                    session.add(Receipt(**values, message_id=f"m{person}", facts=each.facts))
        _chunks(session, campaign, [each for _, each in planned])
        session.flush()
        session.add_all(
            Consent(list_id=stage.publication.id, subscriber_id=person, action="unsubscribed", source="page", at=gone)
            for person, each in enumerate(people, 1)
            if (gone := each.left_at) is not None and each.domain is not None
        )
        session.add_all(
            Subscription(
                list_id=stage.publication.id,
                subscriber_id=person,
                status="unsubscribed",
                created_at=NOW,
                updated_at=NOW,
                left_at=each.left_at,
                left_campaign=each.left_by,
            )
            for person, each in enumerate(people, 1)
            if each.left_at is not None and each.domain is not None
        )
        books = {"state": "sending", "planned": len(people), "started_at": at}
        session.execute(update(Campaign).where(Campaign.id == campaign).values(books))
    return stage


def _chunks(session: Session, campaign: int, planned: Sequence[Booked]) -> None:
    if planned:
        remaining = sum(each.state is None for each in planned)
        session.add(
            Chunk(
                campaign_id=campaign,
                chunk_no=0,
                first=0,
                last=len(planned) - 1,
                state="open" if remaining else "done",
                cursor=0,
                remaining=remaining,
                sent=sum(each.state == "sent" for each in planned),
            )
        )

"""What follows from events, in the transaction that stores them. Called with what is new only, in any order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from newsletter.delivery.models import Campaign
from newsletter.delivery.notices.receipts import file_proofs
from newsletter.delivery.receipts import Receipt, file_receipts
from newsletter.delivery.setbacks import take_back_acceptances
from newsletter.feedback.addresses import judge_addresses
from newsletter.feedback.counting import count
from newsletter.feedback.facts import FACTS
from newsletter.feedback.rules import Meaning, failure_of
from newsletter.feedback.signs import note_signs
from subscribers.models import Subscription
from subscribers.service import unsubscribe

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from newsletter.feedback.storing import Placed


SOFT_BOUNCES = 5
"""As many in a row count as one bounce for good, unless the settings say otherwise."""


def apply(session: Session, events: Sequence[Placed], *, soft_bounces: int, now: datetime) -> None:
    """Apply new events: proofs of acceptance, what became of the mails, who gets none any more, the counts.

    The counts come last: everybody who applies events waits for them.
    """
    _prove(session, events)
    take_back_acceptances(session, now=now, reasons=reasons_of(events))
    judge_addresses(session, events, soft_bounces=soft_bounces, now=now)
    let_go(session, events, now)
    note_signs(session, events, now)
    count(session, events)


def reasons_of(events: Sequence[Placed]) -> Mapping[tuple[int, int], str]:
    """Return why mails were not sent after they had been accepted, by delivery."""
    return {
        (each.campaign_id, each.subscriber_id): failure_of(each.event)
        for each in events
        if each.meaning in {Meaning.REJECTED, Meaning.UNRENDERED}
        and each.campaign_id is not None
        and each.subscriber_id is not None
    }


def let_go(session: Session, events: Sequence[Placed], now: datetime) -> int:
    """Take people off the list of whose mails they were rid by SES's own unsubscribe page; return how many."""
    gone = 0
    for each in events:
        if each.meaning is Meaning.LEFT and each.campaign_id is not None:
            list_id = session.scalar(select(Campaign.list_id).where(Campaign.id == each.campaign_id))
            mine = session.get(Subscription, (list_id, each.subscriber_id), with_for_update=True)
            if mine is not None:
                gone += unsubscribe(session, mine, source="SES's unsubscribe page", now=now)
    return gone


def _prove(session: Session, events: Sequence[Placed]) -> None:
    """File receipts: whatever happened to a mail, it was accepted before."""
    receipts = [
        Receipt(each.event.delivery_id, each.event.message_id, each.event.mail_at or each.at, _fact(each))
        for each in events
        if each.campaign_id is not None and each.event.delivery_id is not None
    ]
    file_receipts(session, receipts)
    elsewhere = [each.event for each in events if each.campaign_id is None]
    file_proofs(session, {event.delivery_id: event.message_id for event in elsewhere if event.delivery_id is not None})


def _fact(placed: Placed) -> int:
    return int(FACTS.get(placed.meaning, 0))

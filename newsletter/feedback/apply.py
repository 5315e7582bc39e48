"""What follows from events, in the transaction that stores them. Called with what is new only, in any order."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from sqlalchemy import Integer, bindparam, update

from newsletter.delivery.models import Receipt as ReceiptRow
from newsletter.delivery.receipts import Receipt, file_receipts
from newsletter.feedback.counting import count
from newsletter.feedback.facts import FACTS, Fact

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from newsletter.feedback.storing import Placed


def apply(session: Session, events: Sequence[Placed]) -> None:
    """Apply new events: proofs of acceptance, what became of the mails, the counts.

    The counts come last: everybody who applies events waits for them.
    """
    _prove(session, events)
    _note_facts(session, events)
    count(session, events)


def _prove(session: Session, events: Sequence[Placed]) -> None:
    """File receipts: whatever happened to a mail, it was accepted before."""
    receipts = [
        Receipt(each.event.delivery_id, each.event.message_id, each.event.mail_at or each.at)
        for each in events
        if each.campaign_id is not None and each.event.delivery_id is not None
    ]
    file_receipts(session, receipts)


def _note_facts(session: Session, events: Sequence[Placed]) -> None:
    facts: dict[tuple[int, int], Fact] = defaultdict(lambda: Fact(0))
    for each in events:
        if each.campaign_id is not None and each.subscriber_id is not None and each.meaning in FACTS:
            facts[each.campaign_id, each.subscriber_id] |= FACTS[each.meaning]
    if facts:
        rows = [
            {"campaign": campaign, "person": person, "more": int(more)}
            for (campaign, person), more in sorted(facts.items())
        ]
        session.connection().execute(_ADD_FACTS, rows)


_ADD_FACTS = (
    update(ReceiptRow.__table__)  # type: ignore[arg-type]  # it is a table
    .where(
        ReceiptRow.campaign_id == bindparam("campaign"),
        ReceiptRow.subscriber_id == bindparam("person"),
    )
    .values(facts=ReceiptRow.facts.op("|")(bindparam("more", type_=Integer)))
)

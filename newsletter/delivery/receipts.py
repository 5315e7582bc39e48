"""Proof that mails were accepted, as it comes in: whoever was in doubt is settled by it.

A receipt may come before its outcome was written, twice, or for a campaign this database never had; any order ends the
same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import select, tuple_

from newsletter.delivery.doubts import in_doubt, settle_as_sent
from newsletter.delivery.models import Campaign, Delivery
from newsletter.delivery.models import Receipt as ReceiptRow
from subscribers.bulk import merge_rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session


class Receipt(NamedTuple):
    """What a Send event proves."""

    delivery_id: str
    """`<label of the campaign>.<number of the subscriber>`."""
    message_id: str
    at: datetime
    facts: int = 0
    """What else it says of the mail: see the column."""


def file_receipts(session: Session, receipts: Sequence[Receipt]) -> int:
    """Keep receipts (some hundred) and settle the deliveries in doubt that they prove; return how many were settled.

    What is no delivery of a campaign here (a test mail, another installation's) is passed over. In the order of keys,
    so that two who file at once do not wait for each other crosswise.
    """
    rows = _rows(session, receipts)
    if not rows:
        return 0
    merge_rows(session, ReceiptRow, _Row._fields, sorted(rows), sets={"facts": "receipts.facts | excluded.facts"})
    return _settle(session, rows)


def proven(session: Session, delivery_ids: Iterable[str]) -> Mapping[str, str]:
    """Return the message id of each delivery (some hundred) whose acceptance is proven."""
    keys = {key: name for name, key in located(session, delivery_ids).items()}
    key = tuple_(ReceiptRow.campaign_id, ReceiptRow.subscriber_id)
    found = session.execute(
        select(ReceiptRow.campaign_id, ReceiptRow.subscriber_id, ReceiptRow.message_id).where(key.in_(list(keys)))
    )
    return {keys[campaign, person]: message for campaign, person, message in found}


def located(session: Session, delivery_ids: Iterable[str]) -> Mapping[str, tuple[int, int]]:
    """Return (campaign, subscriber) of each delivery id that is of a campaign here."""
    parts = {each: _parts(each) for each in delivery_ids}
    campaigns = _campaigns(session, {label for label, _ in parts.values()})
    return {
        each: (campaigns[label], number)
        for each, (label, number) in parts.items()
        if label in campaigns and number is not None
    }


def settle_filed(session: Session, campaign_id: int) -> int:
    """Settle those whose receipt was here before their doubt; return how many."""
    query = select(ReceiptRow).where(
        ReceiptRow.campaign_id == campaign_id,
        ReceiptRow.subscriber_id.in_(select(Delivery.subscriber_id).where(in_doubt(campaign_id))),
    )
    rows = [_Row(row.campaign_id, row.subscriber_id, row.message_id, row.at) for row in session.scalars(query)]
    return _settle(session, rows) if rows else 0


class _Row(NamedTuple):
    campaign_id: int
    subscriber_id: int
    message_id: str
    at: datetime
    facts: int = 0


def _rows(session: Session, receipts: Sequence[Receipt]) -> list[_Row]:
    """Return a row for each delivery that exists here: of several receipts for one the first, with the facts of all."""
    keys = located(session, [receipt.delivery_id for receipt in receipts])
    rows: dict[tuple[int, int], _Row] = {}
    for receipt in receipts:
        if (key := keys.get(receipt.delivery_id)) is not None:
            first = rows.setdefault(key, _Row(*key, receipt.message_id, receipt.at))
            rows[key] = first._replace(facts=first.facts | receipt.facts)
    return list(rows.values())


def _parts(delivery_id: str) -> tuple[str, int | None]:
    label, _, number = delivery_id.rpartition(".")
    return label, int(number) if number.isdecimal() and number.isascii() else None


def _campaigns(session: Session, labels: Iterable[str]) -> Mapping[str, int]:
    found = session.execute(select(Campaign.label, Campaign.id).where(Campaign.label.in_(sorted(labels))))
    return {row.label: row.id for row in found}


def _settle(session: Session, rows: Sequence[_Row]) -> int:
    return settle_as_sent(session, {(row.campaign_id, row.subscriber_id): row.message_id for row in rows})

"""A mail that was sent, made again byte for byte: of the frozen issue, the recorded variant, its reader as of then."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from newsletter.delivery.models import Delivery, Planned
from newsletter.delivery.retention import are_forgotten
from newsletter.delivery.variants import variants
from newsletter.errors import NotFound
from newsletter.personalization.message import Recipient, write_message
from subscribers.models import Subscriber
from subscribers.repository import addressed_at, find

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from newsletter.delivery.campaigns import CampaignInfo
    from newsletter.delivery.mails import Mails
    from newsletter.personalization.message import Prepared
    from subscribers.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class MailAgain:
    """A mail as it left, and what came of it."""

    delivery_id: str
    content: bytes
    state: str
    reason: str | None
    message_id: str | None
    at: datetime

    def as_json(self) -> dict[str, Any]:
        """Return the documented form, without the content."""
        return {
            "delivery": self.delivery_id,
            "state": self.state,
            "reason": self.reason,
            "message_id": self.message_id,
            "at": self.at.isoformat(),
        }


def mail_again(database: Database, info: CampaignInfo, email: str, open_mails: Callable[[], Mails]) -> MailAgain:
    """Return the mail that this campaign sent, or tried to send, to the person with that normalised address.

    Raises NotFound for somebody who is not known, or was not written to.
    """
    with database.read() as session:
        person = find(session, email)
    if person is None:
        raise NotFound(f"Campaign {info.id} has nothing on {email}: nobody of that address was on its list.")
    return mail_of(
        database, info, person.id, lambda number: open_mails().prepared(variants(database, info.id, number)[number])
    )


def mail_of(
    database: Database, info: CampaignInfo, subscriber_id: int, prepared: Callable[[int], Prepared]
) -> MailAgain:
    """Return the same for a person by their number; `prepared` gives the mail of a variant of the plan.

    Raises NotFound for somebody who was erased, or was not written to.
    """
    with database.read() as session:
        person = session.get(Subscriber, subscriber_id)
        delivery = session.get(Delivery, (info.id, subscriber_id))
        if delivery is None and are_forgotten(session, info.id):
            raise NotFound(f"It is kept no longer whom campaign {info.id} wrote to: that is the policy of its list.")
        if person is None or delivery is None:
            raise NotFound(f"Campaign {info.id} has nothing on that person: they were not on its list, or are gone.")
        planned = session.query(Planned).filter_by(campaign_id=info.id, subscriber_id=subscriber_id).one_or_none()
        if planned is None or delivery.state == "skipped":
            raise NotFound(f"Campaign {info.id} did not write to that person: {delivery.reason}.")
        then = addressed_at(session, person, delivery.at)
    delivery_id = f"{info.label}.{person.id}"
    recipient = Recipient(subscriber_id=person.id, email=then.email, name=then.name)
    return MailAgain(
        delivery_id=delivery_id,
        content=write_message(prepared(planned.variant_no), recipient, delivery_id=delivery_id, date=delivery.at),
        state=delivery.state,
        reason=delivery.reason,
        message_id=delivery.message_id,
        at=delivery.at,
    )

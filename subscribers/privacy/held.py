"""What this package keeps of people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import false, or_

from subscribers.models import Confirmation, Consent, Formerly, Subscriber, Subscription, Suppression
from subscribers.privacy.holder import Deleted, by_address, by_number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement

    from subscribers.privacy.holder import Holder
    from subscribers.privacy.person import Person


def _themselves(person: Person) -> ColumnElement[bool]:
    return false() if person.number is None else Subscriber.id == person.number


def _of_confirmations(person: Person) -> ColumnElement[bool]:
    """Return which are theirs: they asked, or somebody asked at their address whether they are the same person."""
    return or_(by_number(Confirmation)(person), Confirmation.email.in_(person.addresses))


HOLDERS: Sequence[Holder] = (
    Deleted(
        model=Subscription,
        what="What you receive of which list, in which languages, on which topics.",
        whose=by_number(Subscription),
    ),
    Deleted(
        model=Consent,
        what="What you agreed to, chose and left, when, and from where that came.",
        whose=by_number(Consent),
    ),
    Deleted(
        model=Confirmation,
        what="Mails that asked you to confirm something, and whether you did.",
        whose=_of_confirmations,
    ),
    Deleted(
        model=Formerly,
        what="Names and addresses that you had here before.",
        whose=by_number(Formerly),
        also=by_address(Formerly),
    ),
    Deleted(
        model=Suppression,
        what="That your address gets no mail from any list, and why.",
        whose=by_address(Suppression),
        stays="In the keyed hash of the address: why it got no mail.",
    ),
    Deleted(model=Subscriber, what="Your address, your name and your time zone.", whose=_themselves),
)
"""The person comes last: the other rows refer to them."""

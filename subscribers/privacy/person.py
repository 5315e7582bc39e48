"""Who a request is about: one address, whoever they are here, and what they were called before."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from subscribers.address import normalised, shown
from subscribers.errors import Refused
from subscribers.models import Formerly, Subscriber

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Session

_SHORTEST_NAME = 3
"""Characters: shorter ones are found in half of all texts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One person. Who was never on a list has an address and no number."""

    number: int | None
    """Of the subscriber; None: there is none with this address."""
    addresses: tuple[str, ...]
    """Normalised, the present one first; those they had before, unless somebody else has them now."""
    names: tuple[str, ...] = ()

    @property
    def email(self) -> str:
        """The present address."""
        return self.addresses[0]

    def is_written_to_in(self, text: str) -> bool:
        """Say whether a text holds an address of theirs, in any spelling that mails and JSON have."""
        folded = text.casefold()
        return any(spelling.casefold() in folded for spelling in self._spellings())

    def is_named_in(self, text: str) -> bool:
        """Say whether a text tells who they are: an address, what stands before its @, or their name."""
        if self.is_written_to_in(text):
            return True
        folded = text.casefold()
        words = [address.rpartition("@")[0] for address in self.addresses]
        words += [name for name in self.names if len(name) >= _SHORTEST_NAME]
        return any(re.search(rf"(?<![\w.+-]){re.escape(word.casefold())}(?![\w+-])", folded) for word in words)

    def _spellings(self) -> Iterator[str]:
        for address in self.addresses:
            for spelling in {address, shown(address)}:
                yield spelling
                yield json.dumps(spelling)[1:-1]


def person_known_as(session: Session, email: str) -> Person:
    """Return whoever has that address, else whoever had it before they moved to another; else the address alone.

    Raises InvalidAddress, and Refused where several people had it, one after the other.
    """
    person = person_of(session, email)
    if person.number is not None:
        return person
    had = select(Formerly.subscriber_id).where(Formerly.email == person.email).distinct()
    numbers = session.scalars(had).all()
    if len(numbers) > 1:
        raise Refused(
            f"{len(numbers)} people had that address, one after the other, and nobody has it now: ask for the one that "
            f"they have today."
        )
    present = session.scalar(select(Subscriber.email).where(Subscriber.id.in_(numbers)))
    return person if present is None else person_of(session, present)


def person_of(session: Session, email: str) -> Person:
    """Return whoever has that address; of somebody unknown, the address alone. Raises InvalidAddress."""
    address = normalised(email)
    found = session.scalar(select(Subscriber).where(Subscriber.email == address))
    if found is None:
        return Person(number=None, addresses=(address,))
    before = session.execute(
        select(Formerly.email, Formerly.name).where(Formerly.subscriber_id == found.id).order_by(Formerly.until.desc())
    ).all()
    others = select(Subscriber.email).where(
        Subscriber.email.in_({row.email for row in before}), Subscriber.id != found.id
    )
    taken = set(session.scalars(others))
    addresses = [address, *(row.email for row in before if row.email not in taken)]
    names = [name for name in (found.name, *(row.name for row in before)) if name]
    return Person(number=found.id, addresses=tuple(dict.fromkeys(addresses)), names=tuple(dict.fromkeys(names)))

"""One person, wherever they are kept: told what there is, or erased. Here the rooms' holders are joined."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from newsletter.delivery import held as delivery
from newsletter.delivery.models import Campaign
from newsletter.feedback import held as feedback
from subscribers.address import normalised
from subscribers.models import List
from subscribers.privacy import held as subscribers
from subscribers.privacy.erased import Erasures
from subscribers.privacy.erasing import erase, held_of, lock_out
from subscribers.privacy.person import person_known_as, person_of
from subscribers.repository import find

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from newsletter.bootstrap.installation import Newsletter
    from subscribers.database import Database
    from subscribers.privacy.erasing import Held
    from subscribers.privacy.holder import Holder
    from subscribers.privacy.person import Person

HOLDERS: Sequence[Holder] = (*feedback.HOLDERS, *delivery.HOLDERS, *subscribers.HOLDERS)
"""Every table that keeps anything of people; the subscriber's own row comes last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is kept of one person."""

    person: Person
    erased_before: bool
    """Their address is among the erased: what is kept came since."""
    held: Sequence[Held]
    at: datetime
    formerly: bool = False
    """The address that was asked for is one they had before."""

    @property
    def rows(self) -> int:
        """How many rows that are; 0: nothing is kept."""
        return sum(len(each.rows) for each in self.held)

    def as_json(self) -> dict[str, Any]:
        """Return the documented form; tables without a row of theirs are left out."""
        return {
            "email": self.person.email,
            "subscriber": self.person.number,
            "also_known_as": list(self.person.addresses[1:]),
            "erased_before": self.erased_before,
            "at": self.at.isoformat(),
            "held": [each.as_json() for each in self.held if each.rows],
        }


def erasures(newsletter: Newsletter) -> Erasures:
    """Return what knows the erased."""
    return Erasures(newsletter.signer)


def is_erased(newsletter: Newsletter, email: str) -> bool:
    """Say whether a normalised address was erased and its owner is not back."""
    with newsletter.database.read() as session:
        return bool(erasures(newsletter).find(session, [email])) and find(session, email) is None


def known_of(newsletter: Newsletter, email: str, *, formerly: bool = False) -> Known:
    """Return all that is kept of whoever has that address. Raises InvalidAddress.

    `formerly`: or of whoever had it before. Raises Refused where that would be several people.
    """
    with newsletter.database.read() as session:
        person = person_known_as(session, email) if formerly else person_of(session, email)
        return Known(
            formerly=person.email != normalised(email),
            person=person,
            erased_before=bool(erasures(newsletter).find(session, [person.email])),
            held=_in_words(session, held_of(session, person, HOLDERS)),
            at=newsletter.now(),
        )


def erase_person(newsletter: Newsletter, email: str) -> Mapping[str, int]:
    """Erase whoever has that address; return how many rows of each table that changed. Raises InvalidAddress."""
    with _wiping(newsletter.database) as session:
        lock_out(session)
        person = person_of(session, email)
        return erase(session, person, HOLDERS, erasures(newsletter), now=newsletter.now())


@contextmanager
def _wiping(database: Database) -> Iterator[Session]:
    """Yield a session that writes; on SQLite what it deletes is overwritten, and taken out of the log after it.

    https://www.sqlite.org/pragma.html#pragma_secure_delete
    """
    with database.write() as session:
        if database.is_sqlite:
            session.connection().exec_driver_sql("PRAGMA secure_delete=ON")
        yield session
    if database.is_sqlite:
        with database.engine.connect() as connection:
            # outside of a transaction, so not through SQLAlchemy; who reads meanwhile keeps the log until the next one
            connection.connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _in_words(session: Session, held: Sequence[Held]) -> Sequence[Held]:
    """Say which list and which campaign it is that a number stands for."""
    lists = {row.id: row.slug for row in session.execute(select(List.id, List.slug))}
    campaigns = {row.id: row.label for row in session.execute(select(Campaign.id, Campaign.label))}
    names = {"list_id": ("list", lists), "campaign_id": ("campaign", campaigns)}

    def worded(row: Mapping[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for column, value in row.items():
            name, words = names.get(column, (column, {}))
            found[name] = words.get(value, value)
        return found

    return [type(each)(each.table, each.what, each.stays, [worded(row) for row in each.rows]) for each in held]

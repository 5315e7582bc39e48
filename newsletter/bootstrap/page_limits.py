"""How often strangers may have mail sent, whatever they type: the figures, and what is counted against them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from newsletter.errors import Refused
from subscribers.limits import Limit, attempt

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from subscribers.database import Database
    from subscribers.limits import Keyed
    from subscribers.networks import Source

_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)

TO_AN_ADDRESS = Limit("mails to an address", 5, _DAY)
"""Of all lists together: an address that somebody types into every form there is gets no flood from here."""
FROM_A_HOST = (Limit("forms from a host", 20, _HOUR), Limit("forms from a host in a day", 60, _DAY))
"""A hospital behind one address signs up by the dozen, not by the hundred."""
FROM_A_NETWORK = (Limit("forms from a network", 60, _HOUR), Limit("forms from a network in a day", 200, _DAY))


class Later(Refused):
    """Too much was asked for from there; `at`: when it may be asked again."""

    def __init__(self, at: datetime) -> None:
        super().__init__("Too much was asked for from here: try again later.")
        self.at = at


def let_in(database: Database, keyed: Keyed, source: Source | None, now: datetime) -> None:
    """Count a form that has a mail sent, against where it comes from. Raises Later.

    Counted though it is refused, in a transaction of its own. Of a proxy that does not say whom it speaks for, nothing
    is known that could be counted: it would be everybody.
    """
    if source is None:
        return
    limits = [(each, source.host) for each in FROM_A_HOST] + [(each, source.network) for each in FROM_A_NETWORK]
    with database.write() as session:
        later = attempt(session, limits, keyed=keyed, now=now)
    if later is not None:
        raise Later(later)


def may_be_written_to(session: Session, keyed: Keyed, address: str, now: datetime) -> bool:
    """Count a mail to that normalised address; whether it may go is nobody's business but ours.

    In the transaction that asks for the mail: so there is something to write, and to wait for, whoever is known.
    """
    return attempt(session, [(TO_AN_ADDRESS, address)], keyed=keyed, now=now) is None

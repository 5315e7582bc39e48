"""Our suppression list and the account's, brought together; any of it may be stopped, and goes on where it was.

The account's list stands per region, is asked a page at a time, and takes one address a call
(https://docs.aws.amazon.com/ses/latest/dg/sending-email-suppression-list.html). What is known of it is kept, so that an
address that somebody lets go here is not brought back by the next sync, and so that nothing is taken off there that was
not put there from here.
"""

from __future__ import annotations

from contextlib import suppress as suppress_error
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from sqlalchemy import delete, func, select

from newsletter.aws.refusals import NotReached, NotThere, Throttled, TokenInvalid
from newsletter.aws.suppression_page import Look, Synced, known_row
from newsletter.feedback.models import AccountList, AccountSuppression
from subscribers.models import Suppression
from subscribers.suppression import Reason, suppress

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Select
    from sqlalchemy.orm import InstrumentedAttribute, Session

    from subscribers.clock import Clock
    from subscribers.database import Database

SOURCE = "SES's account list"
_OURS = ("bounce", "complaint")
"""The reasons that SES knows."""
_PAGE = 1_000
_TRIES = 6
_LONGEST_PAUSE = 60.0


class Account(Protocol):
    """Implemented by `service.Aws`."""

    region: str

    def ask(self, service: str, operation: str, **said: object) -> dict[str, Any]:
        """Call an operation. Raises AwsRefused."""
        ...


def _nobody(_address: str) -> bool:
    return False


def _untold(_done: int) -> None:
    """Tell nobody."""


@dataclass(frozen=True, kw_only=True)
class Sync:
    """Brings both lists together."""

    database: Database
    account: Account
    clock: Clock
    wait: Callable[[float], bool]
    """Waits that many seconds; returns whether to stop, at once when it is so."""
    rate: float = 1.0
    """Calls a second: SES takes no more of most of its operations."""
    is_erased: Callable[[str], bool] = _nobody
    """Says of an address, as it is known, whether its owner was erased and it is to be kept nowhere."""
    moved: Callable[[int], None] = _untold
    """Told how many calls were made."""
    _calls: list[int] = field(default_factory=lambda: [0])

    def plan(self) -> Synced:
        """Return what `run` would do: the account's list is read, nothing is written anywhere."""
        found, token, there = Synced(), "", 0
        with self.database.read() as session:
            ours = session.scalar(select(func.count()).where(Suppression.reason.in_(_OURS))) or 0
        while True:
            entries, token = self._listed(token)
            with self.database.read() as session:
                look = Look(session, self.account.region, entries, self.is_erased, found)
                there += sum(look.known_here[email] in _OURS for email in look.entries)
                found.imported += len(look.new)
                found.deleted += sum(look.known_there[email].is_ours for email in look.gone_here)
                found.let_go += sum(not look.known_there[email].is_ours for email in look.gone_here)
            if not token or self.wait(0):
                found.put = max(0, ours - there)
                return found

    def run(self, *, delete_others: bool = False) -> Synced:
        """Bring both lists together; stopped or killed, the next run goes on.

        `delete_others`: take off the account's list what was let go here, whoever put it there. Raises AwsRefused.
        """
        found = Synced()
        if self._pull(found) and self._push(found):
            self._take_off(found, delete_others=delete_others)
        return found

    def _pull(self, found: Synced) -> bool:
        """Take the account's list in, page by page; return whether it came to its end."""
        with self.database.write() as session:
            state = _state(session, self.account.region, self.clock())
            began, token = state.began_at, state.token
        while not self.wait(0):
            entries, token = self._listed(token)
            with self.database.write() as session:
                look = Look(session, self.account.region, entries, self.is_erased, found)
                for email in look.new:
                    reason = Reason(look.entries[email]["Reason"].lower())
                    found.imported += suppress(session, email, reason, source=SOURCE, now=self.clock(), detail=SOURCE)
                look.remember(began)
                state = _state(session, self.account.region, began)
                state.token = token
                if not token:
                    session.execute(
                        delete(AccountSuppression).where(
                            AccountSuppression.region == self.account.region, AccountSuppression.seen_at < began
                        )
                    )
                    session.delete(state)
                    return True
        return False

    def _push(self, found: Synced) -> bool:
        """Put on the account's list what bounced and complained here; return whether that came to its end."""
        there = select(AccountSuppression.email).where(AccountSuppression.region == self.account.region)
        query = select(Suppression).where(Suppression.reason.in_(_OURS), Suppression.email.not_in(there))
        for entry in self._pages(query.order_by(Suppression.id), Suppression.id):
            if self.wait(0):
                return False
            self._ask("put_suppressed_destination", EmailAddress=entry.email, Reason=entry.reason.upper())
            with self.database.write() as session:
                now = self.clock()
                session.merge(known_row(self.account.region, entry.email, entry.email, now, is_ours=True))
            found.put += 1
        return True

    def _take_off(self, found: Synced, *, delete_others: bool) -> None:
        """Take off the account's list what was put there from here and is not on ours any more."""
        mine = AccountSuppression.region == self.account.region
        query = select(AccountSuppression).where(mine, AccountSuppression.email.not_in(select(Suppression.email)))
        for row in self._pages(query.order_by(AccountSuppression.email), AccountSuppression.email):
            if self.is_erased(row.email):
                continue
            if not (row.is_ours or delete_others):
                found.let_go += 1
                continue
            if self.wait(0):
                return
            with suppress_error(NotThere):  # somebody else was quicker
                self._ask("delete_suppressed_destination", EmailAddress=row.written)
            with self.database.write() as session:
                session.execute(delete(AccountSuppression).where(mine, AccountSuppression.email == row.email))
            found.deleted += 1

    def _pages(self, query: Select[Any], key: InstrumentedAttribute[Any]) -> Iterator[Any]:
        """Yield rows, a page in memory at a time, and no transaction open meanwhile."""
        after: Any = None
        while True:
            with self.database.read() as session:
                page = session.scalars((query if after is None else query.where(key > after)).limit(_PAGE)).all()
            yield from page
            if len(page) < _PAGE:
                return
            after = getattr(page[-1], key.key)

    def _listed(self, token: str) -> tuple[Sequence[Mapping[str, Any]], str]:
        """Return a page of the account's list, and what asks for the next one: "" at the end."""
        try:
            said = self._ask("list_suppressed_destinations", PageSize=_PAGE, **({"NextToken": token} if token else {}))
        except TokenInvalid:
            return self._listed("")  # kept for too long: from the beginning
        return said["SuppressedDestinationSummaries"], said.get("NextToken") or ""

    def _ask(self, operation: str, **said: object) -> dict[str, Any]:
        """Ask the account, at its pace; where it has too much to do, or is out of reach, again after a while.

        Who was out of reach from the first moment on is hardly there a minute later: that is raised at once.
        """
        pause = 1 / self.rate
        for attempt in range(_TRIES):
            if self._calls[0]:
                self.wait(pause)
            self._calls[0] += 1
            self.moved(self._calls[0])
            try:
                return self.account.ask("sesv2", operation, **said)
            except (Throttled, NotReached) as error:
                if attempt == _TRIES - 1 or (isinstance(error, NotReached) and self._calls[0] == 1):
                    raise
                pause = min(_LONGEST_PAUSE, max(1.0, 2 * pause))
        raise AssertionError("the last attempt returns or raises")


def _state(session: Session, region: str, now: datetime) -> AccountList:
    """Return how far the account's list was read; begin at its beginning where it was read to its end."""
    state = session.get(AccountList, region, with_for_update=True)
    if state is None:
        state = AccountList(region=region, token="", began_at=now)
        session.add(state)
    return state

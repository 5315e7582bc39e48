"""A page of the account's suppression list, and what it means for ours."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from newsletter.errors import Refused
from newsletter.feedback.models import AccountSuppression
from subscribers.address import normalised
from subscribers.suppression import reasons

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

_CLOCKS_DIFFER = timedelta(hours=1)
"""By at most so much is the account's clock ahead of ours: what was put there from here is no news for so long."""


@dataclass
class Synced:
    """What was done, or would be."""

    imported: int = 0
    """Put on our list, since the account has them."""
    put: int = 0
    """The other way round."""
    deleted: int = 0
    """Taken off the account's list."""
    let_go: int = 0
    """On the account's list still, though somebody let them go here: not ours to take off, unless told."""
    erased: int = 0
    """Of people who were erased: not brought back."""
    unusable: int = 0
    """No addresses that mail could go to."""

    def as_json(self) -> dict[str, int]:
        """Return the documented form."""
        return asdict(self)


class Look:
    """What a page of the account's list means here."""

    def __init__(
        self,
        session: Session,
        region: str,
        entries: Sequence[Mapping[str, Any]],
        is_erased: Callable[[str], bool],
        found: Synced,
    ) -> None:
        """Count in `found` what cannot be taken in."""
        self._session, self._region = session, region
        self.entries: dict[str, Mapping[str, Any]] = {}
        for each in entries:
            try:
                email = normalised(each["EmailAddress"])
            except Refused:
                found.unusable += 1
                continue
            if is_erased(email):
                found.erased += 1
            else:
                self.entries[email] = each
        self.known_here = reasons(session, self.entries)
        query = select(AccountSuppression).where(
            AccountSuppression.region == region, AccountSuppression.email.in_(self.entries)
        )
        self.known_there = {row.email: row for row in session.scalars(query)}
        not_here = [email for email, reason in self.known_here.items() if reason is None]
        self.new = [email for email in not_here if self._is_news(email)]
        """To be put on our list."""
        self.gone_here = [email for email in not_here if not self._is_news(email)]
        """Known from before, and let go here since."""

    def remember(self, seen_at: datetime) -> None:
        """Note that the account has these."""
        for email, entry in self.entries.items():
            row = self.known_there.get(email)
            if row is None:
                row = known_row(self._region, email, entry["EmailAddress"], entry["LastUpdateTime"], is_ours=False)
                self._session.add(row)
            if email in self.new:
                row.is_ours = False
            row.since, row.seen_at = max(row.since, entry["LastUpdateTime"]), seen_at

    def _is_news(self, email: str) -> bool:
        """Whether the account has put it there, or put it there again, since it was last looked at."""
        row = self.known_there.get(email)
        if row is None:
            return True
        since = row.since + (_CLOCKS_DIFFER if row.is_ours else timedelta(0))
        return bool(self.entries[email]["LastUpdateTime"] > since)


def known_row(region: str, email: str, written: str, since: datetime, *, is_ours: bool) -> AccountSuppression:
    """Return what is to be remembered of an address on the account's list."""
    return AccountSuppression(region=region, email=email, written=written, since=since, seen_at=since, is_ours=is_ours)

"""Who was erased, known by keyed hashes: nobody comes back by an old file, or by a late bounce.

Whoever reads the table does so before they write anything: `lock_out` waits for them, so an address that was looked
up and not found is written before it is erased, never after (docs/decisions/erased-is-a-keyed-hash.md).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, select, text

from subscribers.bulk import among
from subscribers.lifecycle import Reason
from subscribers.privacy.models import ErasedAddress

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from subscribers.tokens import Signer


class Erasures:
    """The erased. Their hashes are known by the present secret and by the previous ones that are still named."""

    def __init__(self, signer: Callable[[], Signer]) -> None:
        """`signer` is asked for only where somebody was erased: an installation that never did needs no secret."""
        self._signer = signer

    def find(self, session: Session, emails: Collection[str]) -> Mapping[str, str]:
        """Return those of `emails` (some thousand, normalised) that were erased.

        With why they get no mail even if they come back; "" where they do then.
        """
        if session.execute(select(ErasedAddress.fingerprint).limit(1)).first() is None or not emails:
            return {}
        whose = {print_: email for email in emails for print_ in self._prints(email)}
        query = select(ErasedAddress.fingerprint, ErasedAddress.suppressed)
        found = session.execute(query.where(among(session, ErasedAddress.fingerprint, whose.keys())))
        return {whose[row.fingerprint]: row.suppressed or "" for row in found}

    def remember(self, session: Session, reasons: Mapping[str, str | None], *, now: datetime) -> None:
        """Note that these addresses were erased, each with why it was suppressed. What is known of them stands."""
        known = self.find(session, reasons.keys())
        for email, reason in reasons.items():
            if email in known:
                if reason:
                    self.suppress(session, email, Reason(reason))
            else:
                session.add(ErasedAddress(fingerprint=self._prints(email)[0], at=now, suppressed=reason))
        session.flush()

    def suppress(self, session: Session, email: str, reason: Reason) -> None:
        """Note that an erased address shall get no mail; a complaint goes before any other reason."""
        prints = list(self._prints(email))
        for row in session.scalars(select(ErasedAddress).where(ErasedAddress.fingerprint.in_(prints))):
            if row.suppressed is None or reason is Reason.COMPLAINT:
                row.suppressed = reason.value

    def lift(self, session: Session, emails: Iterable[str]) -> int:
        """Forget that these were erased: they are back. Return how many hashes that were."""
        if session.execute(select(ErasedAddress.fingerprint).limit(1)).first() is None:
            return 0
        prints = [print_ for email in emails for print_ in self._prints(email)]
        lifted = delete(ErasedAddress).where(among(session, ErasedAddress.fingerprint, prints))
        return session.connection().execute(lifted).rowcount

    def _prints(self, email: str) -> tuple[str, ...]:
        return self._signer().fingerprints(email)


def lock_out(session: Session) -> None:
    """Wait for all who looked up whether somebody was erased, and let nobody else until the commit.

    SQLite's write transactions are alone anyway. On PostgreSQL every reader holds a lock on the table until they
    commit; this one goes with none of them.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("LOCK TABLE erased IN ACCESS EXCLUSIVE MODE"))

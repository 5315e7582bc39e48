"""What this package needs from outside: somebody who writes to one person, once what was decided is committed."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session


class NoticeKind(StrEnum):
    """A mail outside the campaigns, to one person."""

    CONFIRM = "confirm"
    """Asks who was typed into a page whether they want the list."""
    WELCOME = "welcome"
    NEW_ADDRESS = "new-address"
    """Asks at a new address whether it is theirs."""
    ADDRESS_CHANGED = "address-changed"
    """Tells the old address where mail went."""
    REPERMISSION = "re-permission"
    """Asks who gave no sign of life whether they still want the list."""
    ALREADY = "already-subscribed"
    """Tells who asks for a list again that they have it, and where their choices are."""


class Post(Protocol):
    """Takes orders for notices in the transaction that makes them due: either both are committed or neither is."""

    def put(
        self,
        session: Session,
        kind: NoticeKind,
        *,
        list_id: int,
        subscriber_id: int,
        confirmation_id: int | None = None,
        email: str | None = None,
        language: str = "",
        now: datetime,
    ) -> None:
        """Have a notice sent after the commit; called by the verbs of `joining` and `moving`.

        `confirmation_id`: what its link confirms. `email`: where it goes, if not to the person's own address.
        `language`: what they read, "" for what their subscription says. Raises nothing for what cannot be sent now, nor
        for a second `ALREADY` within a day, which is not.
        """
        ...

"""What is to be written of many people, table by table, whichever the database."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from subscribers.bulk import insert_rows, update_rows
from subscribers.confirmations import Kind
from subscribers.consent import change
from subscribers.lifecycle import Action, Status
from subscribers.models import Confirmation, Consent, Formerly, Subscriber, Subscription

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy.orm import Session

    from subscribers.bulk import Rows
    from subscribers.importing.batches import Order
    from subscribers.importing.fates import Decision, Known
    from subscribers.importing.wishes import Wish

_LINKS_OF_A_LIST = [kind.value for kind in Kind if kind is not Kind.ADDRESS]
"""A change of address is of no list, whichever it was asked through, and outlives leaving one (see `void`)."""


# found once: see `fates`
_LEFT, _JOINED, _LEAVING, _CHANGED = Status.UNSUBSCRIBED, Action.SUBSCRIBED, Action.UNSUBSCRIBED, Action.PREFERENCES


class Sets:
    """The rows of some people, in the order of their columns."""

    def __init__(self, order: Order, back: Collection[str]) -> None:
        """`back`: who of them was erased, and comes back."""
        self._order = order
        self._now = order.now
        self._back = back
        self._people: Rows = []
        self._subscriptions: Rows = []
        self._consents: Rows = []
        self._formerly: Rows = []
        self._renamed: Rows = []
        self._moved: Rows = []
        self._left: Rows = []

    def add(self, id_: int, wish: Wish, decision: Decision) -> None:
        """Take note of somebody new."""
        name, timezone, _, _, _, _ = decision.profile
        self._people.append((id_, wish.email, name, timezone or None))
        self._join(id_, wish, decision)

    def change(self, has: Known, wish: Wish, decision: Decision) -> None:
        """Take note of what changes of somebody who is there."""
        id_, was, zone, before, *_ = has
        _, _, status, profile, action, _ = decision
        name, timezone, *_ = profile
        if name != was or timezone != zone:  # on all lists
            self._renamed.append((name, timezone or None, id_))
            if name != was:
                self._formerly.append((id_, wish.email, was))
        if before is None:
            self._join(id_, wish, decision)
            return
        chosen, choose = has[4:], profile[2:]
        if status is before and choose == chosen:
            return
        self._moved.append((status, *choose, id_))
        if status is _LEFT:
            self._left.append((id_,))
        if action is _CHANGED:
            self._consents.append((id_, action, _change(chosen, choose), self._now))
        elif action is not None:
            self._log(id_, wish, action, f"brought back: {self._order.rules.override}" if action is _JOINED else "")

    def _join(self, id_: int, wish: Wish, decision: Decision) -> None:
        """Add a subscription to this list."""
        now, (_, _, status, profile, action, _) = self._now, decision
        _, _, languages, topics, excluded, digest = profile
        until, consented = wish.paused_until, wish.consented
        paused = until if until and until > now else None
        self._subscriptions.append(
            (id_, status, languages, topics, paused, consented or now, excluded, digest or "weekly")
        )
        if action is not None:
            said = f"brought back: {self._order.rules.override_erased}" if wish.email in self._back else ""
            self._log(id_, wish, action, said)

    def write(self, session: Session) -> None:
        """Write all of it."""
        now, here = {"updated_at": self._order.now}, {"list_id": self._order.list_id}
        people = ("id", "email", "name", "timezone")
        choices = ("topics_excluded", "digest")
        subscriptions = ("subscriber_id", "status", "languages", "topics", "paused_until", "created_at", *choices)
        insert_rows(session, Subscriber, people, self._people, {"created_at": self._order.now, **now})
        insert_rows(session, Subscription, subscriptions, self._subscriptions, here | now)
        said = here | {"source": self._order.source, "wording": ""}
        insert_rows(session, Consent, ("subscriber_id", "action", "detail", "at"), self._consents, said)
        until = {"until": self._order.now}
        insert_rows(session, Formerly, ("subscriber_id", "email", "name"), self._formerly, until)
        id_ = ("subscriber_id",)
        update_rows(session, Subscriber, ("name", "timezone"), ("id",), self._renamed, same=now)
        moved = ("status", "languages", "topics", *choices)
        update_rows(session, Subscription, moved, id_, self._moved, same=now, where=here)
        # leaving ends a pause and open links, as it does in `steps`; what a file says is not taken back by a link
        update_rows(
            session, Subscription, (), id_, self._left, same={"paused_until": None, "left_at": None}, where=here
        )
        over = {"expires_at": self._order.now}
        for kind in _LINKS_OF_A_LIST:
            update_rows(session, Confirmation, (), id_, self._left, same=over, where=here | {"kind": kind})

    def _log(self, id_: int, wish: Wish, action: Action, said: str) -> None:
        """Note what they agreed to, or that they left, and when; what shows it stands beside it."""
        at = now = self._now
        if action is _JOINED and (wish.consented or wish.proof):
            at = wish.consented or now
            said = "; ".join(filter(None, (said, f"imported {now:%Y-%m-%dT%H:%M:%SZ}", wish.proof)))
        elif action is _LEAVING:
            at = wish.left or now
        self._consents.append((id_, action, said, at))


@lru_cache(4_096)
def _change(before: tuple[str, ...], now: tuple[str, ...]) -> str:
    """Describe a change of choices; a file makes few different ones."""
    languages, topics, excluded, digest = zip(before, now, strict=True)
    return change(languages, topics, excluded=excluded, digest=digest)

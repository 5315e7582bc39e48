"""One batch of a file in one transaction: one look at what is there, then sets of rows, whichever the database."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from sqlalchemy import and_, func, select

from subscribers.bulk import (
    among,
    insert_rows,
    look_up,
    reserve_subscriber_ids,
    sole_importer,
    update_rows,
)
from subscribers.confirmations import Kind
from subscribers.consent import change
from subscribers.importing.fates import Known, Rules, decide
from subscribers.importing.suppressing import suppress_addresses
from subscribers.lifecycle import Action, Fate, Status
from subscribers.models import Confirmation, Consent, Formerly, Subscriber, Subscription, Suppression

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from subscribers.bulk import Rows
    from subscribers.importing.fates import Decision
    from subscribers.importing.wishes import Wish
    from subscribers.privacy.erased import Erasures


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is the same for every batch of a file."""

    list_id: int
    source: str
    """For the consent log."""
    now: datetime
    rules: Rules = field(default_factory=Rules)
    erased: Erasures | None = None
    """Who does not come back by a file; None: nobody was erased."""


def foresee(session: Session, order: Order, wishes: Sequence[Wish]) -> Sequence[Decision]:
    """Return what would become of the people of `wishes` (each address once), in the same order; write nothing."""
    return _decided(session, order, wishes, _erased(session, order, wishes))[1]


def bring(session: Session, order: Order, wishes: Sequence[Wish]) -> Sequence[Decision]:
    """Bring the people of `wishes` (each address once) to a list; return the decisions, in the same order."""
    erased = _erased(session, order, wishes)  # first of all: see `privacy.erased`
    sole_importer(session)
    known, decisions = _decided(session, order, wishes, erased)
    # numbered in the order of their addresses, everything of new people goes to the end of a table, or near the last
    pairs = sorted(zip(wishes, decisions, strict=True), key=_address)
    ids = iter(reserve_subscriber_ids(session, len(wishes) - len(known)))
    back = [wish.email for wish, decision in zip(wishes, decisions, strict=True) if decision.status is not None]
    back = [email for email in back if email in erased and email not in known]
    sets = _Sets(order, back)
    suppress = [(email, erased[email]) for email in back if erased[email]]
    for wish, decision in pairs:
        if decision.suppress is not None:
            suppress.append((wish.email, decision.suppress))
        if decision.status is not None and decision.fate is not _UNCHANGED:  # else there is nothing to write down
            has = known.get(wish.email)
            sets.take(has.subscriber_id if has else next(ids), has, wish, decision)
    sets.write(session)
    suppress_addresses(session, suppress, source=order.source, now=order.now)
    if order.erased is not None and back:
        order.erased.lift(session, back)
    return decisions


def _erased(session: Session, order: Order, wishes: Sequence[Wish]) -> Mapping[str, str]:
    """Return who of them was erased, with why their address was suppressed then; "" where it was not."""
    return {} if order.erased is None else order.erased.find(session, [wish.email for wish in wishes])


def _decided(
    session: Session, order: Order, wishes: Sequence[Wish], erased: Mapping[str, str]
) -> tuple[Mapping[str, Known], Sequence[Decision]]:
    emails = [wish.email for wish in wishes]
    known = _known(session, order.list_id, emails)
    still = {email: reason for email, reason in erased.items() if reason and email not in known}
    suppressed = {**still, **_suppressed(session, emails)}
    rules = order.rules
    if suppressed or erased:
        decisions = [
            decide(wish, known.get(email), suppressed.get(email), rules, erased=email in erased)
            for email, wish in zip(emails, wishes, strict=True)
        ]
    else:
        decisions = [decide(wish, has, None, rules) for wish, has in zip(wishes, map(known.get, emails), strict=True)]
    return known, decisions


def _address(pair: tuple[Wish, Decision]) -> str:
    return pair[0].email


_LINKS_OF_A_LIST = [kind.value for kind in Kind if kind is not Kind.ADDRESS]
"""A change of address is of no list, whichever it was asked through, and outlives leaving one (see `void`)."""


# found once: see `fates`
_UNCHANGED = Fate.UNCHANGED
_LEFT, _JOINED, _LEAVING, _CHANGED = Status.UNSUBSCRIBED, Action.SUBSCRIBED, Action.UNSUBSCRIBED, Action.PREFERENCES


class _Sets:
    """The rows of a batch, table by table, in the order of their columns."""

    def __init__(self, order: Order, back: Sequence[str]) -> None:
        """`back`: who of them was erased, and comes back."""
        self._order = order
        self._now = order.now
        self._back = frozenset(back)
        self._people: Rows = []
        self._subscriptions: Rows = []
        self._consents: Rows = []
        self._formerly: Rows = []
        self._renamed: Rows = []
        self._moved: Rows = []
        self._left: Rows = []

    def take(self, id_: int, has: Known | None, wish: Wish, decision: Decision) -> None:
        """Take note of what is to be written of one person."""
        if has is None:
            name, timezone, *_ = decision.profile
            self._people.append((id_, wish.email, name, timezone or None))
            self._join(id_, wish, decision)
            return
        self._rename(has, wish, decision)
        if has.status is None:
            self._join(id_, wish, decision)
        else:
            self._move(has, wish, decision)

    def _join(self, id_: int, wish: Wish, decision: Decision) -> None:
        """Add a subscription to this list."""
        now, (_, _, status, profile, _, _) = self._now, decision
        _, _, languages, topics, excluded, digest = profile
        until, consented = wish.paused_until, wish.consented
        paused = until if until and until > now else None
        self._subscriptions.append(
            (id_, status, languages, topics, paused, consented or now, excluded, digest or "weekly")
        )
        said = f"brought back: {self._order.rules.override_erased}" if wish.email in self._back else ""
        self._log(id_, wish, decision.action, said)

    def _move(self, has: Known, wish: Wish, decision: Decision) -> None:
        """Change a subscription to this list, where anything of it changes."""
        _, _, status, profile, action, _ = decision
        id_, _, _, before, *chosen = has
        if status is before and list(profile[2:]) == chosen:
            return
        languages, topics, excluded, digest = profile[2:]
        self._moved.append((status, languages, topics, excluded, digest, id_))
        if status is _LEFT:
            self._left.append((id_,))
        said = ""
        if action is _CHANGED:
            said = _change(has[4:], (languages, topics, excluded, digest))
        elif action is _JOINED:
            said = f"brought back: {self._order.rules.override}"
        self._log(id_, wish, action, said)

    def _rename(self, has: Known, wish: Wish, decision: Decision) -> None:
        """Change a name or a time zone, which are the person's on all lists."""
        name, timezone, *_ = decision.profile
        id_, was, zone, *_ = has
        if name != was or timezone != zone:
            self._renamed.append((name, timezone or None, id_))
        if name != was:
            self._formerly.append((id_, wish.email, was))

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

    def _log(self, id_: int, wish: Wish, action: Action | None, said: str) -> None:
        """Note what they agreed to, or that they left, and when; what shows it stands beside it."""
        at = now = self._now
        if action is None:
            return
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


def _known(session: Session, list_id: int, emails: Sequence[str]) -> Mapping[str, Known]:
    chosen = (Subscription.languages, Subscription.topics, Subscription.topics_excluded, Subscription.digest)
    texts = (func.coalesce(each, "") for each in (Subscriber.timezone, Subscription.status, *chosen))
    query = (
        select(Subscriber.email, Subscriber.id, Subscriber.name, *texts)
        .outerjoin(Subscription, and_(Subscription.subscriber_id == Subscriber.id, Subscription.list_id == list_id))
        .where(among(session, Subscriber.email, emails))
    )
    rows = look_up(session, query)
    if not rows:
        return {}
    addresses, ids, names, timezones, statuses, *others = zip(*rows, strict=True)  # columns: a third of the time
    known = zip(ids, names, timezones, map(_STATUSES.get, statuses), *others, strict=True)
    return dict(zip(addresses, map(Known._make, known), strict=True))


_STATUSES = {status.value: status for status in Status}


def _suppressed(session: Session, emails: Sequence[str]) -> Mapping[str, str]:
    query = select(Suppression.email, Suppression.reason).where(among(session, Suppression.email, emails))
    return {email: reason for email, reason in session.execute(query)}  # noqa: C416 - rows are no pairs to dict()

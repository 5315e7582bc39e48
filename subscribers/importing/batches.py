"""One batch of a file in one transaction: a look at what is there, then sets of rows.

PostgreSQL is asked in another thread, about a part after the other: it works on one while the next is thought about
here. SQLite works in this process, and threads that take turns at Python's lock would only cost.
"""

from __future__ import annotations

from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, ParamSpec, TypeVar

from subscribers.bulk import reserve_subscriber_ids, sole_importer
from subscribers.importing.fates import Rules, decide
from subscribers.importing.people import known_people, suppressed_addresses
from subscribers.importing.sets import Sets
from subscribers.importing.suppressing import suppress_addresses
from subscribers.lifecycle import Fate

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from subscribers.importing.fates import Decision, Known
    from subscribers.importing.wishes import Wish
    from subscribers.privacy.erased import Erasures

P = ParamSpec("P")
Result = TypeVar("Result")

_PART = 5_000
"""People that PostgreSQL is asked about, or told of, at once."""
_UNCHANGED = Fate.UNCHANGED


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


class _Part(NamedTuple):
    """Some people of a batch, in the order of their addresses."""

    wishes: Sequence[Wish]
    known: Mapping[str, Known]
    decisions: Sequence[Decision]


def foresee(session: Session, order: Order, wishes: Sequence[Wish]) -> Sequence[Decision]:
    """Return what would become of the people of `wishes` (each address once), in the same order; write nothing."""
    erased = _erased(session, order, wishes)
    places = _by_address(wishes)
    with _hand(session) as hand:
        return _in_order(places, list(_decided(hand, session, order, [wishes[at] for at in places], erased)))


def bring(session: Session, order: Order, wishes: Sequence[Wish]) -> Sequence[Decision]:
    """Bring the people of `wishes` (each address once) to a list; return the decisions, in the same order."""
    erased = _erased(session, order, wishes)  # first of all: see `privacy.erased`
    places = _by_address(wishes)
    sole_importer(session)
    with _hand(session) as hand:
        parts = list(_decided(hand, session, order, [wishes[at] for at in places], erased))
        new = len(wishes) - sum(len(part.known) for part in parts)
        ids = iter(hand.submit(reserve_subscriber_ids, session, new).result())
        back = frozenset(_coming_back(parts, erased)) if erased else frozenset()
        written = [hand.submit(_sets(order, part, ids, back).write, session) for part in parts]
        for each in written:
            each.result()
    suppress = [(email, erased[email]) for email in sorted(back) if erased[email]]
    for part in parts:
        told = zip(part.wishes, part.decisions, strict=True)
        suppress += [(wish.email, decision.suppress) for wish, decision in told if decision.suppress is not None]
    suppress_addresses(session, suppress, source=order.source, now=order.now)
    if order.erased is not None and back:
        order.erased.lift(session, back)
    return _in_order(places, parts)


class _Inline(Executor):
    """Does at once what it is asked for."""

    def submit(self, fn: Callable[P, Result], /, *args: P.args, **kwargs: P.kwargs) -> Future[Result]:
        done: Future[Result] = Future()
        done.set_result(fn(*args, **kwargs))
        return done


def _hand(session: Session) -> Executor:
    """Return what asks the database, in turn."""
    if session.get_bind().dialect.name == "sqlite":
        return _Inline()
    return ThreadPoolExecutor(1, thread_name_prefix="database")


def _erased(session: Session, order: Order, wishes: Sequence[Wish]) -> Mapping[str, str]:
    """Return who of them was erased, with why their address was suppressed then; "" where it was not."""
    return {} if order.erased is None else order.erased.find(session, [wish.email for wish in wishes])


def _decided(
    hand: Executor, session: Session, order: Order, wishes: Sequence[Wish], erased: Mapping[str, str]
) -> Iterator[_Part]:
    emails = [wish.email for wish in wishes]
    size = len(wishes) if isinstance(hand, _Inline) else _PART
    starts = range(0, len(wishes), max(size, 1))
    asked = hand.submit(suppressed_addresses, session, emails)
    looked = [hand.submit(known_people, session, order.list_id, emails[at : at + size]) for at in starts]
    suppressed = asked.result()
    for at, look in zip(starts, looked, strict=True):
        part, known = wishes[at : at + size], look.result()
        if suppressed or erased:
            decisions = _one_by_one(part, known, suppressed, erased, order.rules)
        else:
            has, rules = map(known.get, emails[at : at + size]), order.rules
            decisions = [decide(wish, there, None, rules) for wish, there in zip(part, has, strict=True)]
        yield _Part(part, known, decisions)


def _one_by_one(
    wishes: Sequence[Wish],
    known: Mapping[str, Known],
    suppressed: Mapping[str, str],
    erased: Mapping[str, str],
    rules: Rules,
) -> Sequence[Decision]:
    decisions = []
    for wish in wishes:
        email = wish.email
        has = known.get(email)
        still = erased.get(email) or None if has is None else None
        decisions.append(decide(wish, has, suppressed.get(email, still), rules, erased=email in erased))
    return decisions


def _coming_back(parts: Sequence[_Part], erased: Mapping[str, str]) -> Iterator[str]:
    for wishes, known, decisions in parts:
        for wish, decision in zip(wishes, decisions, strict=True):
            if decision.status is not None and wish.email in erased and wish.email not in known:
                yield wish.email


def _sets(order: Order, part: _Part, ids: Iterator[int], back: Collection[str]) -> Sets:
    """Return what is to be written of a part.

    Numbered in the order of their addresses, everything of new people goes to the end of a table, or near the last.
    """
    sets, known = Sets(order, back), part.known.get
    for wish, decision in zip(part.wishes, part.decisions, strict=True):
        fate, _, status, _, _, _ = decision
        if status is not None and fate is not _UNCHANGED:  # else there is nothing to write down
            has = known(wish.email)
            if has is None:
                sets.add(next(ids), wish, decision)
            else:
                sets.change(has, wish, decision)
    return sets


def _by_address(wishes: Sequence[Wish]) -> Sequence[int]:
    """Return their places in the order of their addresses: what is looked up and written together lies together."""
    return sorted(range(len(wishes)), key=[wish.email for wish in wishes].__getitem__)


def _in_order(places: Sequence[int], parts: Sequence[_Part]) -> Sequence[Decision]:
    """Return the decisions in the order of the file."""
    decisions = (decision for part in parts for decision in part.decisions)
    decided = dict(zip(places, decisions, strict=True))
    return [decided[at] for at in range(len(places))]

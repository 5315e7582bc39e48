"""How often something may be asked for: counted in the database, so that it holds in all processes together.

What is counted is a keyed hash (`Keyed`): the table holds no address, of mail or of a machine, and nobody without the
secret can look up whether one is in it. A row is a window of one thing: it begins at the first attempt, and when it is
over the next attempt begins anew. Windows that are over are swept out on the way, so nothing piles up.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from sqlalchemy import delete, inspect, select
from sqlalchemy.dialects import postgresql, sqlite

from subscribers.attempts import Attempt

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime, timedelta

    from sqlalchemy.orm import Session

    from subscribers.tokens import Signer

Keyed = Callable[[str], str]
"""Of a text, its keyed hash: the same as long as the secret is the same, and nothing to compute without it."""

_SWEPT = 100
"""Windows that are over and go at one attempt."""


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` attempts in any window of `within`; `name` tells it from others."""

    name: str
    most: int
    within: timedelta


def keyed_by(signer: Signer) -> Keyed:
    """Return what hashes under the secret of `signer`."""

    def keyed(text: str) -> str:
        digest = sha256(text.encode()).digest()
        halves = int.from_bytes(digest[:8], "big"), int.from_bytes(digest[8:16], "big")
        # the token itself holds what it signs; its hash, with 128 bits that nobody knows in it, does not
        return sha256(signer.sign("attempts", *halves).encode()).hexdigest()[:32]

    return keyed


def attempt(session: Session, asked: Iterable[tuple[Limit, str]], *, keyed: Keyed, now: datetime) -> datetime | None:
    """Count one attempt against each (limit, of what); return None where all allow it, else when to try again.

    Every limit counts it, whether or not another one refuses: who goes on trying does not get in by it. Two at once
    wait for each other on the row; they are taken in the same order by everybody, so never in a circle.
    """
    _sweep(session, now)
    wanted = {keyed(f"{limit.name} {of}"): limit for limit, of in asked}
    later = [_count(session, key, wanted[key], now) for key in sorted(wanted)]
    return max((each for each in later if each is not None), default=None)


def _count(session: Session, key: str, limit: Limit, now: datetime) -> datetime | None:
    row = session.get(Attempt, key, with_for_update=True)
    if row is None:
        row = _new(session, key, now + limit.within)
    if row.until <= now:
        row.count, row.until = 0, now + limit.within
    row.count = min(row.count + 1, limit.most + 1)
    session.flush()
    return row.until if row.count > limit.most else None


def _new(session: Session, key: str, until: datetime) -> Attempt:
    """Return the row of `key`, made now, or by somebody else at the same moment."""
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    row = dialect.insert(inspect(Attempt).local_table).values(key=key, count=0, until=until)
    session.execute(row.on_conflict_do_nothing())
    return session.get_one(Attempt, key, with_for_update=True)


def _sweep(session: Session, now: datetime) -> None:
    over = select(Attempt.key).where(Attempt.until <= now).order_by(Attempt.until).limit(_SWEPT)
    session.execute(delete(Attempt).where(Attempt.key.in_(over.with_for_update(skip_locked=True))))

"""The right to work on a chunk: taken by one worker at a time, given back, put off, taken over from the dead.

Under SQLite one process sends at a time (`sole_sender`), so a claim there never runs out; under PostgreSQL it does, by
the clock of the database, and every intent of the ledger renews it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    DateTime,
    Interval,
    and_,
    bindparam,
    exists,
    func,
    or_,
    select,
    update,
)

from newsletter.delivery.guarding.first_wave import behind_the_wave
from newsletter.delivery.lifecycle import State
from newsletter.delivery.models import Campaign, Chunk
from subscribers.database import UtcDateTime
from subscribers.ready import Ready

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy import Update
    from sqlalchemy.orm import Session

    from subscribers.database import Database


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to work on one chunk, for a while."""

    campaign_id: int
    token: str
    chunk_no: int
    last: int
    """The last position of the chunk."""
    rounds: int
    """How often recipients of the chunk were put off."""
    inflight_via: str | None
    """The transport of a call that its last holder began and did not end; None: nothing is in doubt."""
    inflight_at: datetime | None
    """The Date of the mails of that call."""


@dataclass(frozen=True)
class Claims:
    """The chunks of one database, as workers compete for them."""

    database: Database
    token: Callable[[], str]
    """Makes a fencing token that was never used before."""
    seconds: float = 120.0
    """How long a claim holds without a sign of life; longer than any call may take."""

    def claim(
        self, campaign_id: int, state: State, *, now: datetime, token: str | None = None, chunk_no: int | None = None
    ) -> Claim | None:
        """Take the next chunk nobody works on; None when there is none (now), or the campaign is not in `state`.

        Of a campaign that is not sending any more, chunks that were put off are taken as well: their people are not
        tried again. `chunk_no`: that one or none. `token`: of an earlier try whose end nobody knows.
        """
        token = token or self.token()
        statement = _claiming(self.database.is_sqlite, state, any_chunk=chunk_no is None)
        values = {
            "campaign": campaign_id,
            "chunk": chunk_no,
            "now": now,
            "token": token,
            "lease": timedelta(seconds=self.seconds),
        }
        with self.database.transact() as connection:
            found = [Claim(campaign_id, token, *row) for row in statement.rows(connection, values)]
        return found[0] if found else None

    def held(self, campaign_id: int, token: str) -> Claim | None:
        """Return the claim with that token: taken by a transaction whose end nobody was told."""
        query = select(*_CLAIMED).where(Chunk.campaign_id == campaign_id, Chunk.lease_token == token)
        with self.database.read() as session:
            row = session.execute(query).one_or_none()
        return None if row is None else Claim(campaign_id, token, *row)

    def free(self, state: State, now: datetime) -> ColumnElement[bool]:
        """Return the condition that a chunk can be claimed now, of a campaign that is in `state`."""
        return _free(self.database.is_sqlite, state, now)

    def put_off(self, claim: Claim, *, until: datetime) -> None:
        """Give the chunk back, for those of it who were refused for now; nobody claims it before `until`."""
        statement = _mine(claim).values(
            state="open", lease_token=None, lease_until=None, not_before=until, rounds=Chunk.rounds + 1
        )
        with self.database.write() as session:
            _run(session, statement)

    def release(self, claim: Claim) -> None:
        """Give the chunk back as it is; a call under way stays in doubt. Nothing happens when the claim is lost."""
        with self.database.write() as session:
            _run(session, _mine(claim).values(state="open", lease_token=None, lease_until=None))

    def release_all(self) -> None:
        """Take every claim away. Only for the sole sender of a SQLite database: all other holders are dead."""
        statement = (
            update(Chunk).where(Chunk.state == "claimed").values(state="open", lease_token=None, lease_until=None)
        )
        with self.database.write() as session:
            _run(session, statement)

    def unfinished(self, campaign_id: int) -> bool:
        """Return whether the campaign is sending and has chunks that are not done, whoever works on them."""
        query = select(Chunk.chunk_no).where(
            Chunk.campaign_id == campaign_id, Chunk.state != "done", is_in(campaign_id, State.SENDING)
        )
        with self.database.read() as session:
            return session.execute(query.limit(1)).first() is not None


_CLAIMED = (Chunk.chunk_no, Chunk.last, Chunk.rounds, Chunk.inflight_via, Chunk.inflight_at)
"""As in `Claim`."""


@lru_cache
def _claiming(is_sqlite: bool, state: State, *, any_chunk: bool) -> Ready:  # noqa: FBT001 - of two databases one
    """Return what takes a chunk: built once, for building it takes longer than running it."""
    campaign: BindParameter[int] = bindparam("campaign")
    now = bindparam("now", type_=UtcDateTime())
    wanted = (
        select(Chunk.chunk_no)
        .where(Chunk.campaign_id == campaign, _free(is_sqlite, state, now))
        .order_by(Chunk.chunk_no)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    if not any_chunk:
        wanted = wanted.where(Chunk.chunk_no == bindparam("chunk"))
    until = None if is_sqlite else database_clock() + bindparam("lease", type_=Interval(native=True))
    return Ready(
        update(Chunk)
        .where(
            Chunk.campaign_id == campaign,
            Chunk.chunk_no == wanted.scalar_subquery(),
            is_in(campaign, state),
        )
        .values(
            state="claimed",
            lease_token=bindparam("token"),
            lease_until=until,
            not_before=None,
            attempt=Chunk.attempt + 1,
        )
        .returning(*_CLAIMED)
    )


def _free(is_sqlite: bool, state: State, now: datetime | BindParameter[datetime]) -> ColumnElement[bool]:  # noqa: FBT001 - likewise
    due = Chunk.state == "open"
    if state is State.SENDING:
        due = and_(due, or_(Chunk.not_before.is_(None), Chunk.not_before <= now), ~behind_the_wave())
    if is_sqlite:
        return and_(Chunk.state != "done", due)
    expired = and_(Chunk.state == "claimed", Chunk.lease_until < database_clock())
    return and_(Chunk.state != "done", or_(due, expired))


def database_clock() -> ColumnElement[datetime]:
    """Return the time by the database, so that machines whose clocks differ agree on who holds what."""
    return func.clock_timestamp(type_=DateTime(timezone=True))


def is_in(campaign_id: int | BindParameter[int], state: State) -> ColumnElement[bool]:
    """Return the condition that the campaign is in that state at this moment."""
    return exists().where(Campaign.id == campaign_id, Campaign.state == state)


def _mine(claim: Claim) -> Update:
    return update(Chunk).where(
        Chunk.campaign_id == claim.campaign_id, Chunk.chunk_no == claim.chunk_no, Chunk.lease_token == claim.token
    )


def _run(session: Session, statement: Update) -> None:
    session.connection().execute(statement)

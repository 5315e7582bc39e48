"""The worker's side of the ledger: claim a chunk, say what you are about to do, say what came of it.

Every write is conditional on the claim's token (fencing): a worker whose claim was taken over can neither begin a
call nor write over what its successor wrote. Under SQLite one process sends at a time (`sole_sender`), so a claim there
never runs out; under PostgreSQL it does, by the clock of the database, and every intent renews it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    DateTime,
    Integer,
    Interval,
    and_,
    bindparam,
    case,
    exists,
    false,
    func,
    insert,
    or_,
    select,
    update,
)

from newsletter.delivery.lifecycle import State
from newsletter.delivery.models import Campaign, Chunk, Delivery, Planned
from subscribers.repository import current_standing

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Select, Update
    from sqlalchemy.orm import Session

    from subscribers.database import Database
    from subscribers.lifecycle import Standing

_REASON_LENGTH = 255


class LostClaim(Exception):  # noqa: N818 - typed by what to do: leave the chunk to whoever has it now
    """Somebody else holds the chunk; nothing was written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """The right to work on one chunk, for a while."""

    campaign_id: int
    chunk_no: int
    last: int
    """The last position of the chunk."""
    token: str
    rounds: int
    """How often recipients of the chunk were put off."""
    inflight_via: str | None
    """The transport of a call that its last holder began and did not end; None: nothing is in doubt."""


@dataclass(frozen=True, slots=True)
class Person:
    """One position of a chunk without an outcome, as its person stands now."""

    position: int
    subscriber_id: int
    variant_no: int
    email: str
    name: str
    standing: Standing
    """Anything but active: they may not get mail (any more)."""


class Doubt(NamedTuple):
    """One position of a call that may or may not have gone out."""

    position: int
    subscriber_id: int


@dataclass(frozen=True, slots=True)
class Result:
    """The outcome of one position: a row of `deliveries`."""

    subscriber_id: int
    state: str
    reason: str | None = None
    message_id: str | None = None


@dataclass(frozen=True)
class Ledger:
    """Chunks and outcomes of one database."""

    database: Database
    token: Callable[[], str]
    """Makes a fencing token that was never used before."""
    claim_seconds: float = 120.0
    """How long a claim holds without a sign of life; longer than any call may take."""

    def claim(self, campaign_id: int, state: State, *, now: datetime) -> Claim | None:
        """Take the next chunk nobody works on; None when there is none (now), or the campaign is not in `state`."""
        token = self.token()
        due = and_(Chunk.state == "open", or_(Chunk.not_before.is_(None), Chunk.not_before <= now))
        wanted = (
            select(Chunk.chunk_no)
            .where(Chunk.campaign_id == campaign_id, Chunk.state != "done", or_(due, self._expired()))
            .order_by(Chunk.chunk_no)
            .limit(1)
            .with_for_update(skip_locked=True)
            .scalar_subquery()
        )
        statement = (
            update(Chunk)
            .where(Chunk.campaign_id == campaign_id, Chunk.chunk_no == wanted, _is(campaign_id, state))
            .values(
                state="claimed",
                lease_token=token,
                lease_until=self._lease_end(),
                not_before=None,
                attempt=Chunk.attempt + 1,
            )
            .returning(Chunk.chunk_no, Chunk.last, Chunk.rounds, Chunk.inflight_via)
        )
        with self.database.write() as session:
            row = session.connection().execute(statement).one_or_none()
        if row is None:
            return None
        number, last, rounds, via = row
        return Claim(campaign_id=campaign_id, chunk_no=number, last=last, token=token, rounds=rounds, inflight_via=via)

    def in_doubt(self, claim: Claim) -> list[Doubt]:
        """Return whom the last holder's unfinished call was for, in order."""
        positions = (
            _open_positions(claim)
            .where(Planned.position.between(Chunk.inflight_from, Chunk.inflight_to))
            .with_only_columns(Planned.position, Planned.subscriber_id)
        )
        with self.database.read() as session:
            return [Doubt(*row) for row in session.execute(positions)]

    def people(self, claim: Claim, list_id: int, *, now: datetime) -> list[Person]:
        """Return the positions without an outcome, in order, with how each person of that list stands at `now`."""
        query = _open_positions(claim).with_only_columns(Planned.position, Planned.subscriber_id, Planned.variant_no)
        with self.database.read() as session:
            rows = session.execute(query).all()
            standing = current_standing(session, list_id, [row.subscriber_id for row in rows], now)
        return [Person(*row, *standing[row.subscriber_id]) for row in rows]

    def intend(self, claim: Claim, first: int, last: int, via: str) -> bool:
        """Write that everybody from `first` to `last` without an outcome is about to be handed to transport `via`.

        False, and nothing is written, when the claim is lost or the campaign is not sending (any more): then nothing
        may be sent. The claim is renewed.
        """
        values: dict[str, object] = {**_key(claim), "start": first, "end": last, "via": via}
        if not self.database.is_sqlite:
            values["lease"] = timedelta(seconds=self.claim_seconds)
        with self.database.write() as session:
            return _matched(session, _INTEND if self.database.is_sqlite else _INTEND_AND_RENEW, values)

    def record(self, claim: Claim, results: Sequence[Result], *, cursor: int | None, at: datetime) -> None:
        """Write outcomes, move the cursor to the first position without one, and end the call under way.

        `cursor` None leaves it where it is, which is always right: it only spares the next reader a search.
        A chunk of which nothing remains is done, and the claim with it. Raises LostClaim.
        """
        sent = sum(result.state == "sent" for result in results)
        values = {**_key(claim), "to": cursor, "settled": len(results), "newly_sent": sent}
        with self.database.write() as session:
            if not _matched(session, _RECORD, values):
                raise LostClaim
            if results:
                session.connection().execute(_OUTCOMES, [_row(claim, result, at) for result in results])

    def put_off(self, claim: Claim, *, until: datetime) -> None:
        """Give the chunk back, for those of it who were refused for now; nobody claims it before `until`."""
        statement = _mine(claim).values(
            state="open", lease_token=None, lease_until=None, not_before=until, rounds=Chunk.rounds + 1
        )
        with self.database.write() as session:
            _matched(session, statement)

    def release(self, claim: Claim) -> None:
        """Give the chunk back as it is; a call under way stays in doubt. Nothing happens when the claim is lost."""
        with self.database.write() as session:
            _matched(session, _mine(claim).values(state="open", lease_token=None, lease_until=None))

    def release_all(self, campaign_id: int) -> None:
        """Take every claim away. Only for the sole sender of a SQLite database: all other holders are dead."""
        statement = (
            update(Chunk)
            .where(Chunk.campaign_id == campaign_id, Chunk.state == "claimed")
            .values(state="open", lease_token=None, lease_until=None)
        )
        with self.database.write() as session:
            _matched(session, statement)

    def unfinished(self, campaign_id: int) -> bool:
        """Return whether the campaign is sending and has chunks that are not done, whoever works on them."""
        query = select(Chunk.chunk_no).where(
            Chunk.campaign_id == campaign_id, Chunk.state != "done", _is(campaign_id, State.SENDING)
        )
        with self.database.read() as session:
            return session.execute(query.limit(1)).first() is not None

    def _expired(self) -> ColumnElement[bool]:
        if self.database.is_sqlite:
            return false()
        return and_(Chunk.state == "claimed", Chunk.lease_until < _database_clock())

    def _lease_end(self) -> ColumnElement[datetime] | None:
        if self.database.is_sqlite:
            return None
        return _database_clock() + timedelta(seconds=self.claim_seconds)


def _database_clock() -> ColumnElement[datetime]:
    """Return the time by the database, so that machines whose clocks differ agree on who holds what."""
    return func.clock_timestamp(type_=DateTime(timezone=True))


def _mine(claim: Claim) -> Update:
    return update(Chunk).where(
        Chunk.campaign_id == claim.campaign_id, Chunk.chunk_no == claim.chunk_no, Chunk.lease_token == claim.token
    )


def _is(campaign_id: int, state: State) -> ColumnElement[bool]:
    return exists().where(Campaign.id == campaign_id, Campaign.state == state)


def _open_positions(claim: Claim) -> Select[Any]:
    """Select what the claim's chunk holds without an outcome; nothing when the claim is lost."""
    outcome = exists().where(
        Delivery.campaign_id == Planned.campaign_id, Delivery.subscriber_id == Planned.subscriber_id
    )
    return (
        select(Planned)
        .join(
            Chunk,
            and_(Chunk.campaign_id == Planned.campaign_id, Planned.position.between(Chunk.cursor, Chunk.last)),
        )
        .where(
            Chunk.campaign_id == claim.campaign_id,
            Chunk.chunk_no == claim.chunk_no,
            Chunk.lease_token == claim.token,
            ~outcome,
        )
        .order_by(Planned.position)
    )


def _matched(session: Session, statement: Update, values: Mapping[str, object] | None = None) -> bool:
    return session.connection().execute(statement, values).rowcount > 0


def _key(claim: Claim) -> dict[str, object]:
    return {"campaign": claim.campaign_id, "chunk": claim.chunk_no, "token": claim.token}


def _row(claim: Claim, result: Result, at: datetime) -> dict[str, object]:
    return {
        "campaign_id": claim.campaign_id,
        "subscriber_id": result.subscriber_id,
        "state": result.state,
        "reason": result.reason[:_REASON_LENGTH] if result.reason else None,
        "at": at,
        "message_id": result.message_id,
    }


# The two statements of every call are built once: building them costs more than running them.
_claimed = (
    Chunk.campaign_id == bindparam("campaign"),
    Chunk.chunk_no == bindparam("chunk"),
    Chunk.lease_token == bindparam("token"),
)
_still_sending = exists().where(Campaign.id == bindparam("campaign"), Campaign.state == State.SENDING)
_INTEND = (
    update(Chunk)
    .where(*_claimed, _still_sending)
    .values(inflight_from=bindparam("start"), inflight_to=bindparam("end"), inflight_via=bindparam("via"))
)
_INTEND_AND_RENEW = _INTEND.values(lease_until=_database_clock() + bindparam("lease", type_=Interval(native=True)))
_left = Chunk.remaining - bindparam("settled", type_=Integer)
_RECORD = (
    update(Chunk)
    .where(*_claimed)
    .values(
        cursor=func.coalesce(bindparam("to", type_=Integer), Chunk.cursor),
        remaining=_left,
        sent=Chunk.sent + bindparam("newly_sent", type_=Integer),
        inflight_from=None,
        inflight_to=None,
        inflight_via=None,
        state=case((_left == 0, "done"), else_="claimed"),
        lease_token=case((_left == 0, None), else_=Chunk.lease_token),
        lease_until=case((_left == 0, None), else_=Chunk.lease_until),
    )
)
_OUTCOMES = insert(Delivery)

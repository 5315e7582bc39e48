"""The worker's side of the ledger: say what you are about to do, say what came of it.

Every write is conditional on the claim's token (fencing): a worker whose claim was taken over can neither begin a
call nor write over what its successor wrote.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import Integer, Interval, and_, bindparam, case, exists, func, select, update

from newsletter.delivery.claims import database_clock
from newsletter.delivery.lifecycle import State
from newsletter.delivery.models import Campaign, Chunk, Delivery, Planned
from subscribers.ready import Ready, run
from subscribers.repository import current_standing

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Dialect

    from newsletter.delivery.claims import Claim
    from subscribers.database import Database
    from subscribers.lifecycle import Standing

_REASON_LENGTH = 255


class LostClaim(Exception):  # noqa: N818 - typed by what to do: leave the chunk to whoever has it now
    """Somebody else holds the chunk; nothing was written."""


class Person(NamedTuple):
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


class Done(NamedTuple):
    """What came of a call, ready to be written: see `Ledger.record`."""

    results: Sequence[Result]
    cursor: int | None
    at: datetime


class Intent(NamedTuple):
    """A call about to be made: see `Ledger.intend`."""

    start: int
    end: int
    via: str
    date: datetime


@dataclass(frozen=True)
class Ledger:
    """What was done, and what is about to be done, to the people of claimed chunks."""

    database: Database
    claim_seconds: float
    """For how long an intent renews its claim."""

    def in_doubt(self, claim: Claim) -> list[Doubt]:
        """Return whom the last holder's unfinished call was for, in order."""
        with self.database.read() as session:
            return [Doubt(*row) for row in _IN_DOUBT.rows(session.connection(), _key(claim))]

    def people(self, claim: Claim, list_id: int, *, now: datetime) -> list[Person]:
        """Return the positions without an outcome, in order, with how each person of that list stands at `now`."""
        with self.database.read() as session:
            rows = _OPEN.rows(session.connection(), _key(claim))
            standing = current_standing(session, list_id, [number for _, number, _ in rows], now)
        return [Person(position, number, variant, *standing[number]) for position, number, variant in rows]

    def intend(self, claim: Claim, first: int, last: int, via: str, at: datetime) -> bool:
        """Write that everybody from `first` to `last` without an outcome is about to be handed to transport `via`.

        `at` is the Date of their mails. False, and nothing is written, when the claim is lost or the campaign is not
        sending (any more): then nothing may be sent. The claim is renewed.
        """
        with self.database.transact() as connection:
            return self._intend(connection, claim, Intent(first, last, via, at))

    def record(self, claim: Claim, results: Sequence[Result], *, cursor: int | None, at: datetime) -> None:
        """Write outcomes, move the cursor to the first position without one, and end the call under way.

        `cursor` None leaves it where it is, which is always right: it only spares the next reader a search.
        A chunk of which nothing remains is done, and the claim with it. Raises LostClaim.
        """
        with self.database.transact() as connection:
            _record(connection, claim, Done(results, cursor, at))

    def proceed(
        self, claim: Claim, done: Done, intent: Intent, slot: Callable[[Connection], float | None]
    ) -> tuple[float | None, bool]:
        """Do as `record`, take a slot, and if that begins now do as `intend`: from call to call in one transaction.

        `slot` returns the seconds until it begins; None: it took none. Returns what it said, and whether the call may
        be made. Raises LostClaim, and then no slot was taken.
        """
        with self.database.transact() as connection:
            _record(connection, claim, done)
            delay = slot(connection)
            return delay, delay == 0 and self._intend(connection, claim, intent)

    def _intend(self, connection: Connection, claim: Claim, intent: Intent) -> bool:
        values: dict[str, object] = {**_key(claim), **intent._asdict()}
        if self.database.is_sqlite:
            return _INTEND.change(connection, values) > 0
        return _INTEND_AND_RENEW.change(connection, {**values, "lease": timedelta(seconds=self.claim_seconds)}) > 0

    def recorded(self, claim: Claim, results: Sequence[Result]) -> bool:
        """Return whether a `record` whose end nobody was told was committed. Raises LostClaim when others wrote."""
        if not results:
            return False  # writing it once more changes nothing
        first = results[0]
        with self.database.read() as session:
            row = session.get(Delivery, (claim.campaign_id, first.subscriber_id))
        if row is not None and (row.state, row.message_id) != (first.state, first.message_id):
            raise LostClaim
        return row is not None


def _record(connection: Connection, claim: Claim, done: Done) -> None:
    results, cursor, at = done
    sent = sum(result.state == "sent" for result in results)
    values = {**_key(claim), "to": cursor, "settled": len(results), "newly_sent": sent}
    if not _RECORD.change(connection, values):
        raise LostClaim
    if results:
        _insert_outcomes(connection, claim, results, at)


def _key(claim: Claim) -> dict[str, object]:
    return {"campaign": claim.campaign_id, "chunk": claim.chunk_no, "token": claim.token}


def _insert_outcomes(connection: Connection, claim: Claim, results: Sequence[Result], at: datetime) -> None:
    """Write rows past SQLAlchemy's own executemany, whose looking at each value takes longer than the database does."""
    stored_at = _stored(connection.dialect)(at)
    rows = [
        (result.subscriber_id, result.state, result.reason and result.reason[:_REASON_LENGTH], result.message_id)
        for result in results
    ]
    cursor = connection.connection.cursor()
    if connection.dialect.name == "postgresql":
        columns = [list(column) for column in zip(*rows, strict=True)]
        run(connection, cursor.execute, _OUTCOMES_BY_COLUMN, [claim.campaign_id, stored_at, *columns])
    else:
        run(connection, cursor.executemany, _OUTCOME, [(claim.campaign_id, stored_at, *row) for row in rows])
    cursor.close()


@lru_cache
def _stored(dialect: Dialect) -> Callable[[datetime], object]:
    """Return what makes of a moment what this database keeps."""
    processor = Delivery.__table__.c.at.type.dialect_impl(dialect).bind_processor(dialect)
    return processor or (lambda moment: moment)


_claimed = (
    Chunk.campaign_id == bindparam("campaign"),
    Chunk.chunk_no == bindparam("chunk"),
    Chunk.lease_token == bindparam("token"),
)
_outcome = exists().where(Delivery.campaign_id == Planned.campaign_id, Delivery.subscriber_id == Planned.subscriber_id)
_open = (
    select(Planned.position, Planned.subscriber_id, Planned.variant_no)
    .join(
        Chunk,
        and_(Chunk.campaign_id == Planned.campaign_id, Planned.position.between(Chunk.cursor, Chunk.last)),
    )
    .where(*_claimed, ~_outcome)
    .order_by(Planned.position)
)
_OPEN = Ready(_open)
"""What the claim's chunk holds without an outcome; nothing when the claim is lost."""
_IN_DOUBT = Ready(
    _open.where(Planned.position.between(Chunk.inflight_from, Chunk.inflight_to)).with_only_columns(
        Planned.position, Planned.subscriber_id
    )
)
_still_sending = exists().where(Campaign.id == bindparam("campaign"), Campaign.state == State.SENDING)
_intend = (
    update(Chunk)
    .where(*_claimed, _still_sending)
    .values(
        inflight_from=bindparam("start"),
        inflight_to=bindparam("end"),
        inflight_via=bindparam("via"),
        inflight_at=bindparam("date"),
    )
)
_renewed = _intend.values(lease_until=database_clock() + bindparam("lease", type_=Interval(native=True)))
_INTEND, _INTEND_AND_RENEW = Ready(_intend), Ready(_renewed)
_left = Chunk.remaining - bindparam("settled", type_=Integer)
_RECORD = Ready(
    update(Chunk)
    .where(*_claimed)
    .values(
        cursor=func.coalesce(bindparam("to", type_=Integer), Chunk.cursor),
        remaining=_left,
        sent=Chunk.sent + bindparam("newly_sent", type_=Integer),
        inflight_from=None,
        inflight_to=None,
        inflight_via=None,
        inflight_at=None,
        state=case((_left == 0, "done"), else_="claimed"),
        lease_token=case((_left == 0, None), else_=Chunk.lease_token),
        lease_until=case((_left == 0, None), else_=Chunk.lease_until),
    )
)
_OUTCOME = (
    "INSERT INTO deliveries (campaign_id, at, subscriber_id, state, reason, message_id) VALUES (?, ?, ?, ?, ?, ?)"
)
_OUTCOMES_BY_COLUMN = (  # a statement for each row would be an answer for each row; in binary, as `subscribers.bulk`
    "INSERT INTO deliveries (campaign_id, at, subscriber_id, state, reason, message_id) SELECT %b, %b, new.* "
    "FROM unnest(%b::bigint[], %b::text[], %b::text[], %b::text[]) AS new"
)

"""Write a campaign's plan: all of it in one transaction, so a planner that dies leaves nothing half-written.

Only the distinct choices pass through Python; the people stay in the database, so memory does not grow with them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import (
    Column,
    ColumnElement,
    Insert,
    Integer,
    MetaData,
    Table,
    Text,
    and_,
    case,
    exists,
    false,
    func,
    insert,
    literal,
    null,
    select,
    update,
)
from sqlalchemy.exc import DBAPIError

from newsletter.delivery.guarding.first_wave import cut, going_first
from newsletter.delivery.lifecycle import Event, State, sources, target
from newsletter.delivery.models import Campaign, Chunk, Delivery, Planned, VariantRow
from newsletter.delivery.plan import Assignment, Preference, Skip, Variant, assign, chunks_of_waves
from newsletter.delivery.rhythm import rhythm
from newsletter.delivery.waves import Waves, forget_zones, in_waves, people_by_wave, write_zones
from newsletter.errors import Refused
from subscribers.lifecycle import Standing
from subscribers.repository import audience, preference_groups

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Subquery
    from sqlalchemy.orm import Session

    from newsletter.delivery.rhythm import Rhythm
    from subscribers.database import Database

CHUNK_SIZE = 500
_BATCH = 1_000
_ATTEMPTS = 5
_SERIALIZATION_FAILURE = "40001"

_groups = Table(
    "planning_groups",
    MetaData(),
    Column("languages", Text, primary_key=True),
    Column("topics", Text, primary_key=True),
    Column("excluded", Text, primary_key=True),
    Column("variant_no", Integer),
    prefixes=["TEMPORARY"],
)


def all_at_once(_people: int) -> int:
    """Return 0: nobody goes before the rest."""
    return 0


class Cut(NamedTuple):
    """How the people of a plan are cut into what workers claim."""

    chunk_size: int
    first_wave: Callable[[int], int]


def write_plan(
    database: Database,
    campaign_id: int,
    choose: Callable[[Preference], Variant | None],
    *,
    now: datetime,
    chunk_size: int = CHUNK_SIZE,
    envelope: Mapping[str, Any] | None = None,
    first_wave: Callable[[int], int] = all_at_once,
) -> None:
    """Plan everybody whom the campaign's issue is for and move it from planning to sending.

    `envelope` is what its mails say beside the content, kept so that they can be made again. `first_wave`: of how many
    people, how many go before the rest; the best engaged, where anything is known of them.

    Those who may not get mail, or for whom there is nothing, get their outcome (`skipped`) at once; the others get a
    position. Does nothing when the campaign is not planning (any more). Raises Refused when an earlier, cancelled
    campaign of the same issue still has people without an outcome: they might get the issue twice.
    """
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            with database.write() as session:
                _hold_still(session, database)
                campaign = session.get(Campaign, campaign_id, with_for_update=True)
                if campaign is not None and campaign.state == State.PLANNING:
                    campaign.envelope = None if envelope is None else dict(envelope)
                    _plan(session, campaign, choose, now, Cut(chunk_size, first_wave))
        except DBAPIError as error:
            # somebody else changed the campaign between our snapshot and our lock: look again
            if getattr(error.orig, "sqlstate", None) != _SERIALIZATION_FAILURE or attempt == _ATTEMPTS:
                raise
        else:
            return


def _hold_still(session: Session, database: Database) -> None:
    """See one state of the subscriptions in all statements; SQLite's write transactions always do."""
    if not database.is_sqlite:
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})


def _plan(
    session: Session,
    campaign: Campaign,
    choose: Callable[[Preference], Variant | None],
    now: datetime,
    cut_into: Cut,
) -> None:
    readers = rhythm(session, campaign.list_id, campaign.issue_id)
    assignment = assign(_preferences(session, campaign.list_id, readers, now), choose)
    earlier = cancelled_before(session, campaign.list_id, campaign.issue_id)
    _write_groups(session, assignment)
    _write_variants(session, campaign.id, assignment.variants)
    waves = write_zones(session, campaign)
    everybody = _audience(campaign, readers, earlier, now)
    skipped = _count(session, _skips(everybody, campaign.id, now))
    to_come = _to_come(session, everybody) if cut_into.first_wave is not all_at_once else 0
    size = cut_into.first_wave(to_come) if to_come else 0
    first = going_first(session, everybody, campaign, size / to_come) if size and not waves.instants else None
    people = _count(session, _positions(everybody, campaign.id, waves, first, size))
    groups, wave_to = cut(_by_instant(session, campaign.id, people, waves), size, cut_into.chunk_size)
    _write_chunks(session, campaign.id, groups, cut_into.chunk_size)
    forget_zones(session, waves)
    _groups.drop(session.connection())
    moved = session.execute(
        update(Campaign)
        .where(Campaign.id == campaign.id, Campaign.state.in_(sources(Event.PLANNED)))
        .values(
            state=target(Event.PLANNED),
            planned=people + skipped,
            started_at=now,
            stretch_started_at=now,
            stretch_pending=people,
            wave_to=wave_to,
        ),
        execution_options={"synchronize_session": False},
    )
    if moved.rowcount != 1:  # type: ignore[attr-defined]  # an UPDATE has it
        raise Refused(f"Campaign {campaign.id} was stopped while it was being planned; nothing was written.")


def _preferences(session: Session, list_id: int, readers: Rhythm, now: datetime) -> list[Preference]:
    """Return the choices of those who may get the mail."""
    groups = preference_groups(session, list_id, now, readers.gets)
    active = (group for group in groups if group.standing is Standing.ACTIVE)
    return [Preference(group.languages, group.topics, group.excluded) for group in active]


def cancelled_before(session: Session, list_id: int, issue_id: int) -> list[int]:
    """Return the cancelled campaigns of that issue. Raises Refused while one has people whose outcome is open."""
    same = and_(Campaign.list_id == list_id, Campaign.issue_id == issue_id, Campaign.state == State.CANCELLED)
    earlier = list(session.scalars(select(Campaign.id).where(same)))
    unfinished = select(Chunk.campaign_id).where(Chunk.campaign_id.in_(earlier), Chunk.state != "done").limit(1)
    if (open_one := session.scalar(unfinished)) is not None:
        raise Refused(
            f"Campaign {open_one} of the same issue was cancelled, but has people whose mail may be on its way: "
            f"run `newsletter campaign cancel {open_one}` once more, then start again."
        )
    return earlier


def _write_groups(session: Session, assignment: Assignment) -> None:
    _groups.create(session.connection())
    rows = [
        {
            "languages": preference.languages,
            "topics": preference.topics,
            "excluded": preference.excluded,
            "variant_no": number,
        }
        for preference, number in assignment.numbers.items()
    ]
    for start in range(0, len(rows), _BATCH):
        session.execute(insert(_groups), rows[start : start + _BATCH])


def _write_variants(session: Session, campaign_id: int, variants: Sequence[Variant]) -> None:
    rows = [
        {
            "campaign_id": campaign_id,
            "variant_no": number,
            "language": variant.language,
            "content_language": variant.content_language,
            "items": list(variant.items),
        }
        for number, variant in enumerate(variants)
    ]
    if rows:
        session.execute(insert(VariantRow), rows)


def _audience(campaign: Campaign, readers: Rhythm, earlier: Sequence[int], now: datetime) -> Subquery:
    """Everybody in the books: (subscriber_id, variant_no, reason); no reason: they get their variant."""
    people = audience(campaign.list_id, now, readers.in_books).subquery()
    chosen = and_(*(_groups.c[name] == people.c[name] for name in ("languages", "topics", "excluded")))
    reason = case(
        (people.c.standing != Standing.ACTIVE, people.c.standing),
        (had_it(earlier, people.c.subscriber_id), literal(Skip.HAD_IT.value)),
        (wants_another(readers, people.c.digest), literal(Skip.DIGEST.value)),
        (_groups.c.variant_no.is_(None), literal(Skip.NOTHING_FOR_THEM.value)),
        else_=null(),
    )
    return (
        select(people.c.subscriber_id, _groups.c.variant_no, reason.label("reason"))
        .outerjoin(_groups, chosen)
        .subquery()
    )


def had_it(earlier: Sequence[int], subscriber_id: ColumnElement[int]) -> ColumnElement[bool]:
    """Return the condition that somebody got the issue from an earlier campaign, or may have got it."""
    if not earlier:
        return false()
    return exists().where(
        Delivery.campaign_id.in_(earlier),
        Delivery.subscriber_id == subscriber_id,
        Delivery.state.in_(["sent", "uncertain"]),
    )


def wants_another(readers: Rhythm, digest: ColumnElement[str]) -> ColumnElement[bool]:
    """Return the condition that somebody is in the books and waits for the digest."""
    waiting = sorted(readers.in_books - readers.gets)
    return digest.in_(waiting) if waiting else false()


def _skips(people: Subquery, campaign_id: int, now: datetime) -> Insert:
    rows = select(
        literal(campaign_id), people.c.subscriber_id, literal("skipped"), people.c.reason, literal(now)
    ).where(people.c.reason.is_not(None))
    return insert(Delivery).from_select(["campaign_id", "subscriber_id", "state", "reason", "at"], rows)


def _to_come(session: Session, everybody: Subquery) -> int:
    return session.scalars(select(func.count()).select_from(everybody).where(everybody.c.reason.is_(None))).one()


def _positions(
    everybody: Subquery, campaign_id: int, waves: Waves, engaged: ColumnElement[int] | None, size: int
) -> Insert:
    """Give those who are left positions from 0, in variant order; wave by wave, where there are any.

    With `engaged` those for whom it is smallest are the first `size`.
    """
    people = in_waves(everybody, waves) if waves.instants else everybody
    first: tuple[ColumnElement[Any], ...] = (people.c.wave,) if waves.instants else ()
    if engaged is not None:
        rank = func.row_number().over(order_by=(engaged, everybody.c.subscriber_id)).label("rank")
        people = select(everybody, rank).where(everybody.c.reason.is_(None)).subquery()
        first = (people.c.rank > size,)
    order = func.row_number().over(order_by=(*first, people.c.variant_no, people.c.subscriber_id))
    rows = select(literal(campaign_id), order - 1, people.c.subscriber_id, people.c.variant_no).where(
        people.c.reason.is_(None)
    )
    return insert(Planned).from_select(["campaign_id", "position", "subscriber_id", "variant_no"], rows)


def _by_instant(session: Session, campaign_id: int, people: int, waves: Waves) -> Sequence[tuple[int, datetime | None]]:
    """Return how many of the plan, in its order, get their mail when; None: as soon as it is their turn."""
    return people_by_wave(session, campaign_id, waves) if waves.instants else [(people, None)]


def _write_chunks(
    session: Session, campaign_id: int, instants: Sequence[tuple[int, datetime | None]], size: int
) -> None:
    rows = [
        {
            "campaign_id": campaign_id,
            "chunk_no": number,
            "first": first,
            "last": last,
            "state": "open",
            "attempt": 0,
            "cursor": first,
            "remaining": last - first + 1,
            "sent": 0,
            "not_before": instants[wave][1],
        }
        for number, (wave, (first, last)) in enumerate(chunks_of_waves([people for people, _ in instants], size))
    ]
    for start in range(0, len(rows), _BATCH):
        session.execute(insert(Chunk), rows[start : start + _BATCH])


def _count(session: Session, statement: Insert) -> int:
    return session.connection().execute(statement, execution_options={"preserve_rowcount": True}).rowcount

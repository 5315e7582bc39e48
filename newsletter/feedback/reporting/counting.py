"""The ledger and what came back, counted by the database: a million mails come out as some hundred rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import Date, and_, case, exists, func, literal, null, select, union_all
from sqlalchemy.orm import aliased

from newsletter.delivery.models import Campaign, Delivery, Planned, Receipt
from newsletter.delivery.retention import are_forgotten, count_books
from newsletter.feedback.mailboxes import UNKNOWN
from newsletter.feedback.models import ReportTotal
from newsletter.feedback.reporting.domains import provider_column
from newsletter.feedback.reporting.figures import PENDING
from subscribers.models import Consent, Subscriber, Subscription

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date, datetime

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import InstrumentedAttribute, Session

_BATCH = 1_000


class Counted(NamedTuple):
    """So many mails of a campaign that are alike."""

    variant_no: int | None
    """None: they were skipped before a variant was chosen for them."""
    provider: str
    day: date | None
    """When they had their outcome, in UTC; None: they have none."""
    state: str
    """The ledger's, or `PENDING`."""
    facts: int | None
    """What came back of them: `feedback.facts.Fact`."""
    mails: int


class Gone(NamedTuple):
    """So many people who left the list because of this mail."""

    variant_no: int | None
    provider: str
    day: date
    people: int


def outcomes(session: Session, campaign_id: int, *, under_way: bool) -> Iterator[Counted]:
    """Yield what everybody of a campaign came to. `under_way`: some have no outcome yet; else nobody looks for them."""
    if are_forgotten(session, campaign_id):
        for each in _counted_before(session, campaign_id, "outcome"):
            yield Counted(each.variant_no, each.provider, each.day, each.state, each.facts, each.people)
        return
    plan = and_(Planned.campaign_id == Delivery.campaign_id, Planned.subscriber_id == Delivery.subscriber_id)
    receipt = and_(Receipt.campaign_id == Delivery.campaign_id, Receipt.subscriber_id == Delivery.subscriber_id)
    settled = (
        select(
            Planned.variant_no.label("variant_no"),
            _provider(session).label("provider"),
            _day(session, Delivery.at).label("day"),
            Delivery.state.label("state"),
            Receipt.facts.label("facts"),
        )
        .select_from(Delivery)
        .outerjoin(Planned, plan)
        .outerjoin(Receipt, receipt)
        .outerjoin(Subscriber, Subscriber.id == Delivery.subscriber_id)
        .where(Delivery.campaign_id == campaign_id)
    )
    parts = [settled, _pending(session, campaign_id)] if under_way else [settled]
    alike = union_all(*parts).subquery()
    query = select(*alike.c, func.count()).group_by(*alike.c)
    for row in session.execute(query, execution_options={"yield_per": _BATCH}):
        yield Counted._make(row)


def gone(session: Session, campaign_id: int) -> Iterator[Gone]:
    """Yield who left the list by a link of this campaign's mail.

    And who left by no mail's link, where this campaign's was the last mail of the list that they had got before.
    """
    if are_forgotten(session, campaign_id):
        for each in _counted_before(session, campaign_id, "left"):
            if each.day is not None:
                yield Gone(each.variant_no, each.provider, each.day, each.people)
        return
    mine, later = aliased(Delivery), aliased(Delivery)
    others = select(Campaign.id).where(Campaign.list_id == Consent.list_id, Campaign.id != campaign_id)
    another_since = exists().where(
        later.campaign_id.in_(others),
        later.subscriber_id == mine.subscriber_id,
        later.state == "sent",
        later.at > mine.at,
        later.at <= Consent.at,
    )
    after_this = and_(Consent.at >= mine.at, mine.state == "sent", ~another_since)
    plan = and_(Planned.campaign_id == mine.campaign_id, Planned.subscriber_id == mine.subscriber_id)
    theirs = and_(Subscription.list_id == Consent.list_id, Subscription.subscriber_id == Consent.subscriber_id)
    # of those who came back since and left again, the link is known of the last time alone
    by_link = case((Subscription.left_at == Consent.at, Subscription.left_campaign))
    leaving = (
        select(
            Planned.variant_no.label("variant_no"),
            _provider(session).label("provider"),
            Consent.subscriber_id.label("person"),
            Consent.at.label("at"),
        )
        .select_from(Consent)
        .join(Campaign, and_(Campaign.id == campaign_id, Campaign.list_id == Consent.list_id))
        .join(mine, and_(mine.campaign_id == Campaign.id, mine.subscriber_id == Consent.subscriber_id))
        .outerjoin(Planned, plan)
        .outerjoin(Subscriber, Subscriber.id == Consent.subscriber_id)
        .outerjoin(Subscription, theirs)
        .where(Consent.action == "unsubscribed", case((by_link.is_(None), after_this), else_=by_link == campaign_id))
        .subquery()
    )
    alike = (leaving.c.variant_no, leaving.c.provider)
    people = select(*alike, func.min(leaving.c.at).label("at")).group_by(*alike, leaving.c.person).subquery()
    days = select(people.c.variant_no, people.c.provider, _day(session, people.c.at).label("day")).subquery()
    for row in session.execute(select(*days.c, func.count()).group_by(*days.c)):
        yield Gone._make(row)


def count_for_good(session: Session, campaign_id: int) -> None:
    """Keep what a campaign's report counts, and its books: the rows may go when that is committed."""
    found = [
        ReportTotal(what="outcome", variant_no=n, provider=provider, day=day, state=state, facts=facts, people=mails)
        for n, provider, day, state, facts, mails in outcomes(session, campaign_id, under_way=False)
    ]
    found += [
        ReportTotal(what="left", variant_no=n, provider=provider, day=day, state="sent", facts=None, people=people)
        for n, provider, day, people in gone(session, campaign_id)
    ]
    for each in found:
        each.campaign_id = campaign_id
    session.add_all(found)
    count_books(session, campaign_id)


def _counted_before(session: Session, campaign_id: int, what: str) -> Sequence[ReportTotal]:
    query = select(ReportTotal).where(ReportTotal.campaign_id == campaign_id, ReportTotal.what == what)
    return session.scalars(query.order_by(ReportTotal.id)).all()


def _pending(session: Session, campaign_id: int) -> Select[Any, Any, Any, Any, Any]:
    theirs = and_(Delivery.campaign_id == Planned.campaign_id, Delivery.subscriber_id == Planned.subscriber_id)
    return (
        select(Planned.variant_no, _provider(session), null(), literal(PENDING), null())
        .select_from(Planned)
        .outerjoin(Subscriber, Subscriber.id == Planned.subscriber_id)
        .where(Planned.campaign_id == campaign_id, ~exists().where(theirs))
    )


def _provider(session: Session) -> ColumnElement[str]:
    """Return whose mailbox somebody has; their address of today."""
    return case((Subscriber.email.is_(None), literal(UNKNOWN)), else_=provider_column(_domain(session)))


def _domain(session: Session) -> ColumnElement[str]:
    if _is_postgresql(session):
        return func.split_part(Subscriber.email, "@", 2)
    return func.substr(Subscriber.email, func.instr(Subscriber.email, "@") + 1)


def _day(session: Session, at: ColumnElement[datetime] | InstrumentedAttribute[datetime]) -> ColumnElement[date]:
    """Return the day in UTC, whatever zone the connection is in."""
    instant = func.timezone("UTC", at) if _is_postgresql(session) else at
    return func.date(instant, type_=Date())


def _is_postgresql(session: Session) -> bool:
    return session.get_bind().dialect.name == "postgresql"

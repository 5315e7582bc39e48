"""One batch of a file in one transaction: one look at what is there, then sets of rows, whichever the database."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import and_, select

from subscribers.bulk import among, insert_rows, reserve_subscriber_ids, sole_importer, update_rows
from subscribers.consent import change
from subscribers.importing.fates import Decision, Known, decide
from subscribers.lifecycle import Action, Status
from subscribers.models import Consent, Formerly, Subscriber, Subscription, Suppression

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from subscribers.importing.wishes import Wish


class _Case(NamedTuple):
    """One person: who they are, what was known of them, what was decided."""

    id: int
    email: str
    known: Known | None
    decision: Decision

    @property
    def joins(self) -> bool:
        """Whether they had no subscription to this list."""
        return self.known is None or self.known.status is None

    @property
    def detail(self) -> str:
        """What the consent log says of a change of preferences."""
        if self.known is None or self.decision.action is not Action.PREFERENCES:
            return ""
        profile = self.decision.profile
        return change((self.known.languages, profile.languages), (self.known.topics, profile.topics))


def bring(session: Session, list_id: int, wishes: Sequence[Wish], *, source: str, now: datetime) -> Sequence[Decision]:
    """Bring the people of `wishes` (each address once) to a list; return the decisions, in the same order."""
    sole_importer(session)
    emails = [wish.email for wish in wishes]
    known, suppressed = _known(session, list_id, emails), _suppressed(session, emails)
    ids = iter(reserve_subscriber_ids(session, sum(email not in known for email in emails)))
    cases = []
    for wish in wishes:
        has = known.get(wish.email)
        decision = decide(wish, has, suppressed.get(wish.email))
        cases.append(_Case(has.subscriber_id if has else next(ids), wish.email, has, decision))
    _insert(session, list_id, cases, source, now)
    _update(session, list_id, cases, now)
    return [each.decision for each in cases]


def _known(session: Session, list_id: int, emails: Sequence[str]) -> Mapping[str, Known]:
    rows = session.execute(
        select(
            Subscriber.email,
            Subscriber.id,
            Subscriber.name,
            Subscriber.timezone,
            Subscription.status,
            Subscription.languages,
            Subscription.topics,
        )
        .outerjoin(Subscription, and_(Subscription.subscriber_id == Subscriber.id, Subscription.list_id == list_id))
        .where(among(session, Subscriber.email, emails))
    )
    return {
        email: Known(id_, name, timezone or "", Status(status) if status else None, languages or "", topics or "")
        for email, id_, name, timezone, status, languages, topics in rows
    }


def _suppressed(session: Session, emails: Sequence[str]) -> Mapping[str, str]:
    query = select(Suppression.email, Suppression.reason).where(among(session, Suppression.email, emails))
    return {email: reason for email, reason in session.execute(query)}  # noqa: C416 - rows are no pairs to dict()


def _insert(session: Session, list_id: int, cases: Sequence[_Case], source: str, now: datetime) -> None:
    strangers = [(each.id, each.email, each.decision.profile) for each in cases if each.known is None]
    joining = [(each.id, each.decision.status.value, each.decision.profile) for each in cases if each.joins]
    logged = [(each.id, each.decision.action.value, each.detail) for each in cases if each.decision.action]
    insert_rows(
        session,
        Subscriber,
        ("id", "email", "name", "timezone", "created_at", "updated_at"),
        ((id_, email, profile.name, profile.timezone or None, now, now) for id_, email, profile in strangers),
    )
    insert_rows(
        session,
        Subscription,
        ("list_id", "subscriber_id", "status", "languages", "topics", "created_at", "updated_at"),
        ((list_id, id_, status, profile.languages, profile.topics, now, now) for id_, status, profile in joining),
    )
    insert_rows(
        session,
        Consent,
        ("list_id", "subscriber_id", "action", "source", "wording", "detail", "at"),
        ((list_id, id_, action, source, "", detail, now) for id_, action, detail in logged),
    )


def _update(session: Session, list_id: int, cases: Sequence[_Case], now: datetime) -> None:
    """Write what is different for people who are known; one who joins here may still have another name now."""
    people, formerly, subscriptions, leaving = [], [], [], []
    for each in cases:
        if each.known is None:
            continue
        profile, status = each.decision.profile, each.decision.status
        if (profile.name, profile.timezone) != (each.known.name, each.known.timezone):
            people.append((profile.name, profile.timezone or None, now, each.id))
        if profile.name != each.known.name:
            formerly.append((each.id, each.email, each.known.name, now))
        if not each.joins and (status, profile.languages, profile.topics) != each.known[3:]:
            subscriptions.append((status.value, profile.languages, profile.topics, now, list_id, each.id))
            if status is Status.UNSUBSCRIBED:
                leaving.append((None, list_id, each.id))
    key = ("list_id", "subscriber_id")
    if formerly:
        insert_rows(session, Formerly, ("subscriber_id", "email", "name", "until"), formerly)
    update_rows(session, Subscriber, ("name", "timezone", "updated_at"), ("id",), people)
    update_rows(session, Subscription, ("status", "languages", "topics", "updated_at"), key, subscriptions)
    update_rows(session, Subscription, ("paused_until",), key, leaving)  # leaving ends a pause, as it does in `service`

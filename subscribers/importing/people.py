"""What the database has of the people of a file: one look at many addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, func, select

from subscribers.bulk import among, look_up, rows_of
from subscribers.importing.fates import Known
from subscribers.lifecycle import Status
from subscribers.models import Subscriber, Subscription, Suppression

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.orm import Session


def known_people(session: Session, list_id: int, emails: Sequence[str]) -> Mapping[str, Known]:
    """Return what is there of `emails`, by address."""
    chosen = (Subscription.languages, Subscription.topics, Subscription.topics_excluded, Subscription.digest)
    texts = (func.coalesce(each, "") for each in (Subscriber.timezone, Subscription.status, *chosen))
    given = rows_of(session, emails)
    query = (
        select(Subscriber.email, Subscriber.id, Subscriber.name, *texts)
        .select_from(given)
        .join(Subscriber, Subscriber.email == given.c.value)
        .outerjoin(Subscription, and_(Subscription.subscriber_id == Subscriber.id, Subscription.list_id == list_id))
    )
    rows = look_up(session, query)
    if not rows:
        return {}
    addresses, ids, names, timezones, statuses, *others = zip(*rows, strict=True)  # columns: a third of the time
    known = zip(ids, names, timezones, map(_STATUSES.get, statuses), *others, strict=True)
    return dict(zip(addresses, map(Known._make, known), strict=True))


_STATUSES = {status.value: status for status in Status}


def suppressed_addresses(session: Session, emails: Sequence[str]) -> Mapping[str, str]:
    """Return why no mail goes to those of `emails` that are suppressed.

    Most lists of them are short, and read whole in less time than each address is looked for.
    """
    query, short = select(Suppression.email, Suppression.reason), len(emails) // 4
    found = look_up(session, query.limit(short + 1))
    if len(found) > short:
        found = look_up(session, query.where(among(session, Suppression.email, emails)))
    wanted = set(emails) if found else ()
    return {email: reason for email, reason in found if email in wanted}

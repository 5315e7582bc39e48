"""How much mail is still to come: what keeps a campaign of today from using up what one of tonight needs."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from newsletter.delivery.lifecycle import State
from newsletter.delivery.models import Campaign
from newsletter.delivery.rhythm import rhythm
from newsletter.scheduling.firing import later_date
from newsletter.scheduling.ready import ready
from newsletter.scheduling.timetable import due
from subscribers.lifecycle import Status
from subscribers.models import Subscription
from subscribers.preferences import Digest

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from sqlalchemy.orm import Session


def expected_later(session: Session, now: datetime, hours: float = 24) -> int:
    """Return about how many recipients the campaigns have that are to begin within so many hours.

    Those that are scheduled, and the issues that are ready for slots of their lists; not those that wait for a person.
    As many as are active on the lists: counting them takes as long as counting rows does, so ask once in a minute.
    """
    until = now + timedelta(hours=hours)
    scheduled = select(Campaign.list_id, Campaign.issue_id).where(
        Campaign.state == State.SCHEDULED, Campaign.held_back.is_(None), Campaign.scheduled_at <= until
    )
    coming = {(list_id, issue_id) for list_id, issue_id in session.execute(scheduled)}
    for slot in due(session, until):
        issue = ready(session, slot.list_id, later_date(session, slot), digest=slot.slot.is_monthly).issue
        if issue is not None:
            coming.add((slot.list_id, issue.id))
    audiences = [(list_id, rhythm(session, list_id, issue_id).gets) for list_id, issue_id in coming]
    people = {each: _active(session, *each) for each in set(audiences)}
    return sum(people[each] for each in audiences)


def _active(session: Session, list_id: int, digests: Collection[Digest]) -> int:
    query = select(func.count()).where(Subscription.list_id == list_id, Subscription.status == Status.ACTIVE)
    if not set(Digest) <= set(digests):
        query = query.where(Subscription.digest.in_(sorted(digests)))
    return session.scalars(query).one()

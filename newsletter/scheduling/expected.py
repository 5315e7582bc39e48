"""How much mail is still to come: what keeps a campaign of today from using up what one of tonight needs."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from newsletter.delivery.lifecycle import State
from newsletter.delivery.models import Campaign
from newsletter.scheduling.firing import later_date
from newsletter.scheduling.ready import ready
from newsletter.scheduling.timetable import due
from subscribers.lifecycle import Status
from subscribers.models import Subscription

if TYPE_CHECKING:
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
        issue = ready(session, slot.list_id, later_date(session, slot)).issue
        if issue is not None:
            coming.add((slot.list_id, issue.id))
    lists = [list_id for list_id, _ in coming]
    people = {list_id: _active(session, list_id) for list_id in set(lists)}
    return sum(people[list_id] for list_id in lists)


def _active(session: Session, list_id: int) -> int:
    query = select(func.count()).where(Subscription.list_id == list_id, Subscription.status == Status.ACTIVE)
    return session.scalars(query).one()

"""Who would get what if a campaign began now, counted: as the plan decides it, and nothing is written."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from newsletter.delivery.lifecycle import State
from newsletter.delivery.models import Campaign
from newsletter.delivery.plan import Preference, Skip
from newsletter.delivery.planning import cancelled_before, had_it, wants_another
from newsletter.delivery.rhythm import rhythm
from subscribers.lifecycle import Standing
from subscribers.repository import audience

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from newsletter.delivery.plan import Variant


@dataclass(frozen=True, slots=True)
class Headcount:
    """The people of a list and one issue."""

    variants: Mapping[Variant, int]
    """How many would get which."""
    skipped: Mapping[str, int]
    """How many would get nothing, by reason."""

    @property
    def recipients(self) -> int:
        """How many mails that makes."""
        return sum(self.variants.values())

    def by_language(self) -> Mapping[str, int]:
        """Return how many mails there are in each reader's language, the most first."""
        found: Counter[str] = Counter()
        for variant, people in self.variants.items():
            found[variant.language] += people
        return dict(found.most_common())


def begun(session: Session, list_id: int, issue_id: int) -> tuple[int, State] | None:
    """Return the campaign of that issue that counts, and its state; None: there is none."""
    query = select(Campaign.id, Campaign.state).where(
        Campaign.list_id == list_id, Campaign.issue_id == issue_id, Campaign.state != State.CANCELLED
    )
    row = session.execute(query).one_or_none()
    return None if row is None else (row.id, State(row.state))


def headcount(
    session: Session, list_id: int, issue_id: int, choose: Callable[[Preference], Variant | None], *, now: datetime
) -> Headcount:
    """Count everybody whom the issue is for. Raises Refused where planning would: an earlier campaign is unfinished."""
    readers = rhythm(session, list_id, issue_id)
    people = audience(list_id, now, readers.in_books).subquery()
    had = had_it(cancelled_before(session, list_id, issue_id), people.c.subscriber_id)
    monthly = wants_another(readers, people.c.digest)
    known = select(people, had.label("had"), monthly.label("monthly")).subquery()
    alike = (known.c.languages, known.c.topics, known.c.excluded, known.c.standing, known.c.had, known.c.monthly)
    variants: Counter[Variant] = Counter()
    skipped: Counter[str] = Counter()
    for *chosen, standing, had_before, waits, count in session.execute(select(*alike, func.count()).group_by(*alike)):
        if standing != Standing.ACTIVE:
            skipped[standing] += count
        elif had_before:
            skipped[Skip.HAD_IT.value] += count
        elif waits:
            skipped[Skip.DIGEST.value] += count
        elif (variant := choose(Preference(*chosen))) is None:
            skipped[Skip.NOTHING_FOR_THEM.value] += count
        else:
            variants[variant] += count
    return Headcount(variants, dict(sorted(skipped.items())))

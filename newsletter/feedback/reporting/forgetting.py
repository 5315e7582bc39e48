"""What became of each mail goes when its list's policy says so; what the report counts of it stays."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from newsletter.delivery.models import Campaign
from newsletter.delivery.retention import are_forgotten, campaigns_to_forget, details, forget_details
from newsletter.feedback.reporting.counting import count_for_good

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from subscribers.database import Database
    from subscribers.privacy.retention import Wait


@dataclass(frozen=True, kw_only=True)
class Ledger:
    """The ledgers of a list's campaigns that ended before then. Implements `subscribers.privacy.retention.Rule`."""

    list_id: int
    before: datetime

    def due(self, session: Session) -> Mapping[str, int]:
        """Return how many rows of what would go now."""
        total: Counter[str] = Counter()
        for campaign in campaigns_to_forget(session, self.list_id, self.before):
            total.update(details(session, campaign))
        return dict(total)

    def run(self, database: Database, wait: Wait) -> Mapping[str, int]:
        """Count what is told of a campaign for good, then let its rows go; one campaign after the other."""
        total: Counter[str] = Counter()
        with database.read() as session:
            old = campaigns_to_forget(session, self.list_id, self.before)
        for campaign in old:
            if wait(0):
                break
            with database.write() as session:
                session.get(Campaign, campaign, with_for_update=True)  # whoever else is at it waits
                if not are_forgotten(session, campaign):
                    count_for_good(session, campaign)
            total.update(forget_details(database, campaign, wait=wait))
        return dict(total)

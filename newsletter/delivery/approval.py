"""To approve an issue: the campaign that is bound to what was proofed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from newsletter.delivery.models import Campaign
from newsletter.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from newsletter.issues.models import IssueRevision

_NOT_IN_LABEL = re.compile(r"[^A-Za-z0-9_-]+")
_LABEL_SLUG = 40
"""Characters of the issue's slug that a label keeps."""

BY_HAND: dict[str, None] = dict.fromkeys(("scheduled_at", "wall_time", "timezone", "local_time", "held_back"))
"""The columns of a campaign that waits for nothing."""


def refuse_draft(revision: IssueRevision, slug: str) -> None:
    """Keep what nobody has proofed from going out."""
    if revision.state != "finalized":
        raise Refused(
            f"Issue {slug} is a draft (revision {revision.revision}): `newsletter issue finalize {slug}` freezes it, "
            f"then it can be sent."
        )


def create(
    session: Session,
    list_id: int,
    revision: IssueRevision,
    slug: str,
    *,
    token: Callable[[], str],
    now: datetime,
    **values: object,
) -> int:
    """Write a new campaign, approved as this revision is, and return its number.

    For those who hold the issue (`queries.lock`) and have seen that there is none. Raises IntegrityError.
    """
    campaign = Campaign(
        label=f"{_NOT_IN_LABEL.sub('-', slug)[:_LABEL_SLUG].strip('-')}-{token()}",
        list_id=list_id,
        issue_id=revision.issue_id,
        created_at=now,
        **approval(revision),
        **values,
    )
    session.add(campaign)
    session.flush()
    return campaign.id


def approval(revision: IssueRevision) -> dict[str, object]:
    """Return the columns that bind a campaign to what was proofed."""
    return {"revision_id": revision.id, "content_hash": revision.content_hash}

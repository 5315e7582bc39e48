"""Which links of a campaign were followed, and of which item they are."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from newsletter.feedback.models import ClickCount
from newsletter.issues.model import Article, OpinionLeader
from newsletter.issues.queries import by_revision
from newsletter.rendering.addresses import doi_address, pmid_address, safe_address

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlalchemy.orm import Session

    from newsletter.delivery.campaigns import CampaignInfo
    from newsletter.issues.model import Issue, Item

_IN_BODY = re.compile(r"\]\(([^()\s]+)\)")
_MOST = 1_000


@dataclass(frozen=True, slots=True)
class Clicks:
    """How often a link was followed, by anybody."""

    link: str
    item: str | None
    """The title of the item it stands in; None: a link of the frame, or not of this issue."""
    clicks: int
    by_machine: int
    """Those that SES says no person made; not among `clicks`."""

    def as_json(self) -> dict[str, Any]:
        """Return the documented form."""
        return {"link": self.link, "item": self.item, "clicks": self.clicks, "by_machine": self.by_machine}


def clicks(session: Session, info: CampaignInfo) -> Sequence[Clicks]:
    """Return the links of a campaign that were followed, the most often first (a thousand at most)."""
    people = func.sum(ClickCount.clicks).filter(ClickCount.automated == 0)
    machines = func.sum(ClickCount.clicks).filter(ClickCount.automated == 1)
    query = (
        select(func.min(ClickCount.link), func.coalesce(people, 0), func.coalesce(machines, 0))
        .where(ClickCount.campaign_id == info.id)
        .group_by(ClickCount.link_key)
        .order_by(func.sum(ClickCount.clicks).desc(), func.min(ClickCount.link))
        .limit(_MOST)
    )
    rows = session.execute(query).all()
    if not rows:
        return []
    titles = titles_of(by_revision(session, info.revision_id).issue)
    found = [Clicks(link, titles.get(link), int(people), int(machines)) for link, people, machines in rows]
    return sorted(found, key=lambda each: (-each.clicks, -each.by_machine, each.link))


def titles_of(issue: Issue) -> Mapping[str, str]:
    """Return the title of the item that each link stands in; in the first language where several have it."""
    titles: dict[str, str] = {}
    for document in issue.documents.values():
        for _, _, item in document.items():
            for link in _links(item):
                titles.setdefault(link, (isinstance(item, OpinionLeader) and item.name) or item.title)
    return titles


def _links(item: Item) -> Iterator[str]:
    if isinstance(item, Article):
        if item.doi:
            yield doi_address(item.doi)
        if item.pmid:
            yield pmid_address(item.pmid)
    written = [link.url for link in item.links] + _IN_BODY.findall(item.body)
    yield from (address for url in written if (address := safe_address(url)) is not None)

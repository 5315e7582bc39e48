"""The mails of the campaigns under way: opened once for all threads of a process, a variant prepared once."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.exc import NoResultFound

from newsletter.delivery.models import VariantRow
from newsletter.delivery.plan import Variant

if TYPE_CHECKING:
    from collections.abc import Callable

    from newsletter.delivery.campaigns import CampaignInfo
    from newsletter.delivery.mails import Mails
    from newsletter.personalization.message import Prepared
    from subscribers.database import Database

_AHEAD = 200
"""Variants that are looked up at once: they are asked for in rising order, by several threads at a time."""
_KEPT = 3
"""Campaigns; more than one at a time is rare."""


@dataclass
class _Open:
    """A campaign's mails, and which variant has which number, of those that are sent just now."""

    mails: Mails
    variants: dict[int, Variant] = field(default_factory=dict)


class Variants:
    """Hands out prepared mails to whichever thread asks."""

    def __init__(self, database: Database, open_mails: Callable[[CampaignInfo], Mails]) -> None:
        """`open_mails` may refuse; then the next one who asks tries again."""
        self._database = database
        self._open_mails = open_mails
        self._campaigns: OrderedDict[int, _Open] = OrderedDict()
        self._lock = Lock()

    def open(self, info: CampaignInfo) -> None:
        """Open a campaign's mails, to be refused now if at all."""
        with self._lock:
            self._opened(info)

    def prepared(self, info: CampaignInfo, variant_no: int) -> Prepared:
        """Return the mail of a variant, which lacks only what is one recipient's own."""
        with self._lock:
            found = self._opened(info)
            if variant_no not in found.variants:
                found.variants = variants(self._database, info.id, variant_no, _AHEAD)
            return found.mails.prepared(found.variants[variant_no])

    def _opened(self, info: CampaignInfo) -> _Open:
        if info.id not in self._campaigns:
            self._campaigns[info.id] = _Open(self._open_mails(info))
            if len(self._campaigns) > _KEPT:
                self._campaigns.popitem(last=False)
        return self._campaigns[info.id]


def variants(database: Database, campaign_id: int, first: int, count: int = 1) -> dict[int, Variant]:
    """Return what the plan calls by the number `first`, and up to `count` in all that follow it, by their numbers.

    Raises NoResultFound where there is no such variant.
    """
    query = (
        select(VariantRow.variant_no, VariantRow.language, VariantRow.content_language, VariantRow.items)
        .where(VariantRow.campaign_id == campaign_id, VariantRow.variant_no >= first)
        .order_by(VariantRow.variant_no)
        .limit(count)
    )
    with database.read() as session:
        rows = session.execute(query)
        found = {number: Variant(language, content, tuple(items)) for number, language, content, items in rows}
    if first not in found:
        raise NoResultFound(f"campaign {campaign_id} has no variant {first}")
    return found

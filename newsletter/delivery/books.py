"""The balance of a campaign: planned = sent + skipped + failed + uncertain + pending, at every moment.

Read in one statement, so in one state of the database; from counters and a small index, so that asking costs the
same for a thousand and for a million recipients.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import Integer, Text, bindparam, cast, exists, func, literal_column, null, select, union_all, update

from newsletter.delivery.doubts import in_doubt
from newsletter.delivery.lifecycle import Event, State, sources, target
from newsletter.delivery.models import Campaign, Chunk, Delivery, LedgerTotal
from newsletter.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import CompoundSelect, Update
    from sqlalchemy.orm import Session


class BooksDoNotBalance(Exception):  # noqa: N818 - what it says
    """Every chunk is done, yet somebody has no outcome or one too many: a defect of this program, never of its use."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """How many of a campaign's recipients came to what."""

    state: State
    state_reason: str = ""
    planned: int = 0
    sent: int = 0
    skipped: Mapping[str, int] = field(default_factory=dict)
    """By reason."""
    failed: int = 0
    uncertain: int = 0
    pending: int = 0
    """Without an outcome yet."""

    @property
    def settled(self) -> int:
        """Those who have an outcome."""
        return self.sent + sum(self.skipped.values()) + self.failed + self.uncertain

    @property
    def balanced(self) -> bool:
        """Whether everybody planned is accounted for; anything else is a defect."""
        return self.planned == self.settled + self.pending

    def as_json(self) -> dict[str, Any]:
        """Return the documented form; `pending` is there while there is any."""
        document: dict[str, Any] = {
            "state": self.state.value,
            "planned": self.planned,
            "sent": self.sent,
            "skipped": dict(self.skipped),
            "failed": self.failed,
            "uncertain": self.uncertain,
        }
        if self.pending:
            document["pending"] = self.pending
        if self.state_reason:
            document["state_reason"] = self.state_reason
        return document


def books(session: Session, campaign_id: int) -> Books:
    """Return the balance of a campaign. Raises NotFound."""
    counts: dict[str, int] = {}
    skipped: dict[str, int] = {}
    words: dict[str, str] = {}
    for kind, word, count in session.execute(_BOOKS, {"campaign": campaign_id}):
        if kind in {"state", "state_reason"}:
            words[kind] = word
        elif kind == "skipped":
            skipped[word] = count
        else:
            counts[kind] = counts.get(kind, 0) + count
    if not words:
        raise NotFound(f"There is no campaign {campaign_id}: `newsletter campaign list` shows those there are.")
    return Books(
        state=State(words["state"]), state_reason=words["state_reason"], skipped=dict(sorted(skipped.items())), **counts
    )


def finish(session: Session, campaign_id: int, *, now: datetime, awaiting_evidence: bool = False) -> bool:
    """Move the campaign to `sent` if nobody is pending, in one conditional UPDATE; return whether it did.

    `awaiting_evidence`: not while somebody is in doubt either. Here every outcome is counted, row by row. Raises
    BooksDoNotBalance, and the campaign stays as it is, when all chunks are done and the rows say otherwise.
    """
    unfinished = select(Chunk.chunk_no).where(Chunk.campaign_id == campaign_id, Chunk.state != "done").exists()
    outcomes = select(func.count()).where(Delivery.campaign_id == campaign_id).scalar_subquery()
    ready = (Campaign.id == campaign_id, Campaign.state.in_(sources(Event.FINISH)), ~unfinished)
    ended = update(Campaign).where(*ready, Campaign.planned == outcomes)
    if awaiting_evidence:
        ended = ended.where(~exists().where(in_doubt(campaign_id)))
    if _matched(session, ended.values(state=target(Event.FINISH), state_reason="", finished_at=now)):
        return True
    stuck = select(Campaign.planned, outcomes).where(*ready, Campaign.planned != outcomes)
    if (row := session.execute(stuck).one_or_none()) is not None:
        raise BooksDoNotBalance(f"campaign {campaign_id}: {row[0]} planned, {row[1]} outcomes")
    return False


def _matched(session: Session, statement: Update) -> bool:
    return session.connection().execute(statement).rowcount > 0


_campaign = bindparam("campaign", type_=Integer)
_nothing = cast(null(), Text)
_forgotten = exists().where(LedgerTotal.campaign_id == _campaign)
"""What is left of the rows is not counted twice: `retention`."""
_BOOKS: CompoundSelect[Any] = union_all(
    select(literal_column("'state'"), Campaign.state, literal_column("0")).where(Campaign.id == _campaign),
    select(literal_column("'state_reason'"), Campaign.state_reason, literal_column("0")).where(
        Campaign.id == _campaign
    ),
    select(literal_column("'planned'"), _nothing, func.coalesce(Campaign.planned, 0)).where(Campaign.id == _campaign),
    select(literal_column("'pending'"), _nothing, func.coalesce(func.sum(Chunk.remaining), 0)).where(
        Chunk.campaign_id == _campaign
    ),
    select(literal_column("'sent'"), _nothing, func.coalesce(func.sum(Chunk.sent), 0)).where(
        Chunk.campaign_id == _campaign
    ),
    select(Delivery.state, Delivery.reason, func.count())
    # as a literal, or no database can tell that the partial index serves it
    .where(Delivery.campaign_id == _campaign, Delivery.state != literal_column("'sent'"), ~_forgotten)
    .group_by(Delivery.state, Delivery.reason),
    select(LedgerTotal.state, LedgerTotal.reason, LedgerTotal.mails).where(
        LedgerTotal.campaign_id == _campaign, LedgerTotal.state != "sent"
    ),
)

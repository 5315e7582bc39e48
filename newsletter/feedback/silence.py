"""What it means that nothing was heard of a mail in doubt.

A stream that delivers at least once, was read to its end after a while, and brought the Send event of every other mail
of the campaign, would have brought this one's, too: it was not accepted, and can be sent. Anything less proves nothing.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import and_, exists, literal_column, select

from newsletter.delivery.lifecycle import State
from newsletter.delivery.models import Campaign, Delivery, Receipt
from newsletter.delivery.reopening import send_again
from newsletter.feedback.models import StreamState

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, timedelta

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

_AT_ONCE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What silence says of the mails in doubt of one campaign."""

    campaign_id: int
    in_doubt: int
    """Those for whom the wait is over, or who still wait."""
    not_accepted: Sequence[int] = ()
    """Subscribers of whom silence proves that they got nothing."""
    why_not: str = ""
    """Why silence proves nothing (yet) of the others; empty: there are none."""


def judge(session: Session, stream: str, *, wait: timedelta) -> Sequence[Judgement]:
    """Return what the silence of `stream` says, for every campaign that is sending and has mails in doubt."""
    doubts: dict[int, list[tuple[int, datetime]]] = defaultdict(list)
    for campaign_id, subscriber_id, at in session.execute(_IN_DOUBT):
        doubts[campaign_id].append((subscriber_id, at))
    state = session.get(StreamState, stream, populate_existing=True) if doubts else None
    return [_of_campaign(session, campaign, found, state, wait) for campaign, found in sorted(doubts.items())]


def settle_by_silence(session: Session, stream: str, *, wait: timedelta, now: datetime) -> int:
    """Send again what silence proves was not accepted; return how many mails."""
    again = 0
    for judgement in judge(session, stream, wait=wait):
        why = f"no Send event came within {wait.total_seconds():.0f} s, and every other mail's did"
        people = judgement.not_accepted
        for start in range(0, len(people), _AT_ONCE):
            some = people[start : start + _AT_ONCE]
            again += send_again(session, judgement.campaign_id, some, now=now, why=why)
    return again


def _of_campaign(
    session: Session,
    campaign_id: int,
    doubts: Sequence[tuple[int, datetime]],
    state: StreamState | None,
    wait: timedelta,
) -> Judgement:
    why_not = _not_drained(doubts, state, wait)
    due = [person for person, at in doubts if _heard_out(at, state, wait)]
    if due:
        unhealthy = _unhealthy(session, campaign_id, state)
        why_not, due = (unhealthy, []) if unhealthy else (why_not, due)
    return Judgement(campaign_id=campaign_id, in_doubt=len(doubts), not_accepted=due, why_not=why_not)


def _heard_out(at: datetime, state: StreamState | None, wait: timedelta) -> bool:
    return state is not None and state.certain_at is not None and state.certain_at >= at + wait


def _not_drained(doubts: Sequence[tuple[int, datetime]], state: StreamState | None, wait: timedelta) -> str:
    last = max(at for _, at in doubts) + wait
    if _heard_out(last - wait, state, wait):
        return ""
    trouble = f" ({state.trouble})" if state is not None and state.trouble else ""
    return f"the queue was not yet read to its end after {last:%Y-%m-%d %H:%M:%S} UTC{trouble}"


def _unhealthy(session: Session, campaign_id: int, state: StreamState | None) -> str:
    """Return why the stream's silence means nothing for this campaign; empty: it means what it seems."""
    best_effort_at = state.best_effort_at if state is not None else None
    begun = session.scalar(select(Campaign.created_at).where(Campaign.id == campaign_id))
    if best_effort_at is not None and begun is not None and best_effort_at >= begun:
        return "the events come through EventBridge, which may lose some"
    if session.scalar(select(Receipt.subscriber_id).where(Receipt.campaign_id == campaign_id).limit(1)) is None:
        return "no Send event of this campaign has come at all"
    if session.scalar(_unheard(campaign_id)) is not None:
        return "the Send events of other mails have not come either"
    return ""


def _unheard(campaign_id: int) -> Select[int]:
    heard = exists().where(Receipt.campaign_id == Delivery.campaign_id, Receipt.subscriber_id == Delivery.subscriber_id)
    sent = select(Delivery.subscriber_id).where(Delivery.campaign_id == campaign_id, Delivery.state == "sent")
    return sent.where(~heard).limit(1)


_IN_DOUBT = (
    select(Delivery.campaign_id, Delivery.subscriber_id, Delivery.at)
    .join(Campaign, and_(Campaign.id == Delivery.campaign_id, Campaign.state == State.SENDING))
    # as a literal, or no database can tell that the partial index serves it
    .where(Delivery.state == "uncertain", Delivery.state != literal_column("'sent'"))
    .order_by(Delivery.campaign_id, Delivery.subscriber_id)
)

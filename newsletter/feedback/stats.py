"""What came back, in figures, and whether more can be relied on to come."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from newsletter.feedback.models import FeedbackCount
from newsletter.feedback.quarantine import quarantine_size
from newsletter.feedback.silence import Judgement, judge
from newsletter.feedback.streams import stream_states

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime, timedelta

    from sqlalchemy.orm import Session

    from newsletter.feedback.models import StreamState


@dataclass(frozen=True, slots=True, kw_only=True)
class Stats:
    """What came back so far."""

    days: Mapping[date, Mapping[str, int]]
    """Events of each day by what they were taken for, the latest day first."""
    streams: Sequence[StreamState]
    quarantined: int
    """Messages kept aside."""
    doubts: Sequence[Judgement]
    """Of each campaign that is sending and has mails in doubt."""

    @property
    def kinds(self) -> Mapping[str, int]:
        """Events of all days by what they were taken for."""
        total: Counter[str] = Counter()
        for day in self.days.values():
            total.update(day)
        return dict(sorted(total.items()))

    def as_json(self) -> dict[str, Any]:
        """Return the documented form."""
        return {
            "kinds": dict(self.kinds),
            "days": [{"day": day.isoformat(), "kinds": dict(kinds)} for day, kinds in self.days.items()],
            "streams": [
                {
                    "stream": state.name,
                    "polled_at": _at(state.polled_at),
                    "drained_at": _at(state.drained_at),
                    "certain_at": _at(state.certain_at),
                    "best_effort_at": _at(state.best_effort_at),
                    "trouble": state.trouble,
                    "troubled_at": _at(state.troubled_at),
                }
                for state in self.streams
            ],
            "quarantined": self.quarantined,
            "in_doubt": [
                {"campaign": each.campaign_id, "mails": each.in_doubt, "why": each.why_not} for each in self.doubts
            ],
        }


def feedback_stats(session: Session, stream: str, *, uncertain_wait: timedelta) -> Stats:
    """Return what came back so far, and what the silence of `stream` says of mails in doubt."""
    query = select(FeedbackCount.day, FeedbackCount.meaning, func.sum(FeedbackCount.events))
    days: dict[date, dict[str, int]] = defaultdict(dict)
    grouped = query.group_by(FeedbackCount.day, FeedbackCount.meaning)
    for day, meaning, events in session.execute(grouped.order_by(FeedbackCount.day.desc(), FeedbackCount.meaning)):
        if events:
            days[day][meaning] = int(events)
    return Stats(
        days=days,
        streams=stream_states(session),
        quarantined=quarantine_size(session),
        doubts=judge(session, stream, wait=uncertain_wait),
    )


def _at(instant: datetime | None) -> str | None:
    return instant.isoformat() if instant else None

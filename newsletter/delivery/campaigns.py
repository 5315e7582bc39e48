"""Campaigns as people deal with them: begin one, look at it, pause it, let it go on, cancel it.

Every verb is one transaction with a conditional UPDATE; workers see it at their next intent, at the latest.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, and_, func, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import aliased

from newsletter.delivery import appointments
from newsletter.delivery.approval import BY_HAND, approval, create, refuse_draft
from newsletter.delivery.books import Books, books
from newsletter.delivery.guarding.alarms import refuse_alarmed
from newsletter.delivery.guarding.state import UNWATCHED, Watch, watch_of
from newsletter.delivery.lifecycle import Event, State, after, sources, target
from newsletter.delivery.models import Campaign, Chunk
from newsletter.delivery.pacing.state import AT_EASE, PaceState, pace_state
from newsletter.errors import NotFound, Refused
from newsletter.issues.models import IssueRevision, IssueRow
from newsletter.issues.queries import lock
from subscribers.models import List

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import RowMapping
    from sqlalchemy.orm import Session

_LATEST = "latest"
_of_the_issue = aliased(IssueRevision)
_NEWEST_REVISION = (
    select(func.max(_of_the_issue.revision)).where(_of_the_issue.issue_id == Campaign.issue_id).scalar_subquery()
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignInfo:
    """A campaign as a person reads it."""

    id: int
    label: str
    list: str
    issue: str
    revision: int
    list_id: int
    revision_id: int
    content_hash: str
    state: State
    state_reason: str
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    scheduled_at: datetime | None = None
    wall_time: str | None = None
    timezone: str | None = None
    local_time: bool | None = None
    held_back: str | None = None
    newest_revision: int = 0
    """Of the issue, finalized or not."""
    is_digest: bool = False
    """Whether its issue is a month's issues in one."""

    @property
    def waits(self) -> bool:
        """Whether its time has not come, or somebody has to say what is to become of it."""
        return self.state is State.SCHEDULED

    @property
    def planned(self) -> bool:
        """Whether its plan is written."""
        return self.started_at is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Where a campaign stands: its books, how fast it goes, how long it still takes."""

    campaign: CampaignInfo
    books: Books
    rate: float
    """Recipients a second since sending last began or went on."""
    eta_seconds: float | None
    """None: it is not sending, or nothing is known yet."""
    pace: PaceState = AT_EASE
    """What holds up all campaigns, of one that is sending."""
    watch: Watch = UNWATCHED

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a person should know though mails may leave."""
        return (*self.pace.warnings, *self.watch.warnings)

    def as_json(self) -> dict[str, Any]:
        """Return the documented form."""
        eta = None if self.eta_seconds is None else round(self.eta_seconds)
        return {
            "campaign": self.campaign.id,
            "list": self.campaign.list,
            "issue": self.campaign.issue,
            "revision": self.campaign.revision,
            **self.books.as_json(),
            "rate": round(self.rate, 1),
            "eta_seconds": eta,
            **({"hold": self.pace.hold.as_json()} if self.pace.hold else {}),
            **({"warnings": list(self.warnings)} if self.warnings else {}),
            **self.watch.as_json(),
            **appointments.as_json(self.campaign),
        }


def begin(
    session: Session, list_id: int, revision: IssueRevision, slug: str, *, token: Callable[[], str], now: datetime
) -> int:
    """Return the campaign that brings this finalized revision to the list; a new one if there is none that counts.

    A second time it is the same campaign: unfinished, to be gone on with; finished, to be reported. One that is
    scheduled does not wait any longer. Raises Refused for a draft, and when the unfinished campaign is of another
    revision.
    """
    refuse_draft(revision, slug)
    lock(session, revision.issue_id)
    alive = select(Campaign).where(
        Campaign.list_id == list_id, Campaign.issue_id == revision.issue_id, Campaign.state != State.CANCELLED
    )
    existing = session.scalar(alive)
    if existing is None:
        try:
            with session.begin_nested():
                return create(session, list_id, revision, slug, token=token, now=now, state=State.PLANNING)
        except IntegrityError:  # somebody began the same at this moment
            existing = session.scalars(alive).one()
    if existing.state == State.SCHEDULED:
        _move(session, existing.id, Event.START, **approval(revision), **BY_HAND)
    elif existing.state != State.SENT and existing.content_hash != revision.content_hash:
        raise Refused(
            f"Campaign {existing.id} is {existing.state} with an earlier revision of issue {slug} than the one that is "
            f"finalized now: `newsletter campaign resume {existing.id}` finishes it as it was approved, "
            f"`newsletter campaign cancel {existing.id}` ends it, and then the new revision can be sent."
        )
    return existing.id


def find(session: Session, reference: str | int) -> CampaignInfo:
    """Return a campaign by its number or label, the newest one (`latest`), or the newest one of an issue.

    Issues are named as `2026-03-13` or `LIST/2026-03-13`. Raises NotFound.
    """
    query = _query()
    if reference == _LATEST:
        query = query.order_by(Campaign.id.desc()).limit(1)
    elif str(reference).isdecimal():
        query = query.where(Campaign.id == int(reference))
    else:
        list_slug, _, issue = str(reference).rpartition("/")
        of_issue = and_(IssueRow.slug == issue, *([List.slug == list_slug] if list_slug else ()))
        query = query.where(or_(Campaign.label == reference, of_issue)).order_by(Campaign.id.desc()).limit(1)
    row = session.execute(query).mappings().one_or_none()
    if row is None and reference == _LATEST:
        raise NotFound("There is no campaign yet: `newsletter campaign send ISSUE` begins one.")
    if row is None:
        raise NotFound(f"There is no campaign “{reference}”: `newsletter campaign list` shows those there are.")
    return _info(row)


def envelope(session: Session, campaign_id: int) -> Mapping[str, Any] | None:
    """Return what `envelopes` kept when the campaign was planned; None before."""
    return session.scalar(select(Campaign.envelope).where(Campaign.id == campaign_id))


def all_campaigns(session: Session) -> Sequence[CampaignInfo]:
    """Return every campaign, the newest first."""
    return [_info(row) for row in session.execute(_query().order_by(Campaign.id.desc())).mappings()]


def progress(session: Session, campaign_id: int, *, now: datetime) -> Progress:
    """Return where a campaign stands. Raises NotFound."""
    info = find(session, campaign_id)
    balance = books(session, campaign_id)
    if info.waits:
        balance = replace(balance, state_reason=appointments.why(info) or balance.state_reason)
    watched = watch_of(session, campaign_id)
    since, before = session.execute(
        select(Campaign.stretch_started_at, Campaign.stretch_pending).where(Campaign.id == campaign_id)
    ).one()
    if since is None or before is None or info.state not in {State.SENDING, State.SENT}:
        return Progress(campaign=info, books=balance, rate=0.0, eta_seconds=None, watch=watched)
    seconds = ((info.finished_at or now) - since).total_seconds()
    rate = (before - balance.pending) / seconds if seconds > 0 else 0.0
    eta = balance.pending / rate if rate > 0 and info.state is State.SENDING else None
    pace = pace_state(session, now) if info.state is State.SENDING else AT_EASE
    return Progress(campaign=info, books=balance, rate=rate, eta_seconds=eta, pace=pace, watch=watched)


def pause(session: Session, campaign_id: int, reason: str = "") -> None:
    """Let no new call begin. Raises Refused where there is nothing to pause."""
    _move(session, campaign_id, Event.PAUSE, state_reason=reason)


def resume(session: Session, campaign_id: int) -> None:
    """Let calls begin again; nothing changes where they may.

    Raises Refused when the campaign has ended, and while an alarm stands.
    """
    if find(session, campaign_id).state in {State.PLANNING, State.SENDING}:
        return  # its process died, or somebody was faster
    refuse_alarmed(session, campaign_id)
    planned = session.scalar(select(Campaign.planned).where(Campaign.id == campaign_id))
    _move(session, campaign_id, Event.REPLAN if planned is None else Event.RESUME, state_reason="")


def cancel(session: Session, campaign_id: int, reason: str, *, now: datetime) -> None:
    """End the campaign: no new call begins, ever. Raises Refused when it has ended already."""
    _move(session, campaign_id, Event.CANCEL, state_reason=reason, finished_at=now)


def begin_stretch(session: Session, campaign_id: int, *, now: datetime) -> None:
    """Note that sending goes on from here: what the rate is measured from."""
    pending = select(func.coalesce(func.sum(Chunk.remaining), 0)).where(Chunk.campaign_id == campaign_id)
    session.execute(
        update(Campaign)
        .where(Campaign.id == campaign_id, Campaign.state == State.SENDING)
        .values(stretch_started_at=now, stretch_pending=pending.scalar_subquery())
    )


def _move(session: Session, campaign_id: int, event: Event, **values: object) -> None:
    statement = (
        update(Campaign)
        .where(Campaign.id == campaign_id, Campaign.state.in_(sources(event)))
        .values(state=target(event), **values)
    )
    if session.connection().execute(statement).rowcount == 0:
        after(find(session, campaign_id).state, event)  # says why not


def _query() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Campaign.id,
            Campaign.label,
            List.slug.label("list"),
            IssueRow.slug.label("issue"),
            IssueRevision.revision,
            Campaign.list_id,
            Campaign.revision_id,
            Campaign.content_hash,
            Campaign.state,
            Campaign.state_reason,
            Campaign.created_at,
            Campaign.started_at,
            Campaign.finished_at,
            Campaign.scheduled_at,
            Campaign.wall_time,
            Campaign.timezone,
            Campaign.local_time,
            Campaign.held_back,
            _NEWEST_REVISION.label("newest_revision"),
            IssueRow.digest_month.is_not(None).label("is_digest"),
        )
        .join(List, List.id == Campaign.list_id)
        .join(IssueRow, IssueRow.id == Campaign.issue_id)
        .join(IssueRevision, IssueRevision.id == Campaign.revision_id)
    )


def _info(row: RowMapping) -> CampaignInfo:
    return CampaignInfo(**{**row, "state": State(row["state"])})

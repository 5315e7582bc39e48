"""Run a campaign to its end in this process: plan it if need be, send, finish. May be killed and run again at will."""

from __future__ import annotations

import secrets
import time
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache, partial
from hashlib import sha256
from random import SystemRandom
from threading import Event
from typing import TYPE_CHECKING

from newsletter.delivery import campaigns
from newsletter.delivery.books import Books, books, finish
from newsletter.delivery.claims import Claims
from newsletter.delivery.dispatch import close_cancelled, dispatch
from newsletter.delivery.ledger import Ledger
from newsletter.delivery.lifecycle import State
from newsletter.delivery.models import VariantRow
from newsletter.delivery.patience import Limits, Patience
from newsletter.delivery.plan import Variant
from newsletter.delivery.planning import CHUNK_SIZE, write_plan
from newsletter.delivery.sole_sender import sole_sender
from newsletter.delivery.work import Job, Means
from newsletter.errors import Refused, StopCampaign
from newsletter.issues.models import IssueRevision

if TYPE_CHECKING:
    from collections.abc import Callable

    from newsletter.delivery.campaigns import CampaignInfo
    from newsletter.delivery.mails import Mails
    from newsletter.delivery.transport import Transport
    from newsletter.personalization.message import Prepared
    from subscribers.clock import Clock
    from subscribers.database import Database


@dataclass(frozen=True, kw_only=True)
class Sender:
    """Sends the campaigns of one database through one transport."""

    database: Database
    clock: Clock
    transport: Transport
    mails: Callable[[CampaignInfo], Mails]
    """Opens the frozen issue of a campaign."""
    claim_seconds: float = 120.0
    chunk_size: int = CHUNK_SIZE
    limits: Limits = field(default_factory=Limits)
    wait: Callable[[float], bool] = field(default_factory=lambda: Event().wait)
    """Waits that many seconds; returns whether to stop, at once when it is so. `Event.wait`, and `set` to stop."""
    timer: Callable[[], float] = time.monotonic
    token: Callable[[], str] = secrets.token_hex
    random: Callable[[], float] = SystemRandom().random

    def run(self, campaign_id: int, progress: Callable[[int, int], None] = lambda _done, _planned: None) -> Books:
        """Send the campaign until its end, or until it is paused or cancelled; return its books.

        `progress` is told (recipients with an outcome, planned). Where the transport says that nothing can go out, the
        campaign is paused and the books say why. Raises Refused when the campaign is paused, when its issue is not
        what was approved, and when another process is sending from this SQLite database.
        """
        if self._may_run(campaign_id) is State.SENT:
            return self.books(campaign_id)
        with sole_sender(self.database):
            if self._may_run(campaign_id) is not State.CANCELLED:
                self._send(self._find(campaign_id), progress)
            self._sweep(campaign_id, progress)
            return self.books(campaign_id)

    def books(self, campaign_id: int) -> Books:
        """Return the balance of a campaign. Raises NotFound."""
        with self.database.read() as session:
            return books(session, campaign_id)

    def _may_run(self, campaign_id: int) -> State:
        """Return the state of the campaign. Raises Refused when it is paused: letting it go on is a word of its own."""
        info = self._find(campaign_id)
        if info.state is State.PAUSED:
            raise Refused(
                f"Campaign {campaign_id} is paused{f' ({info.state_reason})' if info.state_reason else ''}: "
                f"`newsletter campaign resume {campaign_id}` lets it go on."
            )
        return info.state

    def _send(self, info: CampaignInfo, progress: Callable[[int, int], None]) -> None:
        mails = self._frozen(info)
        if info.state is State.PLANNING:
            write_plan(self.database, info.id, mails.choose, now=self.clock(), chunk_size=self.chunk_size)
        means = self._means(info)
        with self.database.write() as session:
            campaigns.begin_stretch(session, info.id, now=self.clock())
        try:
            dispatch(means, self._job(info, progress, mails))
        except StopCampaign as stop:
            with self.database.write() as session, suppress(Refused):  # somebody else stopped it first
                campaigns.pause(session, info.id, str(stop))
        with self.database.write() as session:
            finish(session, info.id, now=self.clock())

    def _sweep(self, campaign_id: int, progress: Callable[[int, int], None]) -> None:
        """Close the books of a campaign that was cancelled, be it while it was being sent here."""
        info = self._find(campaign_id)
        if info.state is State.CANCELLED:
            close_cancelled(self._means(info), self._job(info, progress, None))

    def _means(self, info: CampaignInfo) -> Means:
        claims = Claims(self.database, self.token, self.claim_seconds)
        if self.database.is_sqlite:
            claims.release_all(info.id)  # we are the sole sender: whoever held a claim is dead
        patience = Patience(self.limits, self.random)
        return Means(
            claims=claims,
            ledger=Ledger(self.database, self.claim_seconds),
            transport=self.transport,
            patience=patience,
            clock=self.clock,
            timer=self.timer,
            wait=self.wait,
        )

    def _job(self, info: CampaignInfo, progress: Callable[[int, int], None], mails: Mails | None) -> Job:
        """Return what the workers need; `mails` None where nothing will be sent."""
        balance = self.books(info.id)
        settled = balance.settled
        variant = lru_cache(maxsize=16)(partial(self._variant, info.id))

        def report(more: int) -> None:
            nonlocal settled
            settled += more
            progress(settled, balance.planned)

        def prepare(variant_no: int) -> Prepared:
            if mails is None:
                raise ValueError("a campaign that was cancelled sends nothing")
            return mails.prepared(variant(variant_no))

        return Job(campaign_id=info.id, list_id=info.list_id, label=info.label, prepare=prepare, progress=report)

    def _variant(self, campaign_id: int, variant_no: int) -> Variant:
        with self.database.read() as session:
            row = session.get_one(VariantRow, (campaign_id, variant_no))
            return Variant(row.language, row.content_language, tuple(row.items))

    def _frozen(self, info: CampaignInfo) -> Mails:
        """Open the issue after seeing that it is, byte for byte, what was approved."""
        with self.database.read() as session:
            revision = session.get_one(IssueRevision, info.revision_id)
        if sha256(revision.content.encode()).hexdigest() != info.content_hash:
            raise Refused(
                f"The content of issue {info.issue} (revision {info.revision}) is not what was approved for campaign "
                f"{info.id}: nothing was sent. Finalize the issue again and begin a new campaign."
            )
        return self.mails(info)

    def _find(self, campaign_id: int) -> CampaignInfo:
        with self.database.read() as session:
            return campaigns.find(session, campaign_id)

"""Run campaigns in this process: plan, send, finish; all of one, or the one step that a job names.

May be killed and run again at will, and by as many processes at once as the database allows.
"""

from __future__ import annotations

import logging
import secrets
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from random import SystemRandom
from threading import Event, Lock, Thread, local
from typing import TYPE_CHECKING

from newsletter.delivery import campaigns
from newsletter.delivery.books import Books, books, finish
from newsletter.delivery.claims import Claims
from newsletter.delivery.crew import crew
from newsletter.delivery.dispatch import claim_next, close_cancelled, dispatch, send_chunk
from newsletter.delivery.guarding.alarms import refuse_alarmed
from newsletter.delivery.ledger import Ledger
from newsletter.delivery.lifecycle import State
from newsletter.delivery.means import Job, Means
from newsletter.delivery.outages import Outages
from newsletter.delivery.pace import Unpaced
from newsletter.delivery.patience import Limits, Patience
from newsletter.delivery.planning import CHUNK_SIZE, all_at_once, write_plan
from newsletter.delivery.receipts import settle_filed
from newsletter.delivery.sole_sender import sole_sender
from newsletter.delivery.variants import Variants
from newsletter.errors import Refused, StopCampaign
from newsletter.issues.models import IssueRevision

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from newsletter.delivery.campaigns import CampaignInfo
    from newsletter.delivery.evidence import Feedback
    from newsletter.delivery.guarding.guard import Guard
    from newsletter.delivery.mails import Mails
    from newsletter.delivery.pace import Pace
    from newsletter.delivery.transport import Transport
    from subscribers.clock import Clock
    from subscribers.database import Database

_log = logging.getLogger(__name__)

_GUARDED_EVERY = 1.0
"""Seconds between two looks of a guard."""
_LISTENED_EVERY = 1.0
"""Seconds between two looks at what has come back."""


def watch_over(guard: Guard, feedback: Feedback | None, over: Event) -> None:
    """Have a guard look every second; while it has something to look at, see that somebody hears what comes back."""
    while not over.wait(_GUARDED_EVERY):
        try:
            if guard.watch() and feedback is not None:
                feedback.stand_in()
        except Exception:  # noqa: BLE001 - a defect here must not end the watching
            _log.exception("The guard fell over; it looks again.")


def _nobody(_done: int, _planned: int) -> None:
    """Tell nobody how far it is."""


@dataclass(frozen=True, kw_only=True)
class Sender:
    """Sends the campaigns of one database through one transport. Its methods may be called from several threads."""

    database: Database
    clock: Clock
    transport: Transport
    mails: Callable[[CampaignInfo], Mails]
    """Opens the frozen issue of a campaign."""
    pace: Pace = field(default_factory=Unpaced)
    feedback: Feedback | None = None
    """What says of mails in doubt whether they went; None: nothing does, and they are left for a person."""
    guard: Guard | None = None
    """What stops campaigns that do harm; None: nobody watches."""
    claim_seconds: float = 120.0
    chunk_size: int = CHUNK_SIZE
    concurrency: int = 1
    """Chunks that are worked on side by side."""
    limits: Limits = field(default_factory=Limits)
    wait: Callable[[float], bool] = field(default_factory=lambda: Event().wait)
    """Waits that many seconds; returns whether to stop, at once when it is so. `Event.wait`, and `set` to stop."""
    timer: Callable[[], float] = time.monotonic
    token: Callable[[], str] = secrets.token_hex
    random: Callable[[], float] = SystemRandom().random
    variants: Variants = field(init=False)
    _watching: local = field(init=False, default_factory=local)

    def __post_init__(self) -> None:
        """Keep what the chunks of a campaign have in common."""
        object.__setattr__(self, "variants", Variants(self.database, self._frozen))

    def run(self, campaign_id: int, progress: Callable[[int, int], None] = _nobody) -> Books:
        """Send the campaign until its end, or until it is paused or cancelled; return its books.

        `progress` is told (recipients with an outcome, planned). Where the transport says that nothing can go out, the
        campaign is paused and the books say why. Raises Refused when the campaign is paused or not yet due, when its
        issue is not what was approved, and when another process is sending from this SQLite database.
        """
        if self._may_run(campaign_id) is State.SENT:
            return self.books(campaign_id)
        with sole_sender(self.database):
            self.take_over()
            if self._may_run(campaign_id) is not State.CANCELLED:
                self._send(campaign_id, progress)
            return self.wind_up(campaign_id, progress)

    def plan(self, campaign_id: int) -> None:
        """Write the plan of a campaign that is planning; nothing happens where there is nothing to plan (any more)."""
        info = self._find(campaign_id)
        if info.state is not State.PLANNING:
            return
        mails = self._frozen(info)
        write_plan(
            self.database,
            campaign_id,
            mails.choose,
            now=self.clock(),
            chunk_size=self.chunk_size,
            envelope=mails.snapshot(),
            first_wave=self.guard.first_wave if self.guard else all_at_once,
        )

    def send_chunk(self, campaign_id: int, chunk_no: int) -> None:
        """Bring that chunk as far as it goes, if nobody works on it and the campaign is sending.

        What stops the campaign pauses it. Raises Hold when the quota says to wait.
        """
        info = self._find(campaign_id)
        if info.state is not State.SENDING:
            return
        means = self._means(campaign_id)
        job = self._job(info, lambda _more: None)
        claim = claim_next(means, job, State.SENDING, chunk_no)
        if claim is not None:
            with self._pausing(campaign_id):
                send_chunk(means, job, claim)

    def wind_up(self, campaign_id: int, progress: Callable[[int, int], None] = _nobody) -> Books:
        """End a campaign of which nobody is pending, close the books of one that was cancelled; return its books.

        With a feedback stream a campaign does not end while somebody is in doubt.
        """
        info = self._find(campaign_id)
        if info.state is State.CANCELLED:
            close_cancelled(self._means(campaign_id), self._job(info, self._reporting(campaign_id, progress)))
        else:
            with self.database.write() as session:
                settle_filed(session, campaign_id)
                finish(session, campaign_id, now=self.clock(), awaiting_evidence=self.feedback is not None)
        return self.books(campaign_id)

    def take_over(self) -> None:
        """As the sole sender of a SQLite database, free all chunks: whoever held a claim is dead."""
        if self.database.is_sqlite:
            Claims(self.database, self.token, self.claim_seconds).release_all()

    def books(self, campaign_id: int) -> Books:
        """Return the balance of a campaign. Raises NotFound."""
        with self.database.read() as session:
            return books(session, campaign_id)

    def _may_run(self, campaign_id: int) -> State:
        """Return the state of the campaign. Raises Refused when it is paused: letting it go on is a word of its own."""
        info = self._find(campaign_id)
        if info.state is State.PAUSED:
            with self.database.read() as session:
                refuse_alarmed(session, campaign_id)
            raise Refused(
                f"Campaign {campaign_id} is paused{f' ({info.state_reason})' if info.state_reason else ''}: "
                f"`newsletter campaign resume {campaign_id}` lets it go on."
            )
        return info.state

    def _send(self, campaign_id: int, progress: Callable[[int, int], None]) -> None:
        """Plan and send; then wait for what settles those in doubt, and send to those who certainly got nothing."""
        self.plan(campaign_id)
        self.variants.open(self._find(campaign_id))
        report = self._reporting(campaign_id, progress)
        with self.database.write() as session:
            campaigns.begin_stretch(session, campaign_id, now=self.clock())
        lasting = Outages(self.wait).over
        while True:
            self._dispatch(campaign_id, report)
            if not lasting(lambda: self._in_doubt(campaign_id)) or self.wait(_LISTENED_EVERY):
                return

    def _dispatch(self, campaign_id: int, report: Callable[[int], None]) -> None:
        job = self._job(self._find(campaign_id), report)
        with self._pausing(campaign_id), self._guarding():
            crew(self.concurrency, lambda: dispatch(self._means(campaign_id), job))

    def _in_doubt(self, campaign_id: int) -> bool:
        """Take in what has come back; return whether the campaign goes on until somebody's doubt is settled."""
        if self.feedback is None:
            return False
        self.feedback.listen()
        balance = self.wind_up(campaign_id)
        if balance.uncertain:
            _log.info("Campaign %s waits to hear of %s mails in doubt.", campaign_id, balance.uncertain)
        return balance.state is State.SENDING and bool(balance.uncertain or balance.pending)

    @contextmanager
    def _guarding(self) -> Iterator[None]:
        """Take in what comes back meanwhile, and have it watched."""
        if self.guard is None:
            yield
            return
        over = Event()
        watching = Thread(target=watch_over, args=(self.guard, self.feedback, over), name="guard", daemon=True)
        watching.start()
        try:
            yield
        finally:
            over.set()
            watching.join()

    @contextmanager
    def _pausing(self, campaign_id: int) -> Iterator[None]:
        """Pause the campaign where nothing can go out until a person acts."""
        try:
            yield
        except StopCampaign as stop:
            Outages(self.wait).over(partial(self._pause, campaign_id, str(stop)))

    def _pause(self, campaign_id: int, reason: str) -> None:
        with self.database.write() as session, suppress(Refused):  # somebody else stopped it first
            campaigns.pause(session, campaign_id, reason)

    def _patience(self, campaign_id: int) -> Patience:
        """Return what watches this thread's calls for a campaign: in a row means from one chunk to the next, too."""
        known: dict[str, Patience] = self._watching.__dict__
        return known.setdefault(str(campaign_id), Patience(self.limits, self.random))

    def _means(self, campaign_id: int) -> Means:
        return Means(
            claims=Claims(self.database, self.token, self.claim_seconds),
            ledger=Ledger(self.database, self.claim_seconds),
            transport=self.transport,
            patience=self._patience(campaign_id),
            pace=self.pace,
            outages=Outages(self.wait),
            clock=self.clock,
            timer=self.timer,
            wait=self.wait,
        )

    def _job(self, info: CampaignInfo, report: Callable[[int], None]) -> Job:
        prepare = partial(self.variants.prepared, info)
        return Job(campaign_id=info.id, list_id=info.list_id, label=info.label, prepare=prepare, progress=report)

    def _reporting(self, campaign_id: int, progress: Callable[[int, int], None]) -> Callable[[int], None]:
        """Return what is told how many more have an outcome, by any thread."""
        balance = self.books(campaign_id)
        settled, lock = balance.settled, Lock()

        def report(more: int) -> None:
            nonlocal settled
            with lock:
                settled += more
                progress(settled, balance.planned)

        return report

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

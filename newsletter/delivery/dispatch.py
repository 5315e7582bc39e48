"""The loop of a worker: claim a chunk, work it off, until none is left."""

from __future__ import annotations

import logging
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from newsletter.delivery.ledger import LostClaim
from newsletter.delivery.lifecycle import State
from newsletter.delivery.plan import Skip
from newsletter.delivery.work import ChunkWork
from newsletter.errors import Hold

if TYPE_CHECKING:
    from collections.abc import Iterator

    from newsletter.delivery.claims import Claim
    from newsletter.delivery.means import Job, Means

_log = logging.getLogger(__name__)

_POLL_SECONDS = 1.0
_HELD_SECONDS = 15.0
"""A quota can be raised, and room can come back sooner than was thought."""


def dispatch(means: Means, job: Job) -> None:
    """Send until no chunk is left, the campaign is not sending any more, or the worker is to stop.

    Waits for chunks that other workers have, for those that were put off, and for the quota. Raises StopCampaign.
    """
    while not means.wait(0):
        claim = claim_next(means, job, State.SENDING)
        if claim is not None:
            try:
                send_chunk(means, job, claim)
            except Hold as hold:
                _log.warning("Campaign %s waits until %s: %s", job.campaign_id, f"{hold.until:%H:%M} UTC", hold)
                if means.wait(min(_HELD_SECONDS, max(0.0, (hold.until - means.clock()).total_seconds()))):
                    return
        elif not means.outages.over(lambda: means.claims.unfinished(job.campaign_id)) or means.wait(_POLL_SECONDS):
            return


def claim_next(means: Means, job: Job, state: State, chunk_no: int | None = None) -> Claim | None:
    """Claim a chunk of a campaign in `state`, the given one or the next that is free."""
    token = means.claims.token()
    return means.outages.over(
        lambda: means.claims.claim(job.campaign_id, state, now=means.clock(), token=token, chunk_no=chunk_no),
        done=lambda: means.claims.held(job.campaign_id, token),
    )


def send_chunk(means: Means, job: Job, claim: Claim) -> None:
    """Bring one claimed chunk as far as it goes, and give it back. Raises StopCampaign, and Hold."""
    work = ChunkWork(means, job, claim)
    try:
        with _giving_back(means, claim):
            work.settle()
            work.send()
    except LostClaim:
        _log.warning("Chunk %s of campaign %s was taken over by another worker.", claim.chunk_no, job.campaign_id)


def close_cancelled(means: Means, job: Job) -> None:
    """Work off a cancelled campaign: settle what is in doubt, and write that everybody else was skipped."""
    while (claim := claim_next(means, job, State.CANCELLED)) is not None:
        work = ChunkWork(means, job, claim)
        with suppress(LostClaim), _giving_back(means, claim):
            work.settle()
            work.skip(Skip.CANCELLED)


@contextmanager
def _giving_back(means: Means, claim: Claim) -> Iterator[None]:
    try:
        yield
    finally:
        means.outages.over(lambda: means.claims.release(claim))

"""The loop of a worker: claim a chunk, work it off, until none is left."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from newsletter.delivery.ledger import LostClaim
from newsletter.delivery.lifecycle import State
from newsletter.delivery.plan import Skip
from newsletter.delivery.work import ChunkWork

if TYPE_CHECKING:
    from newsletter.delivery.claims import Claim
    from newsletter.delivery.work import Job, Means

_log = logging.getLogger(__name__)

_POLL_SECONDS = 1.0


def dispatch(means: Means, job: Job) -> None:
    """Send until no chunk is left, the campaign is not sending any more, or the worker is to stop.

    Waits for chunks that other workers have and for those that were put off. Raises StopCampaign.
    """
    while not means.wait(0):
        claim = means.claims.claim(job.campaign_id, State.SENDING, now=means.clock())
        if claim is not None:
            send_chunk(means, job, claim)
        elif not means.claims.unfinished(job.campaign_id) or means.wait(_POLL_SECONDS):
            return


def send_chunk(means: Means, job: Job, claim: Claim) -> None:
    """Bring one claimed chunk as far as it goes, and give it back. Raises StopCampaign."""
    work = ChunkWork(means, job, claim)
    try:
        work.settle()
        work.send()
    except LostClaim:
        _log.warning("Chunk %s of campaign %s was taken over by another worker.", claim.chunk_no, job.campaign_id)
    finally:
        means.claims.release(claim)


def close_cancelled(means: Means, job: Job) -> None:
    """Work off a cancelled campaign: settle what is in doubt, and write that everybody else was skipped."""
    while (claim := means.claims.claim(job.campaign_id, State.CANCELLED, now=means.clock())) is not None:
        work = ChunkWork(means, job, claim)
        try:
            work.settle()
            work.skip(Skip.CANCELLED)
        except LostClaim:
            continue
        finally:
            means.claims.release(claim)

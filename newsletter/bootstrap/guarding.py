"""What watches over the reputation while campaigns send."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import timedelta
from functools import partial
from threading import Event
from typing import TYPE_CHECKING

from newsletter.bootstrap.pacing import pace
from newsletter.delivery import campaigns
from newsletter.delivery.envelopes import new_envelope
from newsletter.delivery.guarding.telling import tell_admins
from newsletter.feedback.reputation.judging import Limits
from newsletter.feedback.reputation.watching import ReputationGuard, outlook
from subscribers.lists import ListStore

if TYPE_CHECKING:
    from newsletter.bootstrap.installation import Newsletter
    from newsletter.delivery.campaigns import Progress
    from newsletter.delivery.guarding.models import Alarm
    from newsletter.delivery.transport import Transport
    from newsletter.settings import Settings

_log = logging.getLogger(__name__)

DEAF = (
    "NEWSLETTER_SES_EVENTS_QUEUE_URL is not set, so bounces and complaints are not heard of: nobody watches over the "
    "reputation, and campaigns have no first wave."
)


def guard(newsletter: Newsletter, transport: Transport) -> ReputationGuard | None:
    """Return what watches over campaigns that go through SES; None where nothing comes back, or nobody wants it."""
    settings = newsletter.settings
    if not _wanted(settings):
        return None
    if not settings.ses_events_queue_url:
        _log.warning(DEAF)
        return None
    return ReputationGuard(
        database=newsletter.database,
        clock=newsletter.clock,
        limits=_limits(settings),
        share=settings.first_wave / 100,
        wait=timedelta(seconds=settings.first_wave_wait),
        tell=partial(_tell, newsletter, transport),
    )


def with_warnings(newsletter: Newsletter, found: Progress) -> Progress:
    """Return how a campaign stands, with what a person should know of its reputation."""
    settings = newsletter.settings
    if not _wanted(settings) or not found.campaign.planned:
        return found
    if settings.ses_events_queue_url:
        with newsletter.database.read() as session:
            warnings = outlook(session, found.campaign.id, _limits(settings))
    else:
        warnings = (DEAF,)
    return replace(found, watch=replace(found.watch, warnings=warnings))


def _wanted(settings: Settings) -> bool:
    return settings.reputation_guard and settings.transport == "ses"


def _limits(settings: Settings) -> Limits:
    return Limits(settings.bounce_limit / 100, settings.complaint_limit / 100)


def _tell(newsletter: Newsletter, transport: Transport, alarm: Alarm) -> bool:
    settings = newsletter.settings
    if not settings.admins:
        _log.warning("NEWSLETTER_ADMINS is not set: nobody is written to about the alarm.")
        return True
    with newsletter.database.read() as session:
        info = campaigns.find(session, alarm.campaign_id)
        publication = ListStore(session).by_id(info.list_id)
    return tell_admins(
        alarm,
        info,
        settings.admins,
        envelope=new_envelope(publication, settings.public_url, newsletter.signer(), info.id),
        transport=transport,
        pace=pace(newsletter, "preview"),
        now=newsletter.now(),
        wait=Event().wait,
    )

"""What makes mails, and what sends them."""

from __future__ import annotations

from contextlib import contextmanager
from functools import partial
from threading import Event
from typing import TYPE_CHECKING

from newsletter.bootstrap.feedback import listener
from newsletter.bootstrap.guarding import guard
from newsletter.bootstrap.pacing import pace
from newsletter.delivery import campaigns
from newsletter.delivery.envelopes import new_envelope, restored
from newsletter.delivery.mails import Mails
from newsletter.delivery.receipts import proven
from newsletter.delivery.sending import Sender
from newsletter.issues import queries
from newsletter.rendering.catalogs import catalog_languages
from newsletter.rendering.edition import compile_edition
from newsletter.scheduling.expected import expected_later
from subscribers.lists import ListStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from newsletter.bootstrap.installation import Newsletter
    from newsletter.delivery.campaigns import CampaignInfo
    from newsletter.delivery.transport import Transport
    from newsletter.issues.model import Issue
    from newsletter.personalization.message import Envelope
    from newsletter.rendering.edition import Edition
    from subscribers.publication import Publication

_NO_CAMPAIGN = 0
_FEWEST_CONNECTIONS = 10
"""To SES: raw mails of one call go side by side."""


@contextmanager
def sender(newsletter: Newsletter, wait: Callable[[float], bool] | None = None) -> Iterator[Sender]:
    """Yield what runs campaigns. `wait`: waits that many seconds and returns whether to stop."""
    settings, waiting = newsletter.settings, wait or Event().wait
    with transport(newsletter) as outward, listener(newsletter, waiting) as feedback:
        yield Sender(
            database=newsletter.database,
            clock=newsletter.clock,
            transport=outward,
            mails=partial(campaign_mails, newsletter),
            pace=pace(newsletter, reserved_for_later=expected_later),
            feedback=feedback if settings.transport == "ses" else None,
            guard=guard(newsletter, outward),
            claim_seconds=settings.claim_seconds,
            chunk_size=settings.chunk_size,
            concurrency=settings.concurrency,
            wait=waiting,
        )


@contextmanager
def transport(newsletter: Newsletter) -> Iterator[Transport]:
    """Yield the way out that the settings name, and give its connections back at the end."""
    outward = open_transport(newsletter)
    try:
        yield outward
    finally:
        outward.close()


def open_transport(newsletter: Newsletter) -> Transport:
    """Return the way out that the settings name; whoever asks for it closes it. Raises FixConfiguration."""
    newsletter.settings.refuse_to_reach_people()
    return _TRANSPORTS[newsletter.settings.transport](newsletter)


def campaign_mails(newsletter: Newsletter, campaign: CampaignInfo) -> Mails:
    """Open the frozen issue of a campaign."""
    with newsletter.database.read() as session:
        publication = ListStore(session).by_id(campaign.list_id)
        issue = queries.by_revision(session, campaign.revision_id).issue
        as_planned = campaigns.envelope(session, campaign.id)
    signer = newsletter.signer()
    if as_planned is not None:
        return mails_of(issue, restored(as_planned, signer, campaign.id))
    return mails_of(issue, new_envelope(publication, newsletter.settings.public_url, signer, campaign.id))


def mails(newsletter: Newsletter, issue: Issue, publication: Publication) -> Mails:
    """Open an issue for looking at it and trying it out: its links change nothing."""
    return mails_of(issue, new_envelope(publication, newsletter.settings.public_url, newsletter.signer(), _NO_CAMPAIGN))


def mails_of(issue: Issue, envelope: Envelope) -> Mails:
    """Return the mails of an issue that say this beside the content."""

    def compiled(content_language: str, language: str) -> Edition:
        return compile_edition(issue, envelope.publication, content_language=content_language, language=language)

    return Mails(issue, envelope, catalogs=catalog_languages(), compile_edition=compiled)


def _outbox(newsletter: Newsletter) -> Transport:
    from newsletter.delivery.outbox import Outbox  # noqa: PLC0415 - one transport is needed, not three

    return Outbox(newsletter.settings.outbox_dir)


def _smtp(newsletter: Newsletter) -> Transport:
    from newsletter.delivery.smtp import Smtp  # noqa: PLC0415 - likewise
    from newsletter.delivery.smtp_session import SmtpSettings  # noqa: PLC0415 - likewise

    settings = newsletter.settings
    return Smtp(
        SmtpSettings(
            host=settings.smtp_host,
            port=settings.smtp_port,
            security=settings.smtp_security,
            user=settings.smtp_user,
            password=settings.smtp_password,
            timeout=settings.call_timeout,
        )
    )


def _ses(newsletter: Newsletter) -> Transport:
    from newsletter.delivery.ses import Method, Ses, SesSettings  # noqa: PLC0415 - boto3 takes a third of a second

    def receipts(delivery_ids: Sequence[str]) -> Mapping[str, str]:
        with newsletter.database.read() as session:
            return proven(session, delivery_ids)

    settings = newsletter.settings
    return Ses(
        SesSettings(
            configuration_set=settings.ses_configuration_set,
            method=Method(settings.ses_method),
            timeout=settings.call_timeout,
            connections=max(_FEWEST_CONNECTIONS, settings.concurrency),
        ),
        receipts,
    )


_TRANSPORTS: dict[str, Callable[[Newsletter], Transport]] = {"outbox": _outbox, "smtp": _smtp, "ses": _ses}

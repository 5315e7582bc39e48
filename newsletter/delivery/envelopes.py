"""What a campaign's mails say beside the content, kept with the campaign: they can be made again whatever changes.

The list as it was, the address that links lead to, and which of the secrets signed them (by its id, never itself).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from newsletter.personalization.links import Links
from newsletter.personalization.message import Envelope
from subscribers.lists import from_snapshot, snapshot

if TYPE_CHECKING:
    from collections.abc import Mapping

    from subscribers.publication import Publication
    from subscribers.tokens import Signer


def new_envelope(publication: Publication, public_url: str, signer: Signer, campaign_id: int) -> Envelope:
    """Return the envelope of a campaign's mails; `campaign_id` 0: of mails of no campaign."""
    links = Links(public_url, signer, publication.id, campaign_id)
    return Envelope(publication=publication, links=links, campaign_ref=f"c{campaign_id}" if campaign_id else "test")


def kept(envelope: Envelope) -> dict[str, Any]:
    """Return what is kept of it, as JSON."""
    return {
        "publication": snapshot(envelope.publication),
        "public_url": envelope.links.public_url,
        "key": envelope.links.signer.key_id,
    }


def restored(what: Mapping[str, Any], signer: Signer, campaign_id: int) -> Envelope:
    """Return the envelope that `kept` was made of; links of a secret that is no longer known are signed by another."""
    return new_envelope(
        from_snapshot(what["publication"]), what["public_url"], signer.preferring(what["key"]), campaign_id
    )

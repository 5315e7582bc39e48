"""The public addresses of a mail, one set per recipient: seen again in a browser, preferences, and out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from newsletter.errors import FixConfiguration

if TYPE_CHECKING:
    from subscribers.tokens import Signer

VIEW = "view"
"""Purpose of a token with (campaign, subscriber)."""

PREFERENCES = "preferences"
"""Purpose of a token with (list, subscriber)."""

UNSUBSCRIBE = "unsubscribe"
"""Purpose of a token with (list, campaign, subscriber)."""

_URL = re.compile(r"https?://[A-Za-z0-9._-]+(:[0-9]+)?(/[A-Za-z0-9._~/-]*)?")


@dataclass(frozen=True, slots=True)
class Links:
    """Makes the links of one campaign's mails. They hold a fixed alphabet only: nothing in them needs escaping.

    `campaign_id` is 0 in a preview, a test or anything else that is no campaign.
    """

    public_url: str
    """Without a slash at the end."""
    signer: Signer
    list_id: int
    campaign_id: int

    def __post_init__(self) -> None:
        """Refuse, with `FixConfiguration`, a public URL that cannot stand in a mail."""
        if not _URL.fullmatch(self.public_url):
            raise FixConfiguration(
                f"The public URL {self.public_url!r} cannot stand in a mail: set NEWSLETTER_PUBLIC_URL to something "
                "like https://news.example.org (plain letters, no user, query or fragment)."
            )

    @property
    def one_click(self) -> bool:
        """Whether mail programs may unsubscribe with one click: RFC 8058 (3.1) asks for HTTPS."""
        return self.public_url.startswith("https://")

    def base(self, purpose: str) -> str:
        """Return what stands before the token."""
        return f"{self.public_url.rstrip('/')}/{purpose}/"

    def view_token(self, subscriber_id: int) -> str:
        """Return the token that shows this subscriber's mail again."""
        return self.signer.sign(VIEW, self.campaign_id, subscriber_id)

    def preferences_token(self, subscriber_id: int) -> str:
        """Return the token that opens this subscriber's preferences for the list."""
        return self.signer.sign(PREFERENCES, self.list_id, subscriber_id)

    def unsubscribe_token(self, subscriber_id: int) -> str:
        """Return the token that ends this subscriber's subscription, and says of which mail it was used."""
        return self.signer.sign(UNSUBSCRIBE, self.list_id, self.campaign_id, subscriber_id)

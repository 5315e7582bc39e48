"""The public addresses of a mail, one set per recipient: seen again in a browser, preferences, and out."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from newsletter.errors import FixConfiguration

if TYPE_CHECKING:
    from collections.abc import Callable

    from subscribers.tokens import Signer

VIEW = "view"
"""Purpose of a token with (campaign, subscriber)."""

PREFERENCES = "preferences"
"""Purpose of a token with (list, subscriber)."""

UNSUBSCRIBE = "unsubscribe"
"""Purpose of a token with (list, campaign, subscriber)."""

CONFIRM = "confirm"
"""Purpose of a token with (confirmation): the one link that is not about a subscription but about a request."""

_URL = re.compile(r"https?://[A-Za-z0-9._-]+(:[0-9]+)?(/[A-Za-z0-9._~/-]*)?")


@dataclass(frozen=True, slots=True)
class Links:
    """Makes the links of one campaign's mails. They hold a fixed alphabet only: nothing in them needs escaping.

    `campaign_id` is 0 in a preview, a test or anything else that is no campaign.
    """

    public_url: str
    signer: Signer
    list_id: int
    campaign_id: int
    view_token: Callable[[int], bytes] = field(init=False, repr=False, compare=False)
    """Of a subscriber's id: the token, in ASCII, that shows their mail again."""
    preferences_token: Callable[[int], bytes] = field(init=False, repr=False, compare=False)
    """Opens their preferences for the list."""
    unsubscribe_token: Callable[[int], bytes] = field(init=False, repr=False, compare=False)
    """Ends their subscription, and says by which mail."""

    def __post_init__(self) -> None:
        """Refuse, with `FixConfiguration`, a public URL that cannot stand in a mail."""
        if not _URL.fullmatch(self.public_url):
            raise FixConfiguration(
                f"The public URL {self.public_url!r} cannot stand in a mail: set NEWSLETTER_PUBLIC_URL to something "
                "like https://news.example.org (plain letters, no user, query or fragment)."
            )
        series = self.signer.series
        object.__setattr__(self, "view_token", series(VIEW, self.campaign_id))
        object.__setattr__(self, "preferences_token", series(PREFERENCES, self.list_id))
        object.__setattr__(self, "unsubscribe_token", series(UNSUBSCRIBE, self.list_id, self.campaign_id))

    @property
    def one_click(self) -> bool:
        """Whether mail programs may unsubscribe with one click: RFC 8058 (3.1) asks for HTTPS."""
        return self.public_url.startswith("https://")

    def base(self, purpose: str) -> str:
        """Return what stands before the token."""
        return f"{self.public_url.rstrip('/')}/{purpose}/"

    def confirmation(self, confirmation_id: int) -> str:
        """Return the address of the page that confirms that request; the page, not the visit, confirms."""
        return self.base(CONFIRM) + self.signer.sign(CONFIRM, confirmation_id)

    def urls(self, subscriber_id: int) -> dict[str, str]:
        """Return the three links of this subscriber, by slot."""
        tokens = (self.view_token, self.preferences_token, self.unsubscribe_token)
        return {
            f"{purpose}_url": self.base(purpose) + token(subscriber_id).decode("ascii")
            for purpose, token in zip((VIEW, PREFERENCES, UNSUBSCRIBE), tokens, strict=True)
        }

"""`/view/<token>`: a mail as it was sent to this one person, shown by a browser."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.responses import HTMLResponse

from newsletter.rendering.addresses import safe_address

if TYPE_CHECKING:
    from starlette.responses import Response

    from newsletter.web.pages.asked import Asked
    from newsletter.web.pages.site import Site

_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:[0-9]+)?")


def view(site: Site, asked: Asked) -> Response:
    """Show the mail, with a policy of its own.

    A mail has its styles in its elements, and a logo from wherever the list keeps it. So both are allowed here, and
    nothing else: no script, no form, no frame, and `sandbox`, which gives the page an origin of its own.
    """
    mail = site.pages.mail(asked.path["token"])
    policy = (
        f"default-src 'none'; style-src 'unsafe-inline'; img-src {_images(mail.logo_url)}; form-action 'none'; "
        "base-uri 'none'; frame-ancestors 'none'; sandbox allow-popups allow-popups-to-escape-sandbox"
    )
    headers = {
        "Content-Security-Policy": policy,
        "Cache-Control": "no-store",
        "X-Robots-Tag": "noindex, nofollow",
    }
    return HTMLResponse(mail.html, headers=headers)


def _images(logo_url: str | None) -> str:
    """Return the one origin that a mail fetches a picture from."""
    parts = urlsplit(safe_address(logo_url) or "")
    origin = f"{parts.scheme}://{parts.netloc}".lower()
    return origin if _ORIGIN.fullmatch(origin) else "'none'"

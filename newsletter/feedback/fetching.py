"""Small things fetched from the web: no redirects, so much and so long at most."""

from __future__ import annotations

import time
from http import HTTPStatus
from urllib.error import HTTPError, URLError
from urllib.request import HTTPRedirectHandler, Request, build_opener

from newsletter.errors import RetryLater
from newsletter.feedback.sns import Untrusted

_PATIENCE = 5.0
"""Seconds for each step; SNS waits 15 for our answer."""
_LONGEST = 8.0
_LARGEST = 64 << 10
_PIECE = 8 << 10


class NoRedirects(HTTPRedirectHandler):
    """Follows none: the answer itself is what counts."""

    def redirect_request(self, *_: object) -> None:
        """Say that there is nowhere to go."""


def fetch(url: str) -> bytes:
    """GET an address that was checked. Raises RetryLater; Untrusted where it answers, and not with what is wanted."""
    began = time.monotonic()
    request = Request(url, headers={"User-Agent": "newsletter"})  # noqa: S310 - made or matched whole by `sns`
    try:
        with build_opener(NoRedirects).open(request, timeout=_PATIENCE) as answer:
            found = b""
            while piece := answer.read1(_PIECE):
                found += piece
                if len(found) > _LARGEST:
                    raise Untrusted("what it names is too large")
                if time.monotonic() - began > _LONGEST:
                    raise RetryLater("What it names comes too slowly.")
            return found
    except HTTPError as error:
        with error:
            if error.code >= HTTPStatus.INTERNAL_SERVER_ERROR or error.code == HTTPStatus.TOO_MANY_REQUESTS:
                raise RetryLater(f"SNS answers with {error.code}.") from error
            raise Untrusted(f"what it names is answered with {error.code}") from error
    except (URLError, OSError, ValueError) as error:
        raise RetryLater("SNS does not answer.") from error

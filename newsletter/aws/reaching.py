"""Asks a web address as a mailbox provider does: without cookies, and without following redirects."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.error import HTTPError, URLError
from urllib.request import Request, build_opener

from newsletter.aws.refusals import NotReached
from newsletter.feedback.fetching import NoRedirects

_LONGEST = 15.0


@dataclass(frozen=True, slots=True)
class Reached:
    """What a web address answered."""

    status: int
    location: str = ""
    """Where a redirect leads."""


def reach(url: str, body: bytes | None = None) -> Reached:
    """GET an http or https address, or POST `body` to it; any answer is one. Raises NotReached."""
    request = Request(url, data=body, headers={"User-Agent": "newsletter-doctor"})  # noqa: S310 - a setting of ours
    try:
        with build_opener(NoRedirects).open(request, timeout=_LONGEST) as answer:
            return Reached(answer.status)
    except HTTPError as error:
        with error:
            return Reached(error.code, error.headers.get("Location") or "")
    except (URLError, OSError, ValueError) as error:
        reason = getattr(error, "reason", error)
        raise NotReached(
            f"{url} does not answer ({reason}).", "See that the web part runs there, and its certificate."
        ) from error

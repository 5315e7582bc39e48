"""Unsubscribing with one click: an HTTPS address that answers, itself, to whoever posts to it (RFC 8058, 3)."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from newsletter.aws.doctor.findings import Finding, fail, ok
from newsletter.personalization.links import UNSUBSCRIBE

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from newsletter.aws.reaching import Reached

    Reach = Callable[[str, bytes | None], Reached]
    """GETs an address, or POSTs a body to it. Raises NotReached."""

BODY = b"List-Unsubscribe=One-Click"
_NOBODYS = "doctor"
"""In the place of a token: a link of nobody."""
_TAKES_NO_POST = frozenset({HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.NOT_IMPLEMENTED})


def examine(public_url: str, reach: Reach) -> Generator[Finding, None, bool]:
    """Post to an unsubscribe link that is nobody's, as a mailbox provider would; return whether it works."""
    if not public_url.startswith("https://"):
        yield fail(
            "one-click",
            f"{public_url} is not https: mails go without List-Unsubscribe-Post",
            "Set NEWSLETTER_PUBLIC_URL to an https address.",
        )
        return False
    url = f"{public_url}/{UNSUBSCRIBE}/{_NOBODYS}"
    wrong = _wrong(reach(url, None), "a GET") or _wrong(reach(url, BODY), "a POST")
    if wrong:
        yield fail("one-click", f"{public_url}: {wrong}", "Mend what stands before the web part, then ask again.")
        return False
    yield ok("one-click", f"{public_url} is https, and answers to who posts to it")
    return True


def _wrong(answer: Reached, what: str) -> str:
    status = answer.status
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        return f"{what} is redirected to {answer.location or 'somewhere'}, which RFC 8058 forbids"
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in _TAKES_NO_POST:
        return f"{what} is answered with {status}"
    return ""

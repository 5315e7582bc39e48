"""What every handler has at hand, and what stands around each: limits, languages of errors, nothing in the log."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING

from sqlalchemy.exc import OperationalError
from starlette.concurrency import run_in_threadpool

from newsletter.bootstrap.page_limits import Later
from newsletter.web.pages import errors
from newsletter.web.pages.asked import Unreadable, read
from newsletter.web.pages.bucket import Buckets, Rate
from newsletter.web.pages.frame import Frame
from subscribers.errors import Expired, InvalidToken, NotFound

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime

    from starlette.requests import Request
    from starlette.responses import Response

    from newsletter.bootstrap.pages import Pages
    from newsletter.web.pages.asked import Asked
    from subscribers.networks import Network
    from subscribers.publication import Publication

    Handler = Callable[["Site", Asked], Response]

_log = logging.getLogger(__name__)

_MINUTE = timedelta(minutes=1)
_A_HOST, _A_NETWORK = Rate(120, _MINUTE), Rate(600, _MINUTE)


@dataclass(frozen=True, kw_only=True)
class Site:
    """What every handler has at hand."""

    pages: Pages
    root: str
    """The path that the public address begins with, "" for none."""
    trusted: tuple[Network, ...]
    """The proxies whose word counts."""
    buckets: Buckets = field(default_factory=Buckets)

    def now(self) -> datetime:
        """Return the current time."""
        return self.pages.now()

    def frame(
        self,
        asked: Asked,
        publication: Publication | None = None,
        persons: tuple[str, ...] = (),
        *,
        private: bool = True,
    ) -> Frame:
        """Return what stands around the answer."""
        return Frame(asked=asked, root=self.root, publication=publication, persons=persons, private=private)

    def crowded(self, asked: Asked) -> datetime | None:
        """Count a page against who loads it; None, or when there may be another one."""
        if asked.source is None:
            return None
        return self.buckets.take([(asked.source.host, _A_HOST), (asked.source.network, _A_NETWORK)], self.now())


def endpoint(site: Site, handler: Handler, *, limited: bool = True) -> Callable[[Request], Awaitable[Response]]:
    """Return what answers a request with `handler`, in a thread; refusals become pages in the reader's language.

    `limited`: whether pages are counted. Leaving is not: mail providers press that button for everybody they have.
    """

    async def answer(request: Request) -> Response:
        try:
            asked = await read(request, site.trusted)
        except Unreadable:
            return errors.plain(HTTPStatus.BAD_REQUEST)
        return await run_in_threadpool(_answered, site, handler, asked, limited=limited)

    return answer


def _answered(site: Site, handler: Handler, asked: Asked, *, limited: bool) -> Response:
    frame = site.frame(asked)
    try:
        if limited and (later := site.crowded(asked)) is not None:
            return errors.too_many(frame, later, site.now())
        return handler(site, asked)
    except Exception as error:  # noqa: BLE001 - whatever it is, its reader gets a page
        return _refused(site, frame, error)


def _refused(site: Site, frame: Frame, error: Exception) -> Response:
    match error:
        case InvalidToken():
            return errors.altered(frame)
        case NotFound():
            return errors.gone(frame)
        case Expired():
            return errors.expired(frame)
        case Later():
            return errors.too_many(frame, error.at, site.now())
    # neither the path, which is signed for somebody, nor the message, which may hold what they typed
    _log.error("A page could not be made: %s at %s.", type(error).__name__, errors.where(error))
    return errors.busy(frame) if isinstance(error, OperationalError) else errors.broken(frame)

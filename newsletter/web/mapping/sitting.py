"""One run of the command, as the page knows it: what it is about, and the secrets that lead to it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING

from newsletter.web.pages.frame import Frame

if TYPE_CHECKING:
    from newsletter.bootstrap.mapping import Desk
    from newsletter.web.pages.asked import Asked


def _secret() -> str:
    return secrets.token_urlsafe(24)


@dataclass(kw_only=True)
class Sitting:
    """The address that is printed works once, and leads to one that only the browser knows.

    For the first stands in the terminal, and among the arguments of the browser, where every user of the machine sees
    it (`ps`). Both end with the command.
    """

    desk: Desk
    port: int
    ticket: str = field(default_factory=_secret)
    session: str = field(default_factory=_secret)
    _used: bool = False
    _lock: Lock = field(default_factory=Lock)

    def admit(self, ticket: str) -> bool | None:
        """Return whether this is the ticket, used for the first time; None: it is none."""
        if not secrets.compare_digest(ticket.encode(), self.ticket.encode()):
            return None
        with self._lock:
            first, self._used = not self._used, True
        return first

    def knows(self, session: str) -> bool:
        """Return whether somebody was let in."""
        return secrets.compare_digest(session.encode(), self.session.encode())

    def is_ours(self, token: str) -> bool:
        """Return whether a form was shown by this page."""
        return secrets.compare_digest(token.encode(), self.desk.token.encode())

    def frame(self, asked: Asked) -> Frame:
        """Return what stands around the answer."""
        return Frame(asked=asked, root="", publication=self.desk.publication)

    def address(self, frame: Frame, page: str) -> str:
        """Return where a page is, in the language that is read."""
        return f"/{self.session}/{page}?lang={frame.language}"

"""Certificates of SNS, kept for a day: one is asked for when a message names it for the first time."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Lock
from typing import TYPE_CHECKING

from newsletter.errors import RetryLater
from newsletter.feedback.sns import Untrusted

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

_KEPT = timedelta(days=1)
_REFUSED_KEPT = timedelta(minutes=1)
_MOST = 32
_FETCHES = 10
"""In a minute: whoever posts names of certificates that are not there must not have us ask SNS for each."""
_MINUTE = timedelta(minutes=1)


@dataclass
class Certificates:
    """Shared by the threads of a process."""

    fetch: Callable[[str], bytes]
    """Raises RetryLater, Untrusted."""
    _kept: OrderedDict[str, tuple[datetime, bytes | None]] = field(default_factory=OrderedDict)
    _fetched: list[datetime] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    def get(self, url: str, *, now: datetime) -> bytes:
        """Return the certificate there, from memory if it can be. Raises RetryLater, Untrusted."""
        with self._lock:
            until, certificate = self._kept.get(url, (now, None))
            if until <= now:
                certificate = self._fetch(url, now)
        if certificate is None:
            raise Untrusted("there is no such certificate")
        return certificate

    def _fetch(self, url: str, now: datetime) -> bytes | None:
        self._fetched = [moment for moment in self._fetched if moment > now - _MINUTE]
        if len(self._fetched) >= _FETCHES:
            raise RetryLater("Too many certificates were asked for in this minute.")
        self._fetched.append(now)
        try:
            certificate, kept = self.fetch(url), _KEPT
        except Untrusted:
            certificate, kept = None, _REFUSED_KEPT
        self._kept[url] = (now + kept, certificate)
        self._kept.move_to_end(url)
        while len(self._kept) > _MOST:
            self._kept.popitem(last=False)
        return certificate

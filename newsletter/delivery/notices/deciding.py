"""Whether a mail outside campaigns still makes sense at the moment it would go out. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from newsletter.delivery.notices.lifecycle import LATEST_ISSUE, SUPERSEDED
from subscribers.lifecycle import Status
from subscribers.ports import NoticeKind

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A mail that somebody asked for, and the right of one sender to send it, for a while."""

    id: int
    kind: str
    list_id: int
    subscriber_id: int
    confirmation_id: int | None
    email: str | None
    language: str
    not_after: datetime
    tries: int
    token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the database says of it right now."""

    email: str | None
    """Where it goes; None: there is no such person any more."""
    name: str
    is_suppressed: bool
    """Whether that address gets no mail from any list."""
    status: str | None
    """Of the person on the list; None: they are not on it."""
    languages: str
    topics: str
    excluded: str
    expires_at: datetime | None
    """Of the request that its link confirms; None: there is none."""
    is_used: bool
    """Whether that was confirmed already."""
    is_superseded: bool
    """Whether a newer one of its kind was asked for."""


_LEADS_TO_CONFIRM = frozenset({NoticeKind.CONFIRM, NoticeKind.NEW_ADDRESS, NoticeKind.REPERMISSION})
_TO_SUBSCRIBERS = frozenset({NoticeKind.WELCOME, NoticeKind.REPERMISSION, NoticeKind.ALREADY, LATEST_ISSUE})


def why_not(order: Order, facts: Facts, now: datetime) -> str | None:
    """Return why the mail is to be dropped, in words without an address; None: send it."""
    if facts.email is None:
        return "the person was erased"
    if facts.is_suppressed:
        return "the address is suppressed"
    if order.kind in _LEADS_TO_CONFIRM and (reason := _no_link(order, facts, now)):
        return reason
    if order.kind in _TO_SUBSCRIBERS and facts.status != Status.ACTIVE:
        return "the person is not on the list any more"
    return "it is too late for it" if now > order.not_after else None


def _no_link(order: Order, facts: Facts, now: datetime) -> str | None:
    """Return why there is nothing (any more) that its link could confirm."""
    if facts.is_used or (order.kind == NoticeKind.CONFIRM and facts.status == Status.ACTIVE):
        return "it is confirmed already"
    if facts.is_superseded:
        return SUPERSEDED
    if facts.expires_at is None or now >= facts.expires_at:
        return "its link does not work any more"
    return None

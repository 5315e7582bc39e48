"""Mails outside campaigns, compiled once for all tests."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from newsletter.rendering.edition import Slot
from newsletter.rendering.notice_form import NoticeForm, compile_notice
from tests.unit.rendering.samples import PUBLICATION

if TYPE_CHECKING:
    from collections.abc import Iterable

    from newsletter.rendering.edition import Part
    from subscribers.ports import NoticeKind

VALUES = {
    "confirm_url": "https://news.example.org/confirm/TOKEN",
    "preferences_url": "https://news.example.org/preferences/TOKEN",
    "unsubscribe_url": "https://news.example.org/unsubscribe/TOKEN",
    "email": "zoe@example.net",
    "until": "07-03-2026",
}


@cache
def form(kind: NoticeKind, language: str = "fr") -> NoticeForm:
    return compile_notice(kind, PUBLICATION, language)


def filled(parts: Iterable[Part]) -> str:
    return "".join(VALUES[part.name] if isinstance(part, Slot) else part for part in parts)

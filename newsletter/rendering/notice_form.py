"""A mail outside campaigns, compiled: once per kind, list and language, whoever gets it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from newsletter.rendering.edition import Part
    from subscribers.ports import NoticeKind
    from subscribers.publication import Publication


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeForm:
    """What lacks only what is one person's own: `email` and the slots of `rendering.notice_words`."""

    kind: NoticeKind
    language: str
    """The reader's."""
    subject: str
    html: tuple[Part, ...]
    """Text (LF line ends) and slots, in order."""
    text: tuple[Part, ...]
    is_subscribed: bool
    """Whether it goes to somebody who has the list, and says how to leave it."""


def compile_notice(kind: NoticeKind, publication: Publication, language: str) -> NoticeForm:
    """Compile what mails of that kind say for readers of `language`, with the list's name and colours.

    Raises Refused when there are no labels in `language`, or the list's look cannot be set.
    """
    from newsletter.rendering.notice_compilation import compiled  # noqa: PLC0415 - heavy: only when something compiles

    return compiled(kind, publication, language)

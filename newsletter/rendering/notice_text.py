"""A mail outside campaigns as plain text, made from the same view as its HTML."""

from __future__ import annotations

from typing import TYPE_CHECKING

from newsletter.rendering.catalogs import catalog
from newsletter.rendering.plaintext import WIDTH, wrapped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from newsletter.rendering.markers import Marks
    from newsletter.rendering.notice_view import NoticeView


def compose_text(mail: NoticeView, marks: Marks) -> str:
    """Return the text of `mail`. Only addresses and slots make a line longer than `plaintext.WIDTH`."""
    return "\n".join(_blocks(mail, marks))


def _blocks(mail: NoticeView, marks: Marks) -> Iterator[str]:
    yield "".join(f"{wrapped(line)}\n" for line in (mail.name, mail.tagline) if line)
    for text in (mail.title, *mail.paragraphs):
        yield f"{wrapped(text)}\n"
    yield f"{wrapped(mail.button.label)}\n{marks.slot(mail.button.slot)}\n"
    for note in mail.notes:
        yield f"{wrapped(note)}\n"
    yield f"{'-' * WIDTH}\n"
    if mail.is_subscribed:
        labels = catalog(mail.reader.language).gettext
        reason = labels("You receive this because you subscribed to {list} with this address:")
        yield f"{wrapped(reason.format(list=mail.name))}\n{marks.slot('email')}\n"
    for link in mail.links:
        yield f"{wrapped(link.label)}\n{marks.slot(link.slot)}\n"
    address = [wrapped(line) for line in mail.publication.postal_address.splitlines() if line.strip()]
    if address:
        yield "\n".join(address) + "\n"

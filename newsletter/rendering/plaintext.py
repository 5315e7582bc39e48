"""The mail as plain text, made from the same view as the HTML: wrapped, addresses whole."""

from __future__ import annotations

import re
import textwrap
from typing import TYPE_CHECKING

from newsletter.rendering.catalogs import catalog
from newsletter.rendering.compose import contents

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from newsletter.rendering.markers import Marks
    from newsletter.rendering.view import ItemView, LinkView, MailView, SectionView

WIDTH = 72
"""Columns (RFC 3676, section 4.2 advises 66 to 72 where lines are not flowed)."""

_ADDRESS = re.compile(r"(?:https?://|mailto:)\S+")


def compose(mail: MailView, marks: Marks) -> str:
    """Return the text of `mail`, cut at `marks`. Only addresses and slots make a line longer than `WIDTH`."""
    labels = catalog(mail.reader.language).gettext
    return "".join(
        (
            *_header(mail, marks),
            *(piece for section in mail.sections for piece in _section(section, marks)),
            marks.cut(),
            *_footer(mail, marks, labels),
        )
    )


def wrapped(text: str, width: int = WIDTH) -> str:
    """Break `text` into lines of at most `width` columns, at spaces; a longer word is broken, an address never."""
    lines: list[str] = []
    line = ""
    for word in (part for whole in text.split(" ") if whole for part in _broken(whole, width)):
        if line and len(line) + 1 + len(word) > width:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}" if line else word
    return "\n".join([*lines, line])


def _broken(word: str, width: int) -> Iterable[str]:
    if len(word) <= width or _ADDRESS.search(word):
        return (word,)
    return (word[start : start + width] for start in range(0, len(word), width))


def _header(mail: MailView, marks: Marks) -> Iterator[str]:
    yield _lines(mail.name, mail.tagline, mail.period, mail.title) + "\n"
    yield f"\n{marks.slot('greeting')}\n"
    yield f"\n{wrapped(mail.fallback)}\n" if mail.fallback else ""
    yield f"\n{wrapped(mail.introduction)}\n" if mail.introduction else ""
    lines = contents(mail)
    everything = frozenset().union(*(line.positions for line in lines))
    if lines:
        yield f"{marks.cut(everything)}\n{wrapped(mail.contents_title)}\n"
        for line in lines:
            yield f"{marks.cut(line.positions)}- {marks.slot(f'count.{line.kind.value}')}\n"
    yield f"{marks.cut()}\n"


def _section(section: SectionView, marks: Marks) -> Iterator[str]:
    yield marks.cut(section.positions)
    yield f"\n{_underlined(section.heading, '=')}\n"
    for item in section.items:
        if item.group:
            yield f"{marks.cut(item.group.positions)}\n{_underlined(item.group.heading, '-')}\n"
        yield f"{marks.cut([item.position])}\n{_item(item)}\n"


def _underlined(heading: str, stroke: str) -> str:
    lines = wrapped(heading)
    return f"{lines}\n{stroke * max((len(line) for line in lines.splitlines()), default=WIDTH)}"


def _item(item: ItemView) -> str:
    blocks = (
        _lines(_kicker(item), item.title, " — ".join(item.byline), " · ".join(item.roles), item.occasion),
        *([_quotation(item.quotation.paragraphs)] if item.quotation else ()),
        *(wrapped(paragraph.text) for paragraph in item.paragraphs),
        _lines(*(line for link in item.links for line in _link(link))),
    )
    between = "\n\n"
    return between.join(block for block in blocks if block) + "\n"


def _kicker(item: ItemView) -> str:
    return " ".join((" · ".join(item.kicker), *(f"[{badge}]" for badge in item.badges))).strip()


def _quotation(paragraphs: Iterable[str]) -> str:
    return "\n\n".join(textwrap.indent(wrapped(paragraph, WIDTH - 2), "  ") for paragraph in paragraphs)


def _link(link: LinkView) -> Iterator[str]:
    if link.is_identifier:
        yield f"{link.name} {link.url}"
        return
    note = f"({link.note})" if link.note and link.label else link.note
    yield " ".join(filter(None, (link.name, link.label, note)))
    if link.url and link.url != link.label:
        yield link.url


def _lines(*texts: str) -> str:
    return "\n".join(wrapped(text) for text in texts if text)


def _footer(mail: MailView, marks: Marks, labels: Callable[[str], str]) -> Iterator[str]:
    yield f"\n{'-' * WIDTH}\n"
    reason = labels("You receive this because you subscribed to {list} with this address:")
    yield f"{wrapped(reason.format(list=mail.name))}\n{marks.slot('email')}\n"
    for label, slot in (
        (labels("Choose topics and languages"), "preferences_url"),
        (labels("Unsubscribe"), "unsubscribe_url"),
        (labels("View in browser"), "view_url"),
    ):
        yield f"\n{wrapped(label)}\n{marks.slot(slot)}\n"
    address = mail.publication.postal_address
    yield "\n" + _lines(*address.splitlines()) + "\n" if address else ""

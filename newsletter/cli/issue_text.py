"""An issue as a person checks it: every field that was read, under its name."""

from __future__ import annotations

from dataclasses import fields
from textwrap import fill
from typing import TYPE_CHECKING

from newsletter.issues.model import Link, Quotation

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from newsletter.issues.model import Document, Item

_WIDTH = 100
_FIRST = ("title", "name", "body")


def month_of(digest_month: date | None) -> str | None:
    """Return the month of a digest, as commands call it; None for an issue like any other."""
    return f"{digest_month:%Y-%m}" if digest_month else None


def described(document: Document) -> Iterator[str]:
    """Yield lines that show a document: its sections, their items by position, the fields that are filled."""
    yield f"{document.language}, {document.period.start} to {document.period.end}. {document.title}".rstrip()
    items = iter(document.items())
    for section in document.sections:
        yield ""
        yield f"{section.heading or section.kind} ({section.kind})"
        for _ in section.items:
            position, _kind, item = next(items)
            yield ""
            yield from _item(position, item)


def _item(position: int, item: Item) -> Iterator[str]:
    names = [field.name for field in fields(item)]
    number = f"{position:>3}  "
    for name in sorted(names, key=lambda name: (name not in _FIRST, names.index(name))):
        value = _text(getattr(item, name))
        if value:
            label = name.replace("_", " ")
            yield _set(f"{label}: {value}", number)
            number = " " * 5


def _set(text: str, before: str) -> str:
    return fill(
        text,
        _WIDTH,
        initial_indent=before,
        subsequent_indent=" " * 7,
        break_long_words=False,  # addresses stay whole
        break_on_hyphens=False,
    )


def _text(value: object) -> str:
    if isinstance(value, tuple):
        return "; ".join(map(_text, value))
    if isinstance(value, Link):
        return f"{value.label} <{value.url}>" if value.url else f"{value.label} (no address)"
    if isinstance(value, Quotation):
        return f"“{value.text}” ({value.language or 'language not known'})"
    return "yes" if value is True else str(value or "")

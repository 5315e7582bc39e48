"""A variant's text as a template of SES: places for what is a recipient's own, everything else exactly as it is. Pure.

Templates are Handlebars (https://docs.aws.amazon.com/ses/latest/dg/send-personalized-email-advanced.html), and inline
ones have simple values only. The editors' text is none: a brace or a backslash of theirs that Handlebars could take
for its own comes back as the value of a place. SES escapes no value, so those in HTML are escaped here.
"""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING

from newsletter.personalization.message import recipient_values
from newsletter.rendering.edition import Slot

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from newsletter.personalization.message import Prepared, Recipient
    from newsletter.rendering.edition import Part

_LITERALS = {"{": "brace_open", "}": "brace_close", "\\": "backslash"}
_VALUES = {name: character for character, name in _LITERALS.items()}
_RUN = re.compile(r"[{}\\]+")
_PLACE = re.compile(r"\{\{([a-z_]+)\}\}")
_ESCAPED = "_html"
_ESCAPED_SLOTS = ("greeting", "email")
"""Slots whose values may hold characters that HTML reads: links have none."""


def as_template(parts: Iterable[Part], *, html: bool = False) -> str:
    """Return `parts` as a template that renders to them, with `template_values` in its slots.

    Characters are judged by the run they stand in: a run that holds two braces of a kind, or that touches a place, is
    replaced whole, so that none of it is left to stand next to a brace of ours.
    """
    joined = _joined(parts)
    last = len(joined) - 1
    return "".join(
        _literal(part, after_place=index > 0, before_place=index < last)
        if isinstance(part, str)
        else f"{{{{{_name(part, html=html)}}}}}"
        for index, part in enumerate(joined)
    )


def places(*templates: str) -> tuple[str, ...]:
    """Return the names of the values that templates made here ask for; a mail that lacks one is never made."""
    return tuple(sorted({name for template in templates for name in _PLACE.findall(template)}))


def template_values(prepared: Prepared, recipient: Recipient) -> Mapping[str, str]:
    """Return every value that a template of this variant can ask for, for this recipient."""
    own = recipient_values(prepared, recipient)
    return {**_VALUES, **own, **{f"{name}{_ESCAPED}": escape(own[name]) for name in _ESCAPED_SLOTS}}


def _joined(parts: Iterable[Part]) -> list[Part]:
    """Join texts that follow each other: what two of them hold may be a tag together."""
    joined: list[Part] = []
    for part in parts:
        if joined and isinstance(part, str) and isinstance(joined[-1], str):
            joined[-1] += part
        else:
            joined.append(part)
    return joined


def _name(slot: Part, *, html: bool) -> str:
    assert isinstance(slot, Slot)  # noqa: S101 - the other kind of part is text
    return f"{slot.name}{_ESCAPED}" if html and slot.name in _ESCAPED_SLOTS else slot.name


def _literal(text: str, *, after_place: bool, before_place: bool) -> str:
    """Return text as a template that renders to it."""

    def replaced(run: re.Match[str]) -> str:
        touches = (after_place and run.start() == 0) or (before_place and run.end() == len(text))
        if touches or "{{" in run[0] or "}}" in run[0]:
            return "".join(f"{{{{{_LITERALS[character]}}}}}" for character in run[0])
        return run[0]

    return _RUN.sub(replaced, text)

"""A variant's text as a template of SES: places for what is a recipient's own, everything else exactly as it is. Pure.

Templates are Handlebars (https://docs.aws.amazon.com/ses/latest/dg/send-personalized-email-advanced.html), and inline
ones have simple values only. The editors' text is none: a brace or a backslash of theirs that Handlebars could take
for its own comes back as the value of a place. SES escapes no value, so those in HTML are escaped here; tokens are of
letters that stand for themselves.
"""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING

from newsletter.personalization.links import PREFERENCES, UNSUBSCRIBE, VIEW
from newsletter.personalization.message import greeting_for
from newsletter.rendering.edition import Slot
from subscribers.address import shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from newsletter.personalization.links import Links
    from newsletter.personalization.message import Prepared, Recipient
    from newsletter.rendering.edition import Part

LITERALS = {"brace_open": "{", "brace_close": "}", "backslash": "\\"}
"""Values that are the same for everybody."""
_STANDS_FOR = {character: name for name, character in LITERALS.items()}
_TOKENS = {"view_url": VIEW, "preferences_url": PREFERENCES, "unsubscribe_url": UNSUBSCRIBE}
"""By slot, the place for the token that ends an address: what stands before it is the same for all."""
_RUN = re.compile(r"[{}\\]+")
_PLACES = re.compile(r"\{\{([a-z_]+)\}\}")


def as_template(parts: Iterable[Part], links: Links, *, html: bool = False) -> str:
    """Return `parts` as a template that renders to them, with `LITERALS` and `own_values` in its places.

    Characters are judged by the run they stand in: a run that holds two braces of a kind, or that touches a place, is
    replaced whole, so that none of it is left to stand next to a brace of ours.
    """
    joined = _joined(parts, links)
    last = len(joined) - 1
    return "".join(
        _literal(part, after_place=index > 0, before_place=index < last)
        if isinstance(part, str)
        else f"{{{{{_place(part, html=html)}}}}}"
        for index, part in enumerate(joined)
    )


def places(*templates: str) -> tuple[str, ...]:
    """Return the names of the values that templates made here ask for; a mail that lacks one is never made."""
    return tuple(sorted({name for template in templates for name in _PLACES.findall(template)}))


def own_values(prepared: Prepared, recipient: Recipient, name: str) -> dict[str, str]:
    """Return what is this recipient's own in a template of the variant; `name` is the one they are called by."""
    links, number = prepared.envelope.links, recipient.subscriber_id
    greeting, email = greeting_for(prepared, name), shown(recipient.email)
    return {
        "greeting": greeting,
        "greeting_html": escape(greeting),
        "email": email,
        "email_html": escape(email),
        VIEW: links.view_token(number).decode("ascii"),
        PREFERENCES: links.preferences_token(number).decode("ascii"),
        UNSUBSCRIBE: links.unsubscribe_token(number).decode("ascii"),
    }


def _joined(parts: Iterable[Part], links: Links) -> list[Part]:
    """Join texts that follow each other: what two of them hold may be a tag together."""
    joined: list[Part] = []
    for part in _with_addresses(parts, links):
        if joined and isinstance(part, str) and isinstance(joined[-1], str):
            joined[-1] += part
        else:
            joined.append(part)
    return joined


def _with_addresses(parts: Iterable[Part], links: Links) -> Iterator[Part]:
    """Put what an address begins with before the place for its token."""
    for part in parts:
        if isinstance(part, Slot) and part.name in _TOKENS:
            yield links.base(_TOKENS[part.name])
        yield part


def _place(slot: Part, *, html: bool) -> str:
    assert isinstance(slot, Slot)  # noqa: S101 - the other kind of part is text
    if slot.name in _TOKENS:
        return _TOKENS[slot.name]
    return f"{slot.name}_html" if html else slot.name


def _literal(text: str, *, after_place: bool, before_place: bool) -> str:
    """Return text as a template that renders to it."""

    def replaced(run: re.Match[str]) -> str:
        touches = (after_place and run.start() == 0) or (before_place and run.end() == len(text))
        if touches or "{{" in run[0] or "}}" in run[0]:
            return "".join(f"{{{{{_STANDS_FOR[character]}}}}}" for character in run[0])
        return run[0]

    if "{{" in text or "}}" in text or text[:1] in _STANDS_FOR or text[-1:] in _STANDS_FOR:
        return _RUN.sub(replaced, text)
    return text  # nearly every one, and told by a search that is ten times as fast

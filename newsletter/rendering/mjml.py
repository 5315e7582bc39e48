"""MJML to HTML: the one place that speaks to mjml-python."""

from __future__ import annotations

from typing import TYPE_CHECKING

import mjml

from newsletter.errors import Refused
from newsletter.rendering.mjml_check import Flaw, check

if TYPE_CHECKING:
    from collections.abc import Mapping

    from newsletter.rendering.markers import Marks


class CannotBeSet(Refused):
    """An item, or what stands around the items, cannot be made into a mail."""


def to_html(source: str, marks: Marks, titles: Mapping[int, str]) -> str:
    """Return the HTML of an MJML document; nothing is fetched, fonts least of all.

    `titles` are those of the items, by position, to name one in a refusal. Raises CannotBeSet. mjml-python lets most
    mistakes pass and gives no line for the others, so the source is checked first.
    """
    try:
        check(source, marks)
        return str(mjml.mjml2html(source, fonts={}))
    except Flaw as flaw:
        raise CannotBeSet(f"{_place(flaw.positions, titles)} cannot be set: {flaw}.") from flaw
    except ValueError as error:
        raise CannotBeSet(f"The mail cannot be compiled: {error}.") from error


def _place(positions: frozenset[int], titles: Mapping[int, str]) -> str:
    if not positions:
        return "What stands around the items"
    first, *others = sorted(positions)
    if others:
        return f"What stands around the items {first} to {others[-1]}"
    return f"Item {first} ({titles.get(first) or 'without a title'})"

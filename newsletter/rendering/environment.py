"""The one Jinja2 environment of the mails."""

from __future__ import annotations

from functools import cache

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from newsletter.rendering.escaping import attribute
from newsletter.resources import folder


@cache
def environment() -> Environment:
    """Return the environment over `templates/email`.

    It escapes everywhere (`select_autoescape` would not know `.mjml.j2`), refuses unknown names, and offers the filter
    `attribute` for attribute values.
    """
    jinja = Environment(
        loader=FileSystemLoader(folder("templates") / "email"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    jinja.filters["attribute"] = attribute
    return jinja

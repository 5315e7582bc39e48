"""The one Jinja2 environment of the pages."""

from __future__ import annotations

from functools import cache

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from newsletter.resources import folder


@cache
def environment() -> Environment:
    """Return the environment over `templates/pages`; it escapes everywhere and refuses unknown names."""
    return Environment(
        loader=FileSystemLoader(folder("templates") / "pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )

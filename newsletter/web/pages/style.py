"""The style sheets: one for all pages, and the colours of each list. Their addresses hold a hash of what is in them."""

from __future__ import annotations

from dataclasses import asdict
from functools import cache
from hashlib import sha256
from typing import TYPE_CHECKING

from newsletter.rendering.colours import palettes
from newsletter.resources import folder
from subscribers.publication import Branding

if TYPE_CHECKING:
    from newsletter.rendering.colours import Palette
    from subscribers.publication import Publication

NOBODYS = Branding()
"""The colours of pages that belong to no list."""


@cache
def common() -> str:
    """Return the sheet of all pages."""
    return (folder("templates") / "static" / "pages.css").read_text("utf-8")


def colours(branding: Branding) -> str:
    """Return the colours of a list, by day and by night, as custom properties."""
    both = palettes(branding)
    return (
        f":root {{\n{_properties(both.light)}}}\n"
        f"@media (prefers-color-scheme: dark) {{\n:root {{\n{_properties(both.dark)}}}\n}}\n"
    )


def version(css: str) -> str:
    """Return a short hash: browsers may keep what is at an address with it for good."""
    return sha256(css.encode()).hexdigest()[:16]


def addresses(publication: Publication | None) -> tuple[str, str]:
    """Return the paths of the two sheets of a page."""
    own = colours(publication.branding if publication else NOBODYS)
    name = f"list/{publication.slug}" if publication else "colours"
    return f"/style/pages/{version(common())}.css", f"/style/{name}/{version(own)}.css"


def _properties(palette: Palette) -> str:
    return "".join(f"  --{name.replace('_', '-')}: {value};\n" for name, value in asdict(palette).items())

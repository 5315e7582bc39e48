"""The colours of a mail, on light and on dark, made of a publication's two accents. Pure.

Contrast is WCAG 2.2's (success criterion 1.4.3): 4.5 to 1 for text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from newsletter.errors import Refused

if TYPE_CHECKING:
    from subscribers.publication import Branding

ENOUGH = 4.5
_STEPS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ground:
    page: str
    card: str
    ink: str
    soft: str
    """Text of second rank."""
    rule: str
    """Hairlines."""


_LIGHT = _Ground(page="#f4f2ed", card="#ffffff", ink="#1c2126", soft="#57606a", rule="#e3dfd6")
_DARK = _Ground(page="#101417", card="#191e23", ink="#e7e9ec", soft="#a4adb7", rule="#343c45")


@dataclass(frozen=True, slots=True, kw_only=True)
class Palette(_Ground):
    """Colours as `#rrggbb`."""

    accent: str
    """Links and headings; readable on card and page."""
    band: str
    """The accent as it was given, for surfaces without text."""
    badge: str
    badge_ink: str


@dataclass(frozen=True, slots=True)
class Palettes:
    """The same mail by day and by night."""

    light: Palette
    dark: Palette


def palettes(branding: Branding) -> Palettes:
    """Return both palettes; an accent that would be hard to read is moved towards the ink. Raises Refused."""
    return _palettes(_checked(branding.accent), _checked(branding.accent_dark))


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, 1 to 21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def mixed(colour: str, other: str, share: float) -> str:
    """Return `colour` with a `share` (0 to 1) of `other` in it."""
    pairs = zip(_channels(colour), _channels(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


@lru_cache(maxsize=64)
def _palettes(accent: str, accent_dark: str) -> Palettes:
    return Palettes(light=_with_accent(_LIGHT, accent), dark=_with_accent(_DARK, accent_dark))


def _with_accent(ground: _Ground, accent: str) -> Palette:
    badge = mixed(ground.card, accent, 0.12)
    return Palette(
        page=ground.page,
        card=ground.card,
        ink=ground.ink,
        soft=ground.soft,
        rule=ground.rule,
        accent=_readable(accent, ground.ink, ground.page, ground.card),
        band=accent,
        badge=badge,
        badge_ink=_readable(accent, ground.ink, badge),
    )


def _readable(colour: str, ink: str, *backgrounds: str) -> str:
    """Return the nearest mix of `colour` and `ink` that is readable on all `backgrounds`."""
    steps = (mixed(colour, ink, step / _STEPS) for step in range(_STEPS))
    return next((mix for mix in steps if min(contrast(mix, ground) for ground in backgrounds) >= ENOUGH), ink)


def _checked(colour: str) -> str:
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", colour):
        raise Refused(f"{colour!r} is no colour: write the list's accent as #rrggbb.")
    return colour.lower()


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _luminance(colour: str) -> float:
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (v / 255 for v in _channels(colour))]  # noqa: PLR2004 - the standard's figures
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

"""Whatever accent a list has chosen, the text can be read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.errors import Refused
from newsletter.rendering.colours import ENOUGH, contrast, mixed, palettes
from subscribers.publication import Branding

COLOURS = st.integers(0, 0xFFFFFF).map("#{:06x}".format)


def test_the_standard_s_own_figures() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)


def test_mixing() -> None:
    assert mixed("#000000", "#ffffff", 0) == "#000000"
    assert mixed("#000000", "#ffffff", 1) == "#ffffff"
    assert mixed("#100000", "#200000", 0.5) == "#180000"


@given(accent=COLOURS, accent_dark=COLOURS)
def test_all_text_has_enough_contrast(accent: str, accent_dark: str) -> None:
    both = palettes(Branding(accent=accent, accent_dark=accent_dark))
    for palette in (both.light, both.dark):
        for text in (palette.ink, palette.soft, palette.accent):
            assert contrast(text, palette.card) >= ENOUGH
            assert contrast(text, palette.page) >= ENOUGH
        assert contrast(palette.badge_ink, palette.badge) >= ENOUGH


def test_a_readable_accent_stays_as_it_is() -> None:
    both = palettes(Branding())
    assert both.light.accent == Branding().accent
    assert both.dark.accent == Branding().accent_dark


@pytest.mark.parametrize("colour", ["red", "#fff", "#12345g", "#123456; background: url(x)", "#123456\n"])
def test_what_is_no_colour_is_refused(colour: str) -> None:
    with pytest.raises(Refused, match="#rrggbb"):
        palettes(Branding(accent=colour))

"""Writing the rules of a style sheet onto the elements they select, for mail clients that read no style sheets."""

from __future__ import annotations

import logging
import re
from functools import lru_cache
from typing import Any

from premailer import Premailer

_STYLE = re.compile(r"<style\b")
_LEFT_MARK = re.compile(r"""(<style\b[^>]*) data-premailer="ignore\"""")


def inline_styles(html: str, css: str) -> str:
    """Return `html` (a whole document as MJML writes it) with the rules of `css` on its elements.

    The document's own style sheets, its doctype, conditional comments and other comments stay as they are. premailer's
    defaults would drop `!important` and the doctype, and inline MJML's reset rules (a fifth more bytes): hence every
    style sheet is marked to be ignored, and the doctype is written the way premailer looks for it.
    """
    html = html.replace("<!doctype html>", "<!DOCTYPE html>", 1)
    premailer = _Inliner(
        _STYLE.sub('<style data-premailer="ignore"', html),
        css_text=css,
        keep_style_tags=True,
        disable_leftover_css=True,
        strip_important=False,
        disable_validation=True,
        allow_network=False,
        cssutils_logging_level=logging.CRITICAL,
        disable_basic_attributes=["width", "height", "bgcolor", "align", "valign"],
    )
    styled = str(premailer.transform(pretty_print=False))
    return _LEFT_MARK.sub(r"\1", styled)  # premailer forgets its mark on style sheets for one medium


class _Inliner(Premailer):  # type: ignore[misc]  # premailer has no types
    """premailer, which writes every declaration anew for each mail: here once for a style sheet."""

    def _parse_style_rules(self, css_body: str, ruleset_index: int) -> tuple[list[Any], list[Any]]:
        rules, leftover = _rules(css_body, ruleset_index)
        return list(rules), list(leftover)


@lru_cache(maxsize=64)
def _rules(css_body: str, ruleset_index: int) -> tuple[list[Any], list[Any]]:
    plain = Premailer("", strip_important=False, disable_validation=True, cssutils_logging_level=logging.CRITICAL)
    parsed: tuple[list[Any], list[Any]] = plain._parse_style_rules(css_body, ruleset_index)  # noqa: SLF001 - as above
    return parsed

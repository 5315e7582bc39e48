"""MJML to HTML: the one place that speaks to mjml-python."""

from __future__ import annotations

import mjml


def to_html(source: str) -> str:
    """Return the HTML of an MJML document; nothing is fetched, fonts least of all."""
    return str(mjml.mjml2html(source, fonts={}))

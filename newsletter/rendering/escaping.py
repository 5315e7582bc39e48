"""Escaping for the places that MRML, which compiles the mails, treats in its own way."""

from __future__ import annotations

import re

from markupsafe import Markup

_NOT_PLAIN = re.compile(r"[^ !#-%(-;=?-~]")


def attribute(value: str) -> Markup:
    r"""Write `value` for an attribute: all but plain ASCII as numeric references.

    MRML writes attribute values as Rust debugs strings: a no-break space would come out as `\u{a0}`, a quotation mark
    would end the value. References it leaves alone.
    """
    return Markup(_NOT_PLAIN.sub(lambda match: f"&#{ord(match.group())};", value))  # noqa: S704 - only safe ASCII is left

"""Names as strangers typed them into a form, made fit to stand in a greeting and in a header."""

from __future__ import annotations

import re
import unicodedata

LONGEST_NAME = 64
"""Characters. What is longer is no name; half a name would be worse than none."""

_KEPT_FORMATS = "\u200c\u200d\u200e\u200f"
"""Joiners that Persian, Indic and emoji spelling need, and the marks of Arabic and Hebrew. The other format characters
(category Cf) can only deceive: bidi overrides turn the line around, others are invisible."""

_SPACES = re.compile(r"[^\S\u00a0\u202f]+")
"""White space; the no-break ones belong to French spelling and stay."""

_SUSPICIOUS = re.compile(
    r"""[/\\@<>{}\[\]|$€£%]     # addresses, mark-up, money
      | \w\.[a-z]{2,}           # a host, which mail programs make a link of; 'M.Dupont' and 'J. R. Reyes' pass
      | \w{2,}\.\w{2,}
      | \d.*\d.*\d.*\d.*\d      # a telephone number
    """,
    re.VERBOSE,
)
_PLAIN = re.compile(r"[^\W\d_]+(?:[ '’-][^\W\d_]+)*")


def plain_line(text: str) -> str:
    """Return `text` as one line: white space folded, no control or format characters, no lone surrogates."""
    if text.isprintable() and "  " not in text:
        return text.strip()
    spaced = _SPACES.sub(" ", text.encode("utf-8", "replace").decode())
    shown = "".join(c for c in spaced if unicodedata.category(c) not in {"Cc", "Cf"} or c in _KEPT_FORMATS)
    return _SPACES.sub(" ", shown).strip()  # once more: what was dropped may have stood between two spaces


def usable_name(name: str) -> str:
    """Return the name to address somebody by, or "" when what is stored is not fit to be repeated in our mail.

    A form that sends mail to any address is abused by typing an advertisement as the name. So what looks like a
    link, an address, mark-up, money or a telephone number, has no letter, or is over `LONGEST_NAME` is not used.
    """
    line = plain_line(name)
    if len(line) > LONGEST_NAME:
        return ""
    if _PLAIN.fullmatch(line):
        return line
    return line if any(map(str.isalpha, line)) and not _SUSPICIOUS.search(line) else ""

"""From the bytes of a file to its text, whatever program wrote it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from newsletter.issues.findings import DocumentError, Problem

if TYPE_CHECKING:
    from newsletter.issues.findings import Notes

_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
"""Byte order marks and what they say (https://www.unicode.org/faq/utf_bom.html)."""

_CONTAINERS = ((b"PK\x03\x04", "a Word or ZIP file"), (b"%PDF", "a PDF"), (b"{\\rtf", "an RTF file"))
_LINE_ENDS = re.compile("\r\n|[\r\v\f\x85\u2028\u2029]")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_TWICE_ENCODED = re.compile("Ã[\u0080-\u00bf]|â€[\u0080-\u00bf™œ\u009d“”˜]")  # noqa: RUF001 - what UTF-8 looks like when misread


def decode(data: bytes, notes: Notes) -> str:
    """Return the text with lines ended by LF; line numbers are those an editor shows.

    UTF-8 with or without a mark, UTF-16 with one, else Windows-1252 (noted). Raises DocumentError for what is no text.
    """
    for start, what in _CONTAINERS:
        if data.startswith(start):
            raise DocumentError(notes.name, (Problem(0, "", f"plain text, but this is {what}: save it as text"),))
    text = _LINE_ENDS.sub("\n", _decoded(data, notes))
    for number, line in enumerate(text.split("\n"), start=1):
        if _CONTROL.search(line):
            notes.warn(number, "control-character", "A control character was taken out.")
        if _TWICE_ENCODED.search(line):
            notes.warn(number, "encoding", "Letters such as “Ã©” show that this text was saved in a wrong encoding.")
    return _CONTROL.sub("", text)


def _decoded(data: bytes, notes: Notes) -> str:
    encoding = next((encoding for mark, encoding in _MARKS if data.startswith(mark)), "utf-8")
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
    try:
        text = data.decode("cp1252")
    except UnicodeDecodeError as error:
        where = data.count(b"\n", 0, error.start) + 1
        raise DocumentError(notes.name, (Problem(where, "", "text in UTF-8 (or Windows-1252)"),)) from None
    notes.warn(line, "encoding", "Not UTF-8: read as Windows-1252. Look at the accents and quotes.")
    return text

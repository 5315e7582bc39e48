"""Bytes become text, whatever program wrote them."""

from __future__ import annotations

import pytest

from newsletter.issues.decode import decode
from newsletter.issues.findings import DocumentError, Notes


def test_windows_1252_is_read_and_noted_with_its_line() -> None:
    notes = Notes("a.txt")
    assert decode("un\n“deux” à l’aise — €".encode("cp1252"), notes) == "un\n“deux” à l’aise — €"
    assert [(finding.line, finding.code) for finding in notes.findings] == [(2, "encoding")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_byte_order_marks_are_obeyed_and_taken_off(encoding: str) -> None:
    mark = "\ufeff" if encoding in {"utf-16-le", "utf-16-be"} else ""
    assert decode((mark + "é\r\nb\rc\u2028d").encode(encoding), Notes("a.txt")).lstrip("\ufeff") == "é\nb\nc\nd"


def test_control_characters_are_taken_out_and_noted() -> None:
    notes = Notes("a.txt")
    assert decode(b"a\x00b\tc\n\x07d", notes) == "ab\tc\nd"
    assert [(finding.line, finding.code) for finding in notes.findings] == [
        (1, "control-character"),
        (2, "control-character"),
    ]


def test_a_text_that_was_encoded_twice_is_noted() -> None:
    notes = Notes("a.txt")
    decode("R\u00c3\u00a9sum\u00c3\u00a9 d\u00e2\u20ac\u2122hier".encode(), notes)
    assert [finding.code for finding in notes.findings] == ["encoding"]


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"PK\x03\x04word/document.xml", "Word"),
        (b"%PDF-1.7", "PDF"),
        (b"{\\rtf1", "RTF"),
        (b"ok\n\xff\x81\xfe", "UTF-8"),
    ],
)
def test_what_is_no_text_is_refused(data: bytes, what: str) -> None:
    with pytest.raises(DocumentError, match=what):
        decode(data, Notes("a.txt"))

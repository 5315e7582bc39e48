"""Files that are no text and no workbook: known by their first bytes, and refused with what to do. Pure.

Read as text they would be thousands of rows of rubbish, each rejected, and the one thing to say would be missing.
"""

from __future__ import annotations

import re

from subscribers.errors import Refused

_MAGIC = {
    b"PK\x05\x06": "an empty ZIP archive: choose the file that should have been in it",
    b"PK\x07\x08": "a part of a ZIP archive in several: put them together, unpack it, and import its files one by one",
    b"\xd0\xcf\x11\xe0": "a workbook of Excel 97–2003, or one with a password: save it as XLSX or CSV",
    b"%PDF": "a PDF: export the list as CSV",
    b"BZh": "compressed with bzip2: unpack it, or compress it with gzip",
    b"\xfd7zXZ": "compressed with xz: unpack it, or compress it with gzip",
    b"\x28\xb5\x2f\xfd": "compressed with zstd: unpack it, or compress it with gzip",
    b"7z\xbc\xaf": "a 7z archive: unpack it and import the files one by one",
    b"Rar!": "a RAR archive: unpack it and import the files one by one",
    b"SQLite format 3\0": "a database of SQLite: export the people from it as CSV",
    b"{\\rtf": "a document of a word processor: save the list as CSV in UTF-8",
    b"\x89PNG": "a picture: export the list as CSV",
    b"\xff\xd8\xff": "a picture: export the list as CSV",
}
_WEB_PAGE = re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype\s+html|html|\?xml|table|meta)\b", re.IGNORECASE)
"""Some tools call one `.xls`."""
_WORKBOOKS = (".xlsx", ".xlsm", ".xlsb", ".ods", ".numbers")
_WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff", b"\0\0\xfe\xff")
_CONTROLS = bytes({*range(0x20), 0x7F} - {*b"\t\n\r\f\x1a\x1b"})
_FEW = 8
"""Control characters that a text may well have: somebody's file has a stray one."""
_SHARE = 50
"""One of so many bytes is too much."""


def refuse_foreign(name: str, first: bytes, *, said: bool = False) -> None:
    """Raise Refused for a file called `name` whose `first` bytes are those of no list of people.

    `said`: somebody says which encoding it is in, so that odd bytes may be letters.
    """
    for magic, what in _MAGIC.items():
        if first.startswith(magic):
            raise Refused(f"{name} is {what}.")
    if _WEB_PAGE.match(first):
        raise Refused(
            f"{name} is a web page or XML, whatever its name: open it with a spreadsheet, and save it as CSV."
        )
    called = name.lower().removesuffix(".gz")
    if called.endswith(_WORKBOOKS):
        raise Refused(
            f"{name} is called a workbook and does not begin like one, so it is damaged, or something else: fetch it "
            f"once more, or open it with a spreadsheet and save it as CSV in UTF-8. If it is a text, call it .csv."
        )
    if called.endswith(".zip"):
        raise Refused(f"{name} is called an archive and does not begin like one: fetch it once more, and unpack it.")
    if not said and _is_binary(first):
        raise Refused(
            f"{name} is no text and no workbook: export the list once more, as CSV in UTF-8 or as XLSX. If it was all "
            f"right where it comes from, it was damaged on its way."
        )


def _is_binary(first: bytes) -> bool:
    """Return whether there are too many control characters. UTF-16 is for its decoder to judge."""
    if first.startswith(_WIDE_MARKS) or b"\0\0" in (first[:4:2], first[1:4:2]):
        return False
    return len(first) - len(first.translate(None, _CONTROLS)) > max(_FEW, len(first) // _SHARE)

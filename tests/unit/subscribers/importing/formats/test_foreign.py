"""What is no list of people is refused in one sentence, and never read as thousands of broken rows."""

from __future__ import annotations

import io
import random
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from subscribers.errors import Refused
from subscribers.importing.formats import open_sheet
from subscribers.importing.formats.foreign import refuse_foreign
from subscribers.importing.formats.sheet import Hints


def workbook() -> bytes:
    book, file = Workbook(), io.BytesIO()
    sheet = book.active
    assert sheet is not None
    for number in range(200):
        sheet.append([f"p{number}@example.org" if number else "email", "Ann"])
    book.save(file)
    return file.getvalue()


def archive(*names: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as made:
        for name in names:
            made.writestr(name, "x")
    return file.getvalue()


WHOLE = workbook()
NOISE = random.Random(7).randbytes(5_000)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("people.xlsx", WHOLE[: len(WHOLE) // 2], "is no workbook that can be read.*fetch it once more"),
        ("people.xlsx", b"\n" + WHOLE, "does not begin like one.*damaged"),
        ("people.xlsx", WHOLE[700:], "does not begin like one"),
        ("people.XLSX.gz", b"email\nann@example.org\n", "If it is a text, call it .csv"),
        ("people.csv", b"\n" + NOISE, "no text and no workbook: export the list once more"),
        ("people.csv", b"email\n" + NOISE, "no text and no workbook"),
        ("people.csv", b"email\n" + b"\0" * 100, "no text and no workbook"),
        ("people.csv", archive("people.csv"), "is a ZIP archive and no workbook: unpack it"),
        ("people.zip", b"email\nann@example.org\n", "called an archive and does not begin like one"),
        ("people.ods", archive("mimetype", "content.xml"), "another kind .ODS, XLSB.: save it as XLSX"),
        ("people.xlsb", archive("[Content_Types].xml", "xl/workbook.bin"), "another kind"),
        ("people.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "Excel 97–2003, or one with a password"),
        ("people.xls", b"<html><table><tr><td>email", "is a web page or XML, whatever its name"),
        ("people.csv", b"\xef\xbb\xbf<!DOCTYPE html>", "is a web page or XML"),
        ("people.csv", b"Rar!\x1a\x07", "a RAR archive: unpack it"),
        ("people.csv", b"SQLite format 3\0 and so on", "a database of SQLite"),
    ],
)
def test_it_says_what_it_is_and_what_to_do(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(Refused, match=f"(?s)^{name}.*{said}"):
        open_sheet(path, Hints())


@given(st.integers(1, len(WHOLE) - 1), st.binary(min_size=1, max_size=40))
def test_a_damaged_workbook_is_never_read_as_text(place: int, damage: bytes) -> None:
    broken = WHOLE[:place] + damage + WHOLE[place + len(damage) :]
    try:
        refuse_foreign("people.csv", broken[:4096])
    except Refused:
        return
    assert broken.startswith(b"PK\x03\x04")  # then it is opened as one, whatever comes of it


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
@pytest.mark.parametrize("text", ["email,name\nann@example.org,Renée\n", "email\n" + "x\x0by\n" * 5, "email\n\x1a"])
def test_text_is_text_in_every_encoding(encoding: str, text: str) -> None:
    refuse_foreign("people.csv", text.encode(encoding))


def test_arabic_in_two_bytes_is_text() -> None:
    refuse_foreign("people.csv", ("email,name\n" + "a@example.org,ليلى أحمد\n" * 50).encode("utf-16-le"))


def test_odd_bytes_may_be_letters_of_an_encoding_that_is_said() -> None:
    odd = bytes(range(1, 9)) * 20
    refuse_foreign("people.csv", odd, said=True)
    with pytest.raises(Refused, match="no text"):
        refuse_foreign("people.csv", odd)

"""Encodings, compression, and files that are no text."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from subscribers.errors import Refused
from subscribers.importing.formats import open_sheet, text
from subscribers.importing.formats.packed import BLOCK
from subscribers.importing.formats.sheet import Hints, Sheet

PEOPLE = "email,name\nzoe@example.org,Zoë Lefèvre\nłukasz@example.org,Ann\n"


def opened(folder: Path, content: bytes, name: str = "people.csv", encoding: str | None = None) -> Sheet:
    path = folder / name
    path.write_bytes(content)
    return open_sheet(path, Hints(encoding=encoding, known=("email", "name")))


def names(sheet: Sheet) -> list[str]:
    return [row.cells[0] for row in sheet.rows((1,))]


@pytest.mark.parametrize(
    ("codec", "said"),
    [
        ("utf-8", "UTF-8"),
        ("utf-8-sig", "UTF-8 with a byte order mark"),
        ("utf-16", "UTF-16"),
        ("utf-16-le", "UTF-16 (little endian)"),
        ("utf-16-be", "UTF-16 (big endian)"),
        ("utf-32", "UTF-32"),
    ],
)
@pytest.mark.parametrize("packed", [False, True])
def test_what_unicode_is_written_in_is_found_out(tmp_path: Path, codec: str, said: str, packed: bool) -> None:  # noqa: FBT001 - a table
    content = PEOPLE.encode(codec)
    sheet = opened(tmp_path, gzip.compress(content) if packed else content)
    assert (sheet.written.encoding, sheet.written.compressed) == (said, packed)
    assert names(sheet) == ["Zoë Lefèvre", "Ann"]
    assert (sheet.lines, list(sheet.notes)) == (3, [])


@pytest.mark.parametrize(
    ("name", "codec", "said"),
    [("Zoë – “Œ”", "cp1252", "Windows-1252"), ("Zoë", "latin-1", "Windows-1252"), ("Zoë\x81", "latin-1", "Latin-1")],
)
def test_western_encodings_are_told_apart_as_far_as_they_differ(
    tmp_path: Path, name: str, codec: str, said: str
) -> None:
    sheet = opened(tmp_path, f"email,name\nzoe@example.org,{name}\n".encode(codec))
    assert sheet.written.encoding == said
    assert any(said in note for note in sheet.notes)
    assert names(sheet) == [name]


def test_an_encoding_can_be_said(tmp_path: Path) -> None:
    content = "email,name\na@example.org,Łukasz Żak\n".encode("cp1250")
    assert names(opened(tmp_path, content)) != ["Łukasz Żak"]
    assert names(opened(tmp_path, content, encoding="windows-1250")) == ["Łukasz Żak"]


@pytest.mark.parametrize("encoding", ["klingon", "base64", "rot13"])
def test_an_encoding_that_there_is_not_is_refused(tmp_path: Path, encoding: str) -> None:
    with pytest.raises(Refused, match=f"there is no encoding “{encoding}”"):
        opened(tmp_path, PEOPLE.encode(), encoding=encoding)


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("people", [1, BLOCK // 16])
def test_broken_utf_16_is_refused_with_its_line(tmp_path: Path, codec: str, people: int) -> None:
    content = ("email,name\n" + "a@example.org,A\n" * people).encode(codec)
    half = b"\xd8\x00" if codec == "utf-16-be" else b"\x00\xd8"
    rest = "b\n".encode("utf-16-be" if codec == "utf-16-be" else "utf-16-le")
    said = rf"after line {people + 1} something is not UTF-16 .*Save the file as CSV in UTF-8"
    with pytest.raises(Refused, match=said):
        opened(tmp_path, content + half + rest)


def test_what_is_not_in_the_encoding_that_was_said_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="something is not shift_jis"):
        opened(tmp_path, b"email\n\x80\xff\n", encoding="shift_jis")


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_a_line_of_a_gigabyte_is_refused_before_it_is_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, end: bytes
) -> None:
    monkeypatch.setattr(text, "LONGEST_LINE", 3 * BLOCK)
    long = b"x" * (3 * BLOCK + 1)
    with pytest.raises(Refused, match="line 3 is longer than"):
        opened(tmp_path, end.join([b"email", b"a@example.org", long, b"b@example.org"]))
    shorter = end.join([b"email", b"a@example.org", long[:-2], b"b@example.org"])
    assert len(list(opened(tmp_path, shorter).rows((0,)))) == 3


def test_a_compressed_gigabyte_without_an_end_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bomb.csv.gz"
    with gzip.open(path, "wb", compresslevel=1) as file:
        for _ in range(1_000):
            file.write(b"a" * 1_000_000)
    with pytest.raises(Refused, match="line 1 is longer than 1,000,000 bytes"):
        open_sheet(path, Hints())


@pytest.mark.parametrize("missing", [1, 5, 30])
def test_a_truncated_gzip_is_refused(tmp_path: Path, missing: int) -> None:
    packed = gzip.compress(PEOPLE.encode() * 100)
    with pytest.raises(Refused, match=r"ends too early, so a part of it is missing.*nothing was imported"):
        opened(tmp_path, packed[:-missing])


def test_a_damaged_gzip_is_refused(tmp_path: Path) -> None:
    packed = bytearray(gzip.compress(PEOPLE.encode() * 1_000))
    packed[len(packed) // 2] ^= 0xFF
    with pytest.raises(Refused, match="is damaged"):
        opened(tmp_path, bytes(packed))


@pytest.mark.parametrize("content", [b"BZh91AY", b"\xfd7zXZ\x00", b"7z\xbc\xaf'", b"%PDF-1.7", b"\xd0\xcf\x11\xe0"])
def test_other_files_are_told_by_their_beginning(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(Refused, match=r"people\.csv is (a |compressed with )"):
        opened(tmp_path, content + bytes(100))

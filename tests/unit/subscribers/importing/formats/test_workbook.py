"""Workbooks, as Excel and others write them, and archives that only look like one."""

from __future__ import annotations

import gzip
import zipfile
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from subscribers.errors import Refused
from subscribers.importing.formats import open_sheet
from subscribers.importing.formats import workbook as module
from subscribers.importing.formats.sheet import Hints, Row, Sheet

PEOPLE: list[list[Any]] = [["email", "name"], ["ann@example.org", "Ann"], [None, None], ["ben@example.org", None]]


def written(folder: Path, sheets: dict[str, list[list[Any]]], name: str = "people.xlsx") -> Path:
    book = Workbook()
    book.remove(book.worksheets[0])
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    path = folder / name
    book.save(path)
    return path


def rows(sheet: Sheet) -> list[Row]:
    return list(sheet.rows(range(len(sheet.headings))))


def test_the_first_sheet_is_read_and_the_others_are_named(tmp_path: Path) -> None:
    sheet = open_sheet(written(tmp_path, {"People": PEOPLE, "Old": [["email"]]}), Hints())
    assert (sheet.headings, sheet.written.format, sheet.written.sheet) == (["email", "name"], "xlsx", "People")
    assert rows(sheet) == [Row(2, ("ann@example.org", "Ann")), Row(4, ("ben@example.org", ""))]
    assert sheet.notes == ["Only the sheet “People” is read, not: Old (--sheet)."]
    assert sheet.lines == 4


def test_another_sheet_can_be_asked_for(tmp_path: Path) -> None:
    path = written(tmp_path, {"Notes": [["hello"]], "People": PEOPLE})
    assert open_sheet(path, Hints(sheet="People")).headings == ["email", "name"]
    with pytest.raises(Refused, match="there is no sheet “Folk”; there are: Notes, People"):
        open_sheet(path, Hints(sheet="Folk"))


def test_headings_may_stand_under_empty_rows(tmp_path: Path) -> None:
    sheet = open_sheet(written(tmp_path, {"People": [[], [None, ""], *PEOPLE]}), Hints())
    assert [row.line for row in rows(sheet)] == [4, 6]


def test_a_sheet_without_headings_can_be_given_some(tmp_path: Path) -> None:
    sheet = open_sheet(written(tmp_path, {"People": PEOPLE[1:]}), Hints(headings=("email", "name")))
    assert [row.cells[0] for row in rows(sheet)] == ["ann@example.org", "ben@example.org"]


def test_cells_of_all_kinds_are_text(tmp_path: Path) -> None:
    moment = datetime(2024, 3, 1, 9, 30)  # noqa: DTZ001 - as Excel has it
    cells = [moment, date(2024, 3, 1), time(9, 30), True, 12, 12.0, 1.5, "'=x", None]
    sheet = open_sheet(written(tmp_path, {"x": [[f"h{n}" for n in range(9)], cells]}), Hints())
    assert rows(sheet)[0].cells == (
        "2024-03-01 09:30:00", "2024-03-01 00:00:00", "09:30:00", "true", "12", "12", "1.5", "=x", "",
    )  # fmt: skip


def test_cells_beyond_the_headings_are_not_dropped_in_silence(tmp_path: Path) -> None:
    sheet = open_sheet(written(tmp_path, {"x": [["email"], ["a@example.org", "more"]]}), Hints())
    assert [row.broken for row in rows(sheet)] == ["cells beyond the 1 headings"]


def test_a_compressed_workbook_is_read(tmp_path: Path) -> None:
    path = written(tmp_path, {"People": PEOPLE})
    packed = tmp_path / "people.xlsx.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    sheet = open_sheet(packed, Hints())
    assert (len(rows(sheet)), sheet.written.compressed) == (2, True)


def test_an_empty_sheet_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"the sheet “Empty” is empty.*--sheet"):
        open_sheet(written(tmp_path, {"Empty": []}), Hints())


def test_another_archive_is_refused_with_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "audience.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("subscribed_email_audience_export_1.csv", "Email Address\n")
    with pytest.raises(Refused, match="is a ZIP archive and no workbook: unpack it"):
        open_sheet(path, Hints())


def _altered(path: Path, part: str, content: bytes) -> Path:
    altered = path.with_name(f"altered-{path.name}")
    with zipfile.ZipFile(path) as before, zipfile.ZipFile(altered, "w", zipfile.ZIP_DEFLATED) as after:
        for each in before.infolist():
            if each.filename != part:
                after.writestr(each.filename, before.read(each))
        after.writestr(part, content)
    return altered


@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/styles.xml"])
def test_a_bomb_is_not_unpacked(tmp_path: Path, part: str) -> None:
    bomb = _altered(written(tmp_path, {"People": PEOPLE}), part, bytes(40 * 1024**2))
    assert bomb.stat().st_size < 200_000
    with pytest.raises(Refused, match=f"{part} would be too large when unpacked; nothing of it was"):
        open_sheet(bomb, Hints())


def test_a_bomb_inside_gzip_is_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_LARGEST", 1_000_000)
    path = tmp_path / "people.xlsx.gz"
    path.write_bytes(gzip.compress(b"PK\x03\x04" + bytes(3_000_000)))
    with pytest.raises(Refused, match="it would be too large when unpacked"):
        open_sheet(path, Hints())


def test_entities_are_not_expanded(tmp_path: Path) -> None:
    laughs = b'<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol">]><worksheet><sheetData/></worksheet>'
    path = _altered(written(tmp_path, {"People": PEOPLE}), "xl/worksheets/sheet1.xml", laughs)
    with pytest.raises(Refused, match="XML with a document type"):
        open_sheet(path, Hints())


@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "[Content_Types].xml"])
@pytest.mark.parametrize("content", [b"", b"<broken", b"<a/>", b"\xff\xfe\x00"])
def test_a_damaged_workbook_is_refused(tmp_path: Path, part: str, content: bytes) -> None:
    path = _altered(written(tmp_path, {"People": PEOPLE}), part, content)
    with pytest.raises(Refused, match=r"save (it|the list) as CSV|is empty"):
        list(open_sheet(path, Hints()).rows((0,)))


def test_a_truncated_workbook_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, {"People": PEOPLE})
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(Refused, match=r"is no workbook that can be read.*save it as CSV in UTF-8"):
        open_sheet(path, Hints())

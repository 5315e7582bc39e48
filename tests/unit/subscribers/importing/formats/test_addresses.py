"""One address a line."""

from __future__ import annotations

from pathlib import Path

import pytest

from subscribers.importing.formats import open_sheet
from subscribers.importing.formats.sheet import Hints, Row


def rows(folder: Path, content: str) -> list[Row]:
    path = folder / "members.txt"
    path.write_text(content, "utf-8")
    sheet = open_sheet(path, Hints())
    assert sheet.written.format == "addresses"
    return list(sheet.rows((0, 1)))


def test_an_address_may_have_a_name_beside_it(tmp_path: Path) -> None:
    content = "# members\n\nann@example.org\nBen Miles <ben@example.org>\ncy@example.org (Cy Young)\n"
    assert rows(tmp_path, content) == [
        Row(3, ("ann@example.org", "")),
        Row(4, ("ben@example.org", "Ben Miles")),
        Row(5, ("cy@example.org", "Cy Young")),
    ]


def test_what_is_no_address_is_a_row_all_the_same(tmp_path: Path) -> None:
    found = rows(tmp_path, "ann@example.org\nnobody at home\n<>\n")
    assert [row.line for row in found] == [1, 2, 3]
    assert all(row.cells[0] for row in found)


@pytest.mark.parametrize("content", ["email\nann@example.org\n", "ann@example.org;Ann\n", "Ann,ann@example.org\n"])
def test_a_table_is_no_roster(tmp_path: Path, content: str) -> None:
    path = tmp_path / "members.txt"
    path.write_text(content, "utf-8")
    assert open_sheet(path, Hints()).written.format == "csv"

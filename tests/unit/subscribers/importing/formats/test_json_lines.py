"""Objects, one a line."""

from __future__ import annotations

from pathlib import Path

import pytest

from subscribers.errors import Refused
from subscribers.importing.formats import open_sheet
from subscribers.importing.formats.sheet import Hints, Row, Sheet


def opened(folder: Path, content: str | bytes) -> Sheet:
    path = folder / "people.jsonl"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return open_sheet(path, Hints())


def rows(folder: Path, content: str | bytes) -> list[Row]:
    sheet = opened(folder, content)
    return list(sheet.rows(range(len(sheet.headings))))


def test_keys_are_headings_whichever_line_they_are_in(tmp_path: Path) -> None:
    sheet = opened(tmp_path, '{"email": "a@example.org"}\n\n{"name": "B", "email": "b@example.org"}\n')
    assert (sheet.headings, sheet.lines, sheet.written.format) == (("email", "name"), 3, "jsonl")
    found = list(sheet.rows((1, 0)))
    assert [(row.line, tuple(row.cells)) for row in found] == [(1, ("", "a@example.org")), (3, ("B", "b@example.org"))]


def test_values_of_all_kinds_are_cells(tmp_path: Path) -> None:
    line = '{"a": null, "b": true, "c": false, "d": 12, "e": 1.5, "f": ["x", "y", 3], "g": {"h": [1]}, "i": [{}]}'
    (row,) = rows(tmp_path, line)
    assert list(row.cells) == ["", "true", "false", "12", "1.5", "x;y;3", '{"h": [1]}', "[{}]"]


@pytest.mark.parametrize(
    ("line", "broken"),
    [
        ('{"email": ', "the line is no JSON object"),
        ("[1, 2]", "the line is no JSON object"),
        ('"text"', "the line is no JSON object"),
        ('{"email": "a", "email": "b"}', "the key “email” stands in it twice"),
        ('{"email": "\\ud800"}', "the line is not UTF-8"),
        ("[" * 100_000, "the line is no JSON object"),
    ],
)
def test_a_line_that_cannot_be_read_costs_itself_alone(tmp_path: Path, line: str, broken: str) -> None:
    first, second, third = rows(tmp_path, f'{{"email": "a@example.org"}}\n{line}\n{{"email": "c@example.org"}}\n')
    assert (first.broken, second.broken, third.broken) == (None, broken, None)
    assert (first.cells[0], third.cells[0]) == ("a@example.org", "c@example.org")


def test_a_line_in_another_encoding_costs_itself_alone(tmp_path: Path) -> None:
    lines = [f'{{"email": "{name}@example.org", "name": "Zoë"}}'.encode() for name in "abc"]
    lines[1] = lines[1].decode().encode("cp1252")
    assert [row.broken for row in rows(tmp_path, b"\n".join(lines))] == [None, "the line is not UTF-8", None]


@pytest.mark.parametrize("content", ['[{"email": "a@example.org"}]', '[\n  {"email": "a@example.org"}\n]'])
def test_one_array_is_refused_with_what_to_do(tmp_path: Path, content: str) -> None:
    with pytest.raises(Refused, match=r"one JSON array: write one object a line.*jq"):
        opened(tmp_path, content)


def test_a_thousand_keys_are_no_headings(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="more than 1000 different keys"):
        opened(tmp_path, "".join(f'{{"key{number}": 1}}\n' for number in range(1_001)))

"""The beginning of a file, for somebody who is to say what its columns are about."""

from __future__ import annotations

from pathlib import Path

from subscribers.importing.fields import Field
from subscribers.importing.glimpse import Glimpse, glimpse
from subscribers.importing.source import Instructions


def seen(folder: Path, content: str | bytes, name: str = "people.csv") -> Glimpse:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return glimpse(path, Instructions())


def test_of_each_column_some_cells_that_differ(tmp_path: Path) -> None:
    rows = "".join(f"p{number}@example.org,{'yes' if number % 2 else ''},\n" for number in range(9))
    found = seen(tmp_path, f"email,vip,shoe\n{rows}")
    assert [list(cells) for cells in found.samples] == [[f"p{n}@example.org" for n in range(5)], ["yes"], []]


def test_a_note_of_several_lines_spoils_no_other_column(tmp_path: Path) -> None:
    found = seen(tmp_path, 'email,note,name\na@example.org,"one\ntwo",Ann\nb@example.org,,Ben\n')
    assert list(found.samples[0]) == ["a@example.org", "b@example.org"]
    assert list(found.samples[2]) == ["Ann", "Ben"]


def test_cells_are_short_and_are_text(tmp_path: Path) -> None:
    found = seen(tmp_path, b"email,x,\xff\n" + b"a@example.org," + b"y" * 500 + b",\xff\n" + "é,é,é\n".encode() * 9)
    assert next(iter(found.samples[1])) == "y" * 60 + "…"
    assert "\udcff" not in "".join([*found.titles, *(cell for cells in found.samples for cell in cells)])


def test_a_long_file_is_not_read_through(tmp_path: Path) -> None:
    lines = ['{"email": "a@example.org"}'] * 10_000
    found = seen(tmp_path, "\n".join([*lines, '{"email": "b@example.org", "name": "Ben"}']), "people.jsonl")
    assert (found.source.sheet.lines, list(found.titles)) == (10_001, ["email"])


def test_where_no_heading_says_it_the_addresses_are_where_they_look_like_some(tmp_path: Path) -> None:
    rows = "x,a@example.org,c@example.org\ny,b@example.org,\n"
    assert seen(tmp_path, f"Nr,Kontakt,Chef\n{rows}").fields == {1: Field.EMAIL}
    assert seen(tmp_path, f"Nr,Kontakt,Email\n{rows}").fields == {2: Field.EMAIL}  # a heading goes first
    assert seen(tmp_path, "Nr,Name\n1,Ann\n").fields == {1: Field.NAME}
    assert seen(tmp_path, "a@example.org,Ann\nb@example.org,Ben\n").fields == {0: Field.EMAIL}

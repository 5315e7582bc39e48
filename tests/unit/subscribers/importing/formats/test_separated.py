"""Files as people's tools write them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subscribers.errors import Refused
from subscribers.importing.fields import Field
from subscribers.importing.formats.sheet import Row
from subscribers.importing.source import Instructions, Source, open_source

if TYPE_CHECKING:
    from pathlib import Path

ANN = {"email": "ann@example.org", "name": "Ann", "language": "fr", "topics": "ct;mri"}


def written(folder: Path, content: str | bytes, encoding: str = "utf-8") -> Path:
    path = folder / "people.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return path


def opened(folder: Path, content: str | bytes, encoding: str = "utf-8") -> Source:
    return open_source(written(folder, content, encoding), Instructions())


def rows(folder: Path, content: str | bytes, encoding: str = "utf-8") -> list[Row]:
    source = opened(folder, content, encoding)
    return list(source.sheet.rows(source.columns.positions))


def people(folder: Path, content: str | bytes, encoding: str = "utf-8") -> list[dict[Field, str]]:
    fields = opened(folder, content, encoding).columns.fields.values()
    return [dict(zip(fields, row.cells, strict=True)) for row in rows(folder, content, encoding)]


@pytest.mark.parametrize(
    "content",
    [
        "email,name,language,topics\nann@example.org,Ann,fr,ct;mri\n",
        "email,name,language,topics\r\nann@example.org,Ann,fr,ct;mri\r\n",
        "email,name,language,topics\rann@example.org,Ann,fr,ct;mri\r",
        "email,name,language,topics\nann@example.org,Ann,fr,ct;mri",
        "\ufeffemail,name,language,topics\nann@example.org,Ann,fr,ct;mri\n",
        '\ufeffemail;name;language;topics\nann@example.org;Ann;fr;"ct;mri"\n',
        "email\tname\tlanguage\ttopics\nann@example.org\tAnn\tfr\tct;mri\n",
        "Topics , E-Mail,Languages,NAME\nct;mri,ann@example.org,fr,Ann\n",
        '"email","name","language","topics"\n"ann@example.org","Ann","fr","ct;mri"\n',
        "email,name,language,topics\n\nann@example.org,Ann,fr,ct;mri\n,,,\n \n",
        "email,name,language,topics,,\nann@example.org,Ann,fr,ct;mri,,\n",
        "email,name,language,topics\nann@example.org,Ann,fr,ct;mri,,\n",
    ],
)
def test_one_table_in_many_spellings(tmp_path: Path, content: str) -> None:
    assert people(tmp_path, content) == [ANN]
    assert [row.broken for row in rows(tmp_path, content)] == [None]


def test_an_address_alone_is_enough(tmp_path: Path) -> None:
    assert rows(tmp_path, "email\nann@example.org\n") == [Row(2, ("ann@example.org",))]


def test_a_short_row_has_empty_cells(tmp_path: Path) -> None:
    (row,) = rows(tmp_path, "name,email,topics\nAnn,ann@example.org\n")
    assert (row.cells, row.broken) == (("Ann", "ann@example.org", ""), None)


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
def test_accents_survive_either_encoding(tmp_path: Path, encoding: str) -> None:
    source = opened(tmp_path, "email,name\nzoe@example.org,Zoë Lefèvre – “Œ”\n", encoding)
    assert next(source.sheet.rows((1,))).cells == ("Zoë Lefèvre – “Œ”",)
    assert any("Windows-1252" in note for note in source.sheet.notes) == (encoding == "cp1252")


def test_a_line_in_another_encoding_is_the_only_one_lost(tmp_path: Path) -> None:
    lines = ["email,name", "a@example.org,Zoë", "b@example.org,Ünal", "c@example.org,Øre"]
    content = "\n".join(lines).encode() + b"\nd@example.org,Ren\xe9\ne@example.org,Eve\n"
    *good, bad, last = rows(tmp_path, content)
    assert [row.cells[1] for row in good] == ["Zoë", "Ünal", "Øre"]
    assert bad.line == 5
    assert bad.broken == "the line is not UTF-8"
    assert (last.line, last.broken) == (6, None)


def test_lines_are_counted_as_an_editor_counts_them(tmp_path: Path) -> None:
    content = 'email,name,notes\na@example.org,A,"one\ntwo"\n\nb@example.org,B,\n'
    assert [row.line for row in rows(tmp_path, content)] == [2, 5]


def test_a_cell_we_do_not_read_may_have_several_lines(tmp_path: Path) -> None:
    content = 'email,notes,name\r\na@example.org,"says ""no"",\r\n\r\ntwice",A\r\nb@example.org,,B\r\n'
    assert [row.cells for row in rows(tmp_path, content)] == [("a@example.org", "A"), ("b@example.org", "B")]


@pytest.mark.parametrize(
    "broken",
    [
        'x@example.org,"Bob,fr',
        'x@example.org,"Bob" Smith,fr',
        'x@example.org,Bob,"fr',
        '"x@example.org,Bob,fr',
    ],
)
def test_an_open_quotation_mark_costs_its_own_row_only(tmp_path: Path, broken: str) -> None:
    content = f'email,name,language\na@example.org,"A",fr\n{broken}\nb@example.org,"B",fr\nc@example.org,C,"fr"\n'
    found = rows(tmp_path, content)
    assert [row.line for row in found] == [2, 3, 4, 5]
    assert [row.line for row in found if row.broken] == [3]
    assert [row.cells[0] for row in found if not row.broken] == ["a@example.org", "b@example.org", "c@example.org"]


def test_two_open_quotation_marks_swallow_nobody_between_them(tmp_path: Path) -> None:
    content = 'email,name\na@example.org,"A\nb@example.org,B\nc@example.org,C"\nd@example.org,D\n'
    found = rows(tmp_path, content)
    assert [row.line for row in found if not row.broken] == [3, 4, 5]


def test_a_quotation_mark_inside_a_cell_is_one(tmp_path: Path) -> None:
    (row,) = rows(tmp_path, 'email,name\na@example.org,Grace "GG" O\'Malley\n')
    assert (row.cells[1], row.broken) == ('Grace "GG" O\'Malley', None)


def test_too_many_cells_are_not_guessed_at(tmp_path: Path) -> None:
    (row,) = rows(tmp_path, "email,name\nann@example.org,Smith, Ann\n")
    assert row.broken == "3 cells under 2 headings: does a cell with a comma lack quotation marks?"
    assert row.cells[0] == "ann@example.org"


def test_how_a_file_is_written_is_told(tmp_path: Path) -> None:
    source = opened(tmp_path, "\ufeffemail;shoe size;name\r\na@example.org;38;A\r\n")
    assert source.columns.unread == ("shoe size",)
    assert source.sheet.lines == 2
    written = source.sheet.written
    assert (written.format, written.separator, written.encoding) == ("csv", ";", "UTF-8 with a byte order mark")


def test_excel_may_say_its_separator_outright(tmp_path: Path) -> None:
    content = "sep=|\nemail|first name|last name\na@example.org|Ann|Bee, Cee\n"
    assert people(tmp_path, content) == [{"email": "a@example.org", "first_name": "Ann", "last_name": "Bee, Cee"}]
    assert rows(tmp_path, content)[0].line == 3


def test_headings_that_nobody_knows_do_not_hide_the_separator(tmp_path: Path) -> None:
    source = opened(tmp_path, "Kundennummer;Schuhgröße;E-Mail-Adresse\n7;38;a@example.org\n")
    assert (source.columns.headings[2], source.columns.fields) == ("E-Mail-Adresse", {2: Field.EMAIL})


def test_backslashes_may_guard_quotation_marks(tmp_path: Path) -> None:
    content = 'email,name\na@example.org,"Grace \\"GG\\" O\'Malley, Dr"\nb@example.org,"B, C"\n'
    assert [row.cells[1] for row in rows(tmp_path, content)] == ['Grace "GG" O\'Malley, Dr', "B, C"]


def test_a_backslash_is_a_letter_where_quotation_marks_are_doubled(tmp_path: Path) -> None:
    content = 'email,name\na@example.org,"back\\"\nb@example.org,"say ""\\"""\n'
    assert [row.cells[1] for row in rows(tmp_path, content)] == ["back\\", 'say "\\"']


def test_single_quotation_marks_are_such_where_the_headings_have_them(tmp_path: Path) -> None:
    content = "'email','name'\n'a@example.org','Smith, Ann'\n'b@example.org','O''Hara'\n"
    assert [row.cells[1] for row in rows(tmp_path, content)] == ["Smith, Ann", "O'Hara"]


def test_what_was_kept_from_being_a_formula_is_read_as_it_was(tmp_path: Path) -> None:
    content = "email,name\n'=a@example.org,'+1\nb@example.org,O'Hara\nc@example.org,''-x\n"
    assert [row.cells for row in rows(tmp_path, content)] == [
        ("=a@example.org", "+1"),
        ("b@example.org", "O'Hara"),
        ("c@example.org", "'-x"),
    ]


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "is empty"),
        (b"\n\n \n", "no column is called “email”"),
        (b"\xef\xbb\xbf", "no column is called “email”"),
        (b"name,language\nAnn,fr\n", "no column is called “email”"),
        (b"ann@example.org,Ann\n", "holds an address, so it is no line of headings"),
        (b'email,"name\nann@example.org,Ann\n', "no column is called “email”"),
        (b"email,name,email\n", "“email” and “email” are both about “email”: say which one counts: --ignore '#3'"),
        (b"e-mail,email id\n", "“e-mail” and “email id” are both about “email”: say which one counts: --ignore"),
        (b"PK\x03\x04rest", "no workbook that can be read"),
        (b"\x1f\x8bnot gzip at all", "the compressed file is damaged"),
        (b"\xd0\xcf\x11\xe0rest", "Excel 97"),
        (b"\x00\x01\x02", "no text"),
    ],
)
def test_what_is_no_table_is_refused_before_anything_is_read(tmp_path: Path, content: bytes, what: str) -> None:
    with pytest.raises(Refused, match=what) as refusal:
        opened(tmp_path, content)
    assert "ann@" not in str(refusal.value)


@given(content=st.binary(max_size=300))
def test_whatever_stands_under_the_headings_is_read_to_its_end(
    content: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.getbasetemp()
    found = rows(folder, b"email,name,notes\n" + content + b"\nlast@example.org,Last,\n")
    assert all(len(row.cells) == 2 for row in found)
    assert [row.line for row in found] == sorted({row.line for row in found})
    assert any("last@example.org" in "".join(row.cells) for row in found)

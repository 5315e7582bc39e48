"""`subscribers import` and `export` with files and options that are wrong, and with those that are right."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from newsletter.resources import folder
from tests.unit.cli.conftest import Newsletter

PEOPLE = "email,name,topics\nann@example.org,Ann,ct\nben@example.org,Ben,mri\n"


@pytest.fixture
def weekly(newsletter: Newsletter) -> Newsletter:
    """A list to import into."""
    newsletter(
        "list", "create", "weekly", "--name", "Weekly", "--from", "Editors <we@example.org>",
        "--languages", "fr,en", "--topics", folder("examples") / "topics.toml",
    )  # fmt: skip
    return newsletter


def _file(newsletter: Newsletter, content: str | bytes, name: str = "people.csv") -> Path:
    path = newsletter.folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def _nobody_is_there(newsletter: Newsletter) -> None:
    assert newsletter("subscribers", "export", "--columns", "email").out == "email\n"
    assert not list(newsletter.folder.glob("*result*"))
    assert not list(newsletter.folder.glob(".*.part"))


PACKED = gzip.compress(PEOPLE.encode() * 50, mtime=0)  # the same in every worker that collects the tests


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("people.csv", b"", "people.csv is empty: export the list once more"),
        ("people.csv", b"\n\n \n", "no column is called “email”"),
        ("people.csv", bytes(range(256)) * 20, "people.csv is no text"),
        ("people.csv", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "people.csv"),
        ("people.csv", b"name\nAnn\n", "--map 'Column=email'"),
        ("people.csv", b"ann@example.org,Ann\n", "--headings email,name"),
        ("people.csv", b"email,e-mail\na@example.org,b@example.org\n", "--ignore"),
        ("people.csv.gz", PACKED[:-9], "ends too early, so a part of it is missing"),
        ("people.csv.gz", PACKED[:20] + b"\0\0" + PACKED[22:], "the compressed file"),
        ("people.csv.gz", b"\x1f\x8b", "the compressed file"),
        ("people.xlsx", b"PK\x03\x04 and no more", "people.xlsx is no workbook that can be read"),
        ("people.json", b'[{"email": "a@example.org"}]', "jq -c '.[]' people.json"),
        ("people.pdf", b"%PDF-1.7", "people.pdf is a PDF"),
    ],
)
def test_a_file_that_is_no_list_of_people_is_refused(weekly: Newsletter, name: str, content: bytes, said: str) -> None:
    ran = weekly("subscribers", "import", _file(weekly, content, name), "--json", code=1)
    assert said in ran.err
    assert ran.out == ""
    _nobody_is_there(weekly)


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (("--map", "name"), 2, "COLUMN=FIELD"),
        (("--map", "name=shoe_size"), 2, "cannot be about “shoe_size”; it can be about: email"),
        (("--map", "Nickname=name"), 1, "no column “Nickname”; there are: email, name, topics"),
        (("--ignore", "Nickname"), 1, "no column “Nickname”"),
        (("--ignore", "email"), 1, "no column is called “email”"),
        (("--map", "topics=name"), 0, ""),
        (("--consent-time-column", "When"), 1, "no column “When”"),
        (("--topic", "IRM=dance"), 1, "no topic “dance” for the tag “IRM”"),
        (("--topic", "IRM"), 2, "TAG=TOPIC"),
        (("--encoding", "klingon"), 1, "no encoding “klingon”"),
        (("--status", "asleep"), 2, "asleep"),
        (("--existing", "forget"), 2, "forget"),
        (("--tool", "telegraph"), 2, "telegraph"),
        (("--list", "daily"), 1, "weekly"),
        (("--result", "people.csv"), 1, "would be overwritten by its result file"),
        (("--result", "nowhere/result.csv"), 1, "nowhere"),
    ],
)
def test_options_that_do_not_fit_are_refused_with_what_would(
    weekly: Newsletter, options: tuple[str, ...], code: int, said: str
) -> None:
    path = _file(weekly, PEOPLE)
    ran = weekly("subscribers", "import", path, *options, code=code)
    assert said in ran.err
    assert path.read_text("utf-8") == PEOPLE
    if code:
        _nobody_is_there(weekly)


def test_no_file_and_a_folder_are_wrong_usage(weekly: Newsletter) -> None:
    assert "nowhere.csv" in weekly("subscribers", "import", "nowhere.csv", code=2).err
    assert "directory" in weekly("subscribers", "import", ".", code=2).err


def test_a_dry_run_says_what_would_be_and_writes_nothing(weekly: Newsletter) -> None:
    path = _file(weekly, PEOPLE + "nobody,,\ninfo@gamil.com,,\n")
    report = weekly("subscribers", "import", path, "--dry-run", "--json", code=3).json
    assert (report["rows"], report["added"], report["rejected"], report["result_file"]) == (4, 3, 1, None)
    told = weekly("subscribers", "import", path, "--dry-run", code=3)
    assert "gamil.com looks like a slip of gmail.com" in told.out + told.err
    _nobody_is_there(weekly)


def test_columns_and_tags_are_read_as_said(weekly: Newsletter) -> None:
    path = _file(weekly, "Kontakt;Wer;Thema\nann@example.org;Ann;IRM 3T\n")
    mapped = ("--map", "Kontakt=email", "--map", "Wer=name", "--map", "Thema=tags", "--topic", "IRM 3T=mri")
    assert weekly("subscribers", "import", path, *mapped, "--json").json["added"] == 1
    lines = weekly("subscribers", "export", "--format", "jsonl", "--columns", "email,name,topics").out.splitlines()
    assert [json.loads(line) for line in lines] == [{"email": "ann@example.org", "name": "Ann", "topics": ["mri"]}]


@pytest.mark.parametrize("name", ["out.csv", "out.tsv", "out.jsonl", "out.xlsx", "out.csv.gz", "out.xlsx.gz"])
def test_what_is_exported_is_imported_again_and_changes_nothing(weekly: Newsletter, name: str) -> None:
    weekly("subscribers", "import", _file(weekly, PEOPLE))
    first = weekly("subscribers", "export", "-o", name, "--json").json
    assert (first["rows"], first["file"], first["list"]) == (2, name, "weekly")
    assert (weekly.folder / name).stat().st_mode & 0o077 == 0
    report = weekly("subscribers", "import", name, "--json").json
    assert (report["rows"], report["unchanged"]) == (2, 2)


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (("-o", "people.doc"), 1, "--format csv|tsv|jsonl|xlsx"),
        (("--json",), 2, "-o FILE"),
        (("--format", "doc"), 2, "doc"),
        (("--columns", "shoes"), 1, "no column “shoes”"),
        (("--status", "dead"), 1, "no status “dead”"),
        (("--topics", "dance"), 1, "dance"),
        (("--since", "yesterday"), 2, "yesterday"),
        (("-o", "nowhere/people.csv"), 1, "nowhere"),
    ],
)
def test_an_export_that_cannot_be_is_refused(
    weekly: Newsletter, options: tuple[str, ...], code: int, said: str
) -> None:
    ran = weekly("subscribers", "export", *options, code=code)
    assert said in ran.err
    assert ran.out == ""


NAMED = "email,language\nann@example.org,Deutsch\nben@example.org,français / English\ncy@example.org,العربية\n"


def test_languages_may_be_written_as_words(weekly: Newsletter) -> None:
    weekly("subscribers", "import", _file(weekly, NAMED + 'dan@example.org,"fr, Swiss German"\n'))
    languages = weekly("subscribers", "export", "--columns", "email,language").out
    assert languages.splitlines()[1:] == [
        "ann@example.org,de", "ben@example.org,fr;en", "cy@example.org,ar", "dan@example.org,fr;gsw",
    ]  # fmt: skip


@pytest.mark.parametrize("word", ["Elvish", "Klingon"])  # the CLDR has a name for the second, and nothing else
def test_a_language_that_is_none_names_the_way_on(weekly: Newsletter, word: str) -> None:
    file = _file(weekly, f"{NAMED}dan@example.org,{word}\n")
    assert f"There is no language “{word}”" in (refused := weekly("subscribers", "import", file, code=3).err)
    assert "--lenient" in refused
    assert weekly("subscribers", "import", file, "--lenient", "--json").json["rejected"] == 0


def test_an_address_that_ses_cannot_deliver_to_is_rejected_with_the_reason(weekly: Newsletter) -> None:
    people = "email,status\né@example.org,\nann@münchen.de,\nè@example.org,complained\nben@example.org,\n"
    report = weekly("subscribers", "import", _file(weekly, people), "--json", code=3).json
    assert (report["added"], report["rejected"]) == (2, 2)
    for sample in report["samples"]["rejected"]:
        assert "Amazon SES delivers to no such address" in sample["reason"]
    assert [each["email"] for each in weekly("suppression", "list", "--json").json["suppressions"]] == ["è@example.org"]
    assert "Amazon SES" in weekly("subscribers", "add", "é@example.org", code=1).err
    assert "Amazon SES" in weekly("subscribers", "join", "é@example.org", code=1).err
    weekly("subscribers", "add", "ben@straße.de")


def test_columns_that_are_not_read_are_named_in_one_line(weekly: Newsletter) -> None:
    one = weekly("subscribers", "import", _file(weekly, "email,shoes\nann@example.org,42\n"), "--json").json
    assert one["warnings"] == ["The column “shoes” is not read."]
    many = weekly("subscribers", "import", _file(weekly, "shoes,email,hat\n42,ann@example.org,L\n")).err
    assert many.splitlines() == ["2 columns are not read: “shoes”, “hat”."]


@pytest.mark.parametrize(
    ("row", "options", "mendable"),
    [
        ("ann@example.org", (), False),  # again
        ("info@example.org", ("--role-addresses", "reject"), False),
        ("ben@gamil.com", ("--likely-typos", "reject"), True),
        ("nobody", (), True),
    ],
)
def test_mending_is_advised_where_something_can_be_mended(
    weekly: Newsletter, row: str, options: tuple[str, ...], *, mendable: bool
) -> None:
    file = _file(weekly, f"email\nann@example.org\n{row}\n")
    rejected = weekly("subscribers", "import", file, *options, code=3).err
    assert "line 3: email: " in rejected
    assert ("Mend these rows" in rejected) is mendable

"""What an import says of rows, in the language of whoever reads the page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from sqlalchemy import insert

from newsletter.rendering.catalogs import page_catalog
from newsletter.web.mapping.spoken import spoken
from subscribers import importing
from subscribers.database import Database
from subscribers.importing import Instructions
from subscribers.importing.doubts import Policies, Policy
from subscribers.models import Suppression
from subscribers.publication import Topic
from subscribers.sentences import Sentence
from tests.factories.people import NOW, make_list
from tests.fixtures.mapping import sitting

OTHERS = pytest.mark.parametrize("language", ["fr", "de", "ar"])
TOPICS = (Topic("ct", labels={"en": "CT"}), Topic("mri", labels={"en": "MRI"}))
LONG = "x" * 201
WRONG = f"""\
email,name,language,topics,digest,timezone,status,consented,left,paused_until
nobody,,,,,,,,,
ann@,,,,,,,,,
a..b@example.org,,,,,,,,,
a@[192.0.2.1],,,,,,,,,
{"x" * 65}@example.org,,,,,,,,,
"a b"@example.org,,,,,,,,,
,Ann,,,,,,,,
long@example.org,{LONG},,,,,,,,
klingon@example.org,,tlh-xx,,,,,,,
topic@example.org,,,dances,,,,,,
daily@example.org,,,,daily,,,,,
zone@example.org,,,,,Mars/Base,,,,
odd@example.org,,,,,,odd,,,
when@example.org,,,,,,,yesterday,,
ahead@example.org,,,,,,,2150-01-01,,
early@example.org,,,,,,,1950-01-01,,
gone@example.org,,xx,,,,unsubscribed,,,
ok@example.org,,,,,,,,,
ok@example.org,,,,,,complained,,,
more@example.org,a,,,,,,,,,,surplus
"""
DOUBTFUL = (
    "email,name,language,status\ninfo@example.org,,,\nann@gamil.com,,,\nben@mailinator.com,,tlh,\n"
    "cy@example.org,,fr,pending\nde@example.org,,fr,bounced\neve@example.org,,fr,unsubscribed\nflo@example.org,,,\n"
)


def in_english(text: str) -> list[str]:
    """Everything of a page that is marked as English."""
    return re.findall(r'<span lang="en"[^>]*>(.*?)</span>', text)


@OTHERS
@pytest.mark.parametrize("apart", [False, True])
def test_no_refusal_of_a_row_is_in_english_for_who_reads_none(
    sqlite_database: Database, tmp_path: Path, language: str, monkeypatch: pytest.MonkeyPatch, *, apart: bool
) -> None:
    if apart:  # read in a process of its own, as a long file is
        monkeypatch.setattr(importing, "_LONG", 0)
    file = tmp_path / "people.csv"
    file.write_text(WRONG, encoding="utf-8")
    with sitting(sqlite_database, make_list(sqlite_database, topics=TOPICS), file) as here:
        here.enter()
        here.say({f"column-{n}": name for n, name in enumerate(WRONG.split("\n", 1)[0].split(","), start=1)})
        page = here.visitor.get(f"{here.path.partition('?')[0]}rows?lang={language}")
        reasons = re.findall(r'<span class="reason">(.*?)</span>\n?</li>', page.text, re.DOTALL)
        report = here.desk.newest().report  # type: ignore[union-attr]  # there is one
    assert report is not None
    assert report.rejected == len(WRONG.splitlines()) - 2
    english = {reason for lines in report.samples.values() for _, _, _, reason in lines if reason}
    assert len(reasons) == sum(len(lines) for lines in report.samples.values()) - 1  # but for the one that is all right
    assert in_english(page.text) == []
    assert [reason for reason in reasons if reason in english] == []


@OTHERS
def test_no_doubt_about_a_row_is_in_english_for_who_reads_none(
    sqlite_database: Database, tmp_path: Path, language: str
) -> None:
    with sqlite_database.write() as session:
        session.execute(insert(Suppression).values(email="flo@example.org", reason="bounce", detail="", since=NOW))
    file = tmp_path / "people.csv"
    file.write_bytes(DOUBTFUL.replace("cy@", "Zoé,x@", 0).encode() + "gé@exämple.org,Zoé,fr,\n".encode("cp1252"))
    with sitting(sqlite_database, make_list(sqlite_database), file, Instructions(lenient=True)) as here:
        here.enter()
        here.say({"column-1": "email", "column-2": "name", "column-3": "language", "column-4": "status"})
        page = here.visitor.get(f"{here.path.partition('?')[0]}rows?lang={language}")
    assert "Windows-1252" in page.text
    assert "gmail.com" in page.text
    assert in_english(page.text) == []
    assert "Line" not in page.text


def test_english_is_as_in_the_result_file(sqlite_database: Database, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text("email,language\nann@example.org,tlh\nnobody,\n", encoding="utf-8")
    policies = Policies(role=Policy.REJECT)
    with sitting(sqlite_database, make_list(sqlite_database), file, Instructions(policies=policies)) as here:
        here.enter()
        page = here.say({"column-1": "email", "column-2": "language"})
    assert "language: There is no language “tlh”." in page.text
    assert "email: An email address must have an @-sign." in page.text


def test_values_are_escaped_and_keep_their_direction() -> None:
    said = Sentence("There is no language “{word}”. Write a code such as fr, it, pt-br.", word="<b>\udce9")
    assert "<bdi>&lt;b&gt;?</bdi>" in spoken(page_catalog("ar"), said)
    assert "“&lt;b&gt;?”" in spoken(page_catalog("en"), said)


def test_what_is_no_sentence_is_marked_as_english() -> None:
    assert spoken(page_catalog("de"), "as it is <") == '<span lang="en" dir="ltr">as it is &lt;</span>'
    assert spoken(page_catalog("en"), "as it is <") == "as it is &lt;"

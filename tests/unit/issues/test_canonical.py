"""The canonical form loses nothing, can be written by hand, and what is wrong in it is said with its line."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.issues.canonical.form import write_document
from newsletter.issues.document import parse_document
from newsletter.issues.findings import DocumentError
from newsletter.issues.model import Announcement, Article, Document, Kind, Link, OpinionLeader, Quotation, Section
from tests import strategies
from tests.factories.issues import DATE, LANGUAGES, PERIOD, sample_document

FRONT = "---\nlanguage: en\nperiod: 2026-02-28/2026-03-06\n---\n"


def read(text: str) -> Document:
    return parse_document(text.encode(), name="issue.md").document


def problems(text: str) -> list[tuple[int, str]]:
    with pytest.raises(DocumentError) as refused:
        read(text)
    return [(problem.line, problem.expected) for problem in refused.value.problems]


@given(strategies.documents(), st.none() | strategies.DATES)
def test_any_document_is_read_back_as_it_was_written(document: Document, date: dt.date | None) -> None:
    parsed = parse_document(write_document(document, date).encode(), name="issue.md")
    assert parsed.document == document
    assert parsed.date == (date or document.period.end)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_samples_are_read_back_without_a_warning(language: str) -> None:
    document = sample_document(language)
    parsed = parse_document(write_document(document, DATE).encode(), name="issue.md")
    assert (parsed.document, parsed.date, parsed.warnings) == (document, DATE, ())


def test_an_editor_writes_it_by_hand() -> None:
    document = read(
        FRONT + "\n# Peer-reviewed research\n\n## A title with *stars*\n\n```yaml\n"
        "journal: Fictional Annals\ndate: 2026-03-03\ndoi: https://doi.org/10.5555/x.1\npmid: 0042\n"
        "topics: [mri, ct, mri]\nmust_read: yes\n```\nOne line\ngoes on.\n\n\nAnother paragraph.\n"
    )
    item = document.sections[0].items[0]
    assert document.period == PERIOD
    assert item == Article(
        title="A title with *stars*",
        body="One line goes on.\n\nAnother paragraph.",
        journal="Fictional Annals",
        date="2026-03-03",
        doi="10.5555/x.1",
        pmid="0042",
        topics=("ct", "mri"),
        must_read=True,
    )


def test_a_leader_is_headed_by_the_name_and_a_summary_by_nothing() -> None:
    document = read(
        FRONT + "# S {summary}\n\nThe week.\n\n# Voices {leaders}\n\n## Ada Quist\n\n```yaml\n"
        "quotation: Short words.\nlinks: [{label: Notes, url: '#'}]\n```\n"
    )
    (summary,), (leader,) = (section.items for section in document.sections)
    assert (summary.title, summary.body) == ("", "The week.")
    assert isinstance(leader, OpinionLeader)
    assert (leader.name, leader.quotation) == ("Ada Quist", Quotation("Short words.", None))
    assert leader.links == (Link("Notes", None),)


def test_a_paragraph_may_begin_like_structure_behind_a_backslash() -> None:
    body = "# no heading\n\n\\# one backslash\n\n```yaml"
    section = Section(Kind.ANNOUNCEMENTS, "A", (Announcement(title="x", body=body),))
    written = write_document(Document(language="en", title="", period=PERIOD, sections=(section,)))
    assert "\n\\# no heading\n" in written
    assert read(written).sections[0].items[0].body == body


@pytest.mark.parametrize(
    ("text", "line", "expected"),
    [
        ("# Heading {opinions}\n", 5, "with one of"),
        ("words\n# A {media}\n", 5, "the heading of a section"),
        ("# A {media}\n# B {media}\n", 6, "another section"),
        ("# A {media}\n### deep\n", 6, "no deeper heading"),
        ("# A {media}\n## x\n```yaml\noutlet: a\n", 7, "a line ``` where the fields end"),
        ("# A {media}\n## x\n```yaml\njournal: a\n```\n", 8, "one of the fields of media"),
        ("# A {media}\n## x\n```yaml\noutlet: a\noutlet: b\n```\n", 8, "twice"),
        ("# A {media}\n## x\n```yaml\noutlet: a\nlinks: [\n```\n", 9, "YAML"),
        ("# A {media}\n## x\n```yaml\noutlet: [a]\n```\n", 8, "text"),
        ("# A {media}\n## x\n```yaml\nmust_read: perhaps\n```\n", 8, "yes or no"),
        ("# A {media}\n## x\n```yaml\ntopics: [Big Words]\n```\n", 8, "topics' slugs"),
        ("# A {media}\n## x\n```yaml\nlinks: [{label: a, url: 'javascript:alert(1)'}]\n```\n", 8, "https://"),
        ("# A {media}\n## x\ntext\n```yaml\noutlet: a\n```\n", 8, "between its heading and its text"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(text: str, line: int, expected: str) -> None:
    found = problems(FRONT + text)
    assert any(at == line and expected in said for at, said in found), found


@pytest.mark.parametrize(
    ("front", "expected"),
    [
        ("language: en\nperiod: next week", "a period such as"),
        ("language: en\nperiod: 2026-03-06/2026-02-28", "a period such as"),
        ("language: english please\nperiod: 2026-02-28/2026-03-06", "a language code"),
        ("language: en\nperiod: 2026-02-28/2026-03-06\ndate: today", "a date such as"),
        ("language: en\nperiod: 2026-02-28/2026-03-06\nauthor: me", "language, title, period or date"),
        ("period: 2026-02-28/2026-03-06", "--language"),
        ("language: en", "--date"),
    ],
)
def test_the_front_matter_is_checked(front: str, expected: str) -> None:
    assert any(expected in said for _, said in problems(f"---\n{front}\n---\n# A {{media}}\n"))


def test_front_matter_without_an_end() -> None:
    assert problems("---\nlanguage: en\n# A {media}\n")[0] == (1, "another --- where the front matter ends")

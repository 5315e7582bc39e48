"""Topics are suggested by whole words, and an editor's choice is checked."""

from __future__ import annotations

from dataclasses import replace

import pytest

from newsletter.errors import Refused
from newsletter.issues.model import Announcement, Document, Kind, OpinionLeader, Quotation, Section, Summary
from newsletter.issues.topics import Choice, Mark, chosen, marked, marks, suggest
from subscribers.publication import Topic
from tests.factories.issues import PERIOD, sample_document, sample_issue, unmarked, vocabulary

MRI = Topic("mri", keywords={"fr": ("IRM",), "en": ("MRI",)})
HEART = Topic("heart", keywords={"fr": ("cœur", "insuffisance cardiaque"), "de": ("Herz",)})
THERAPY = Topic("therapy", keywords={"fr": ("radio-oncologie",), "ar": ("العلاج الإشعاعي",)})
ALL = (MRI, HEART, THERAPY)


def suggested(title: str, language: str = "fr", body: str = "") -> tuple[str, ...]:
    section = Section(Kind.ANNOUNCEMENTS, "A", (Announcement(title=title, body=body),))
    document = Document(language=language, title="", period=PERIOD, sections=(section,))
    return suggest([document], ALL)[0]


@pytest.mark.parametrize(
    ("title", "topics"),
    [
        ("Une IRM du genou", ("mri",)),
        ("l'irm, enfin", ("mri",)),
        ("(IRM)", ("mri",)),
        ("DCE-IRM", ("mri",)),
        ("AFFIRMER, firmes, IRMf", ()),
        ("au coeur du COEUR", ("heart",)),
        ("Cœur et IRM", ("heart", "mri")),
        ("insuffisance\u00a0cardiaque", ("heart",)),
        ("insuffisance  non cardiaque", ()),
        ("Radio‑oncologie", ("therapy",)),
        ("radio oncologie", ("therapy",)),
        ("", ()),
    ],
)
def test_keywords_are_whole_words_without_case_and_accents(title: str, topics: tuple[str, ...]) -> None:
    assert suggested(title) == topics


def test_a_retired_topic_is_not_suggested() -> None:
    section = Section(Kind.ANNOUNCEMENTS, "A", (Announcement(title="IRM", body=""),))
    document = Document(language="fr", title="", period=PERIOD, sections=(section,))
    assert suggest([document], [MRI]) == (("mri",),)
    assert suggest([document], [replace(MRI, retired=True)]) == ((),)


def test_keywords_are_of_the_documents_language() -> None:
    assert suggested("Das Herz", "de") == ("heart",)
    assert suggested("Das Herz", "fr") == ()
    assert suggested("IRM", "fr-ca") == ("mri",)
    assert suggested("دليل العلاج الإشعاعي", "ar") == ("therapy",)


def test_addresses_are_not_read_for_words() -> None:
    assert suggested("x", body="[ici](https://example.org/irm) <https://irm.example/>") == ()


def test_a_quotation_is_read_in_its_own_language() -> None:
    leader = OpinionLeader(name="A", quotation=Quotation("MRI is not IRM", "en"))
    document = Document(language="fr", title="", period=PERIOD, sections=(Section(Kind.LEADERS, "L", (leader,)),))
    assert suggest([document], [MRI]) == (("mri",),)
    assert suggest([document], [Topic("x", keywords={"fr": ("IRM",)})]) == ((),)


def test_a_summary_is_for_everybody() -> None:
    section = Section(Kind.SUMMARY, "S", (Summary(body="IRM"),))
    assert suggest([Document(language="fr", title="", period=PERIOD, sections=(section,))], ALL) == ((),)


def test_what_one_language_says_counts_for_all() -> None:
    french, english = unmarked(sample_document("fr")), unmarked(sample_document("en"))
    both = suggest([french, english], vocabulary())
    alone = suggest([french], vocabulary()), suggest([english], vocabulary())
    assert both == tuple(tuple(sorted({*one, *two})) for one, two in zip(*alone, strict=True))
    assert any(both)


def test_marks_are_the_same_in_every_language() -> None:
    issue = sample_issue("fr", "en", "ar")
    by_position = [Mark(("mri",), must_read=True)] * 10
    assert [marks(document) for document in marked(issue, by_position).documents.values()] == [tuple(by_position)] * 3


def test_an_editor_chooses() -> None:
    before = [Mark(("ct",)), Mark(("mri",), must_read=True)]
    after = chosen(before, {0: Choice(topics=("mri", "heart", "mri")), 1: Choice(must_read=False)}, ALL)
    assert after == [Mark(("heart", "mri")), Mark(("mri",))]
    assert chosen(before, {0: Choice(topics=())}, ALL)[0] == Mark()


def test_a_choice_that_cannot_be_is_refused() -> None:
    with pytest.raises(Refused, match="no item 2: the issue has items 0 to 1"):
        chosen([Mark(), Mark()], {2: Choice(must_read=True)}, ALL)
    with pytest.raises(Refused, match=r"no topic “pet”. It has: heart, mri, therapy"):
        chosen([Mark()], {0: Choice(topics=("pet",))}, ALL)
    assert chosen([Mark()], {0: Choice(topics=("pet",))}, None) == [Mark(("pet",))]

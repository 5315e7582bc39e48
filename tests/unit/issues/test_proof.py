"""What a careful reader would stumble on is found before anything goes out."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given

from newsletter.issues.model import Article, Document, Issue, Item, Kind, OpinionLeader, Section
from newsletter.issues.proof import Concern, Severity, proof
from subscribers.publication import Publication
from tests import strategies
from tests.factories.issues import DATE, PERIOD, sample_document, sample_issue, vocabulary

LIST = Publication(
    id=1,
    slug="l",
    name="L",
    sender_name="S",
    sender_email="s@example.org",
    languages=("fr", "de"),
    topics=vocabulary(),
)


def one(kind: Kind, *items: Item) -> Issue:
    section = Section(kind, "Heading", items)
    return Issue(date=DATE, documents={"fr": Document(language="fr", title="", period=PERIOD, sections=(section,))})


def codes(concerns: tuple[Concern, ...]) -> set[str]:
    return {concern.code for concern in concerns}


def test_the_sample() -> None:
    concerns = proof(sample_issue("fr", "en"))
    assert codes(concerns) == {"missing-address", "indexing-pending"}
    assert {concern.severity for concern in concerns} == {Severity.WARNING}
    assert str(concerns[0]).startswith("fr, item 2: “Compter les battements")


def test_what_the_list_says_about_it() -> None:
    found = {(concern.code, concern.language, concern.position) for concern in proof(sample_issue("fr", "en"), LIST)}
    assert ("language-missing", None, None) in found
    assert ("language-not-listed", "en", None) in found
    assert {position for code, _, position in found if code == "no-topic"} == {9}


def test_an_issue_with_nothing_in_it_is_an_error() -> None:
    (concern,) = proof(one(Kind.MEDIA))[:1]
    assert (concern.code, concern.severity) == ("nothing", Severity.ERROR)


def test_languages_that_do_not_line_up_are_an_error() -> None:
    english = sample_document("en")
    issue = Issue(date=DATE, documents={"fr": sample_document(), "en": replace(english, sections=english.sections[:3])})
    assert [concern.code for concern in proof(issue) if concern.severity is Severity.ERROR] == ["line-up"]


def test_papers_with_faults() -> None:
    article = Article(title="<p>A **b** " + "x" * 250, body="Ã©tude [ici](#)", doi="10.5555/a")
    assert codes(proof(one(Kind.ARTICLES, article, article))) == {
        "no-summary",
        "long-title",
        "markup",
        "encoding",
        "missing-address",
        "missing-pmid",
        "twice",
    }


def test_voices_with_faults() -> None:
    assert codes(proof(one(Kind.LEADERS, OpinionLeader(name="A")))) == {
        "no-summary",
        "missing-source",
        "missing-quotation",
    }


def test_a_text_that_was_not_translated() -> None:
    french = sample_document()
    issue = Issue(date=DATE, documents={"fr": french, "en": replace(french, language="en")})
    assert "untranslated" in codes(proof(issue))


@given(strategies.issues())
def test_any_issue_can_be_looked_over(issue: Issue) -> None:
    for concern in proof(issue, LIST):
        assert concern.severity is Severity.WARNING
        assert str(concern)

"""Sections and labels: in any order, in other words, and the language they tell."""

from __future__ import annotations

from newsletter.issues.document import parse_document
from newsletter.issues.model import Kind, Summary
from newsletter.issues.text import key
from newsletter.issues.words import WORDS
from tests.unit.issues.reading import codes, items, parse


def test_every_language_has_words_for_everything_and_none_means_two_things() -> None:
    for words in WORDS.values():
        assert set(words.headings) == set(words.hints) == set(Kind)
        assert set(words.labels) == set(Kind) - {Kind.SUMMARY}
        headings = [key(phrase) for phrases in words.headings.values() for phrase in phrases]
        assert len(headings) == len(set(headings))
        labels = [key(phrase) for phrases in words.labels.values() for phrase in phrases]
        assert len(labels) == len(set(labels))
        assert all((words.sources, words.pending, words.read_more, words.week, words.until, words.frequent))


def test_sections_in_another_order_or_missing_and_headings_in_other_words() -> None:
    parsed = parse(
        "**3. ACTUALITÉS DES SOCIÉTÉS SAVANTES :**\n\n## 1. LA RECHERCHE SCIENTIFIQUE\n\n"
        "ARTICLE 2 · Annales · 3 mars 2026\n\nT\n\nA — I\n\nX.\n\n---\n\nRésumé\n\n# Synthèse\n\nLe texte."
    )
    kinds = [section.kind for section in parsed.document.sections]
    assert kinds == [Kind.SOCIETIES, Kind.ARTICLES, Kind.SUMMARY]
    assert parsed.document.sections[2].items == (Summary(body="Le texte."),)
    assert parsed.document.sections[1].items[0].body == "X.\n\nRésumé"
    assert {"empty-section", "heading", "numbering"} <= {finding.code for finding in parsed.warnings}


def test_an_unknown_label_opens_an_item_with_a_warning() -> None:
    (item,) = items(Kind.SOCIETIES, "CONGRÈS 1 · Société\n\nTitre\n\nTexte.")
    assert item.title == "Titre"
    assert "unknown-label" in codes(Kind.SOCIETIES, "CONGRÈS 1 · Société\n\nTitre\n\nTexte.")


def test_language_of_an_issue() -> None:
    text = b"Week of 28 February to 6 March 2026\n\n0. EXECUTIVE SUMMARY\n\nText."
    assert parse_document(text, name="issue.txt").document.language == "en"
    said = parse_document(text, name="issue.fr.txt")
    assert said.document.language == "fr"
    assert "language" in {finding.code for finding in said.warnings}
    assert parse_document(text, name="issue.fr.txt", language="en").warnings == ()


def test_a_heading_nobody_knows_is_told_by_the_labels_or_rows_below_it() -> None:
    parsed = parse(
        "7. SCIENTIFIC SOCIETY GOSSIP\n\nNEWS 1 · Société\n\nTitre\n\nTexte.\n\n"
        "8. KIOSQUE**Journal****Titre**\n\nTexte,\n\n\t<p>suite.</p>\n\n9. DIVERS\n\nANNONCE 1 · B\n\nTitre\n\nTexte."
    )
    assert [section.kind for section in parsed.document.sections] == [Kind.SOCIETIES, Kind.MEDIA, Kind.ANNOUNCEMENTS]
    assert [section.heading for section in parsed.document.sections] == [
        "SCIENTIFIC SOCIETY GOSSIP",
        "KIOSQUE",
        "DIVERS",
    ]
    assert [finding.code for finding in parsed.warnings].count("heading") == 3

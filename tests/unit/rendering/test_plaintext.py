"""The plain text: made of the same view, wrapped, readable without the HTML."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from newsletter.rendering.edition import compile_edition, compile_selection
from newsletter.rendering.plaintext import WIDTH, wrapped
from tests.factories.issues import sample_document
from tests.fixtures.thoroughness import examples
from tests.strategies import issues
from tests.unit.rendering.samples import PAIRS, PUBLICATION, edition, everything, text

if TYPE_CHECKING:
    from newsletter.issues.model import Issue

WORDS = st.text(st.characters(exclude_characters=" \n", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=200)


def assert_narrow(mail: str) -> None:
    for line in mail.splitlines():
        assert len(line) <= WIDTH or re.search(r"https?://|mailto:|@", line), line


@pytest.mark.parametrize(("content_language", "language"), PAIRS)
def test_lines_are_narrow_and_addresses_whole(content_language: str, language: str) -> None:
    mail = text(edition(content_language, language))
    assert_narrow(mail)
    for _, _, item in sample_document(content_language).items():
        assert all(link.url in mail for link in item.links if link.url)


def test_items_read_like_notes() -> None:
    assert (
        text(edition(), [1, 3])
        .replace("\u00a0", " ")
        .replace("\u202f", " ")
        .partition("- 1 annonce\n")[2]
        .startswith(
            """

RECHERCHES ÉVALUÉES PAR LES PAIRS
=================================

Annales imaginaires de radiologie · 3 mars 2026
GENOU-7 : un réseau fictif lit l’IRM du genou en 40 secondes
Dupin A, Maréchal B et al. — Hôpital de Brumaire, France

Sur 1 204 examens tirés d’un roman, GENOU-7 retrouve 96 % des lésions
méniscales.

Le code est décrit dans un dépôt fictif (https://example.org/genou-7).

DOI : https://doi.org/10.5555/fictif.2026.001
PMID : https://pubmed.ncbi.nlm.nih.gov/90000001/


ANNONCES DU SECTEUR ET APPROBATIONS RÉGLEMENTAIRES
==================================================

Ateliers Pénombre [FDA 510(k)] [Marquage CE]
"""
        )
    )


def test_what_is_missing_is_said() -> None:
    mail = text(edition())
    assert "(lien à venir)" in mail.replace("\n", " ")
    assert "PMID\u00a0: indexation en attente" in mail


def test_no_html_and_no_marks() -> None:
    mail = text(edition())
    assert not re.search(r"</?\w+[ >]|&\w+;|slot-|cut-", mail)


def test_the_foot() -> None:
    foot = text(edition("en", "en")).partition("-" * WIDTH)[2]
    assert "because you subscribed to Imagerie & IA with this address:\nzoe@example.net\n" in foot.replace(
        "this\naddress", "this address"
    )
    assert "Unsubscribe\nhttps://news.example.org/unsubscribe/TOKEN\n" in foot
    assert "1 rue de l\u2019Exemple\n75000 Nulle-Part" in foot


def test_contents_are_those_of_the_choice() -> None:
    assert "- 1 article\n" in text(edition("en", "en"), [0, 1])
    assert "In this issue" not in text(edition("en", "en"), [0])


@given(words=st.lists(WORDS, max_size=20), width=st.integers(10, 80))
@example(words=["https://example.org/" + "x" * 300, "a"], width=20)
def test_wrapping_loses_nothing(words: list[str], width: int) -> None:
    lines = wrapped(" ".join(words), width).split("\n")
    assert all(len(line) <= width or re.match(r"\S*(https?://|mailto:)\S+$", line) for line in lines)
    assert "".join(lines).replace(" ", "") == "".join(words)


@given(issue=issues(), data=st.data())
@settings(max_examples=examples(20), suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_whatever_an_issue_holds_any_choice_equals_its_own_compile(issue: Issue, data: st.DataObject) -> None:
    language = data.draw(st.sampled_from(["fr", "en", "de", "ar"]))
    whole = compile_edition(issue, PUBLICATION, content_language="fr", language=language)
    chosen = data.draw(st.frozensets(st.sampled_from(everything(whole))))
    alone = compile_selection(issue, PUBLICATION, chosen, content_language="fr", language=language)
    assert text(whole, chosen) == text(alone, chosen)
    assert_narrow(text(whole, chosen))

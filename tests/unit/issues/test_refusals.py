"""What cannot be placed is refused, all of it at once, each with its line, the line itself and what was expected."""

from __future__ import annotations

import datetime as dt

import pytest

from newsletter.issues.document import parse_document
from newsletter.issues.findings import DocumentError

WEEK = "La semaine du 28 février au 6 mars 2026\n\n"


def refused(text: str, name: str = "issue.fr.txt", **options: str) -> DocumentError:
    with pytest.raises(DocumentError) as error:
        parse_document((WEEK + text).encode(), name=name, **options)  # type: ignore[arg-type]  # by name, as it takes them
    return error.value


@pytest.mark.parametrize(
    ("text", "line", "expected"),
    [
        ("1. RÉSUMÉ\n\nX.\n\n2. PHARMACOPÉE", 7, "the heading of a section"),
        ("1. RÉSUMÉ\n\nX.\n\n## Autre chose", 7, "the heading of a section"),
        ("ARTICLE 1 · A", 3, "the heading of a section before it"),
        ("1. RÉSUMÉ\n\nX.\n\nARTICLE 1 · A", 7, "the heading of a section before it"),
        ("1. RECHERCHES ÉVALUÉES PAR LES PAIRS\n\nANNONCE 1 · A", 5, "“ARTICLE 1 · …”"),
        ("1. RECHERCHES ÉVALUÉES PAR LES PAIRS\n\nUn texte perdu.", 5, "the label of an item"),
        ("1. RÉSUMÉ\n\nX.\n\n2. RÉSUMÉ\n\nY.", 7, "began on line 3"),
        ("1. REVUE DE PRESSE\n\nUn texte sans titre de presse.", 5, "a media item before it"),
        ("1. REVUE DE PRESSE\n\n\t<p>Sans média</p>", 5, "a media item before it"),
        ("1. RÉSUMÉ\n\nA\t<p>B</p>", 5, "rows of a table"),
        ("1. RÉSUMÉ\n\nUn <table> dans le texte.", 5, "no <table>"),
        ("1. RÉSUMÉ\n\nUn <!-- mot caché --> dans le texte.", 5, "no HTML comment"),
        ("Un sous-titre\n\nUn autre\n\n1. RÉSUMÉ\n\nX.", 3, "a section after the title"),
        (
            "1. ACTUALITÉS DES SOCIÉTÉS SAVANTES\n\nACTUALITÉ 1 · S\n\nT\n\nX.\n\nSource : [s](javascript:alert)",
            11,
            "https://",
        ),
    ],
)
def test_the_line_and_what_was_expected(text: str, line: int, expected: str) -> None:
    error = refused(text)
    assert any(problem.line == line and expected in problem.expected for problem in error.problems), str(error)
    assert f"line {line}: “" in str(error)


def test_all_problems_are_told_at_once() -> None:
    error = refused("1. RÉSUMÉ\n\nUn <table>.\n\n2. PHARMACOPÉE\n\nX.\n\n3. REVUE DE PRESSE\n\nY.")
    assert [problem.line for problem in error.problems] == [5, 7, 13]
    assert str(error).startswith("issue.fr.txt cannot be read:\n  line 5: “Un <table>.”")


def test_without_headings_there_is_no_issue() -> None:
    assert "numbered headings" in str(refused("Bonjour.", name="2026-03-06.fr.txt"))


def test_a_language_whose_words_nobody_entered() -> None:
    assert "canonical form" in str(refused("1. RÉSUMÉ\n\nX.", language="ar"))


def test_without_any_date_it_is_said_what_to_do() -> None:
    with pytest.raises(DocumentError, match="--date 2026-05-22"):
        parse_document(b"1. R\xc3\x89SUM\xc3\x89\n\nX.", name="issue.fr.txt")


def test_the_period_from_the_file_name_or_the_option() -> None:
    text = "1. RÉSUMÉ\n\nX.".encode()
    named = parse_document(text, name="2026-03-06.fr.txt")
    assert (named.date, named.document.period.start) == (dt.date(2026, 3, 6), dt.date(2026, 2, 28))
    assert [finding.code for finding in named.warnings] == ["period"]
    option = parse_document(text, name="2026-03-06.fr.txt", date=dt.date(2026, 3, 13))
    assert option.document.period.end == option.date == dt.date(2026, 3, 13)
    assert [finding.code for finding in option.warnings] == ["period", "date"]


def test_dates_that_do_not_fit_are_warned_of() -> None:
    parsed = parse_document((WEEK + "1. RÉSUMÉ\n\nX.").encode(), name="2026-05-22.fr.txt")
    assert parsed.date == dt.date(2026, 5, 22)
    assert [finding.code for finding in parsed.warnings] == ["date"]

"""Opinion leaders in the shapes they come in."""

from __future__ import annotations

import pytest

from newsletter.issues.layout.quotations import is_quoted, language_of, unquoted
from newsletter.issues.model import Kind, Link, OpinionLeader, Quotation
from tests.unit.issues.reading import items


@pytest.mark.parametrize(
    "quoted",
    [
        '"The words of the day are not here."',
        "“The words of the day are not here.”",
        "«\u00a0The words of the day are not here.\u00a0»",
    ],
)
def test_a_leader_with_a_quotation_in_another_language(quoted: str) -> None:
    text = (
        "LEADER D'OPINION 1 · Ada Quist\n\nAda Quist, MD — Cheffe, Hôpital — Présidente\n"
        f'Entretien aux "Rencontres"\n(Nantes)\n\n{quoted}\n\nSource : [R](#)'
    )
    (item,) = items(Kind.LEADERS, text)
    assert item == OpinionLeader(
        name="Ada Quist, MD",
        roles=("Cheffe, Hôpital", "Présidente"),
        occasion='Entretien aux "Rencontres" (Nantes)',
        quotation=Quotation("The words of the day are not here.", "en"),
        links=(Link("R", None),),
    )


def test_a_leader_in_other_shapes() -> None:
    text = (
        "LEADER D'OPINION 1 · Ada Quist\n\nAda Quist —\nCheffe\n\nColloque du gris\n\n"
        '"Un premier paragraphe.\n\nUn second."\n\nUn commentaire.'
    )
    (item,) = items(Kind.LEADERS, text)
    assert isinstance(item, OpinionLeader)
    assert (item.roles, item.occasion, item.body) == (("Cheffe",), "Colloque du gris", "Un commentaire.")
    assert item.quotation is not None
    assert item.quotation.text == "Un premier paragraphe.\n\nUn second."


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ('"a b"', "a b"),
        ("“a b”", "a b"),
        ("„a b“", "a b"),
        ("»a b«", "a b"),
        ("«\u00a0a b\u00a0»", "a b"),
        ("‘it’s a’", "it’s a"),
        ('"He said "no" to it."', 'He said "no" to it.'),
        ("« a « b » c »", "a « b » c"),
        ('*"a b"*', "a b"),
        ('"a b".', "a b."),
    ],
)
def test_marks_around_a_quotation_are_taken_off(text: str, bare: str) -> None:
    assert is_quoted(text)
    assert unquoted(text) == bare


@pytest.mark.parametrize("text", ['"A" and "B"', '"Rencontres" (Nantes)', "« a » et « b »", "a b", '"', '""', "", '"a'])
def test_what_is_not_one_quotation(text: str) -> None:
    assert not is_quoted(text)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("We have the time, and it is not for the machine.", "en"),
        ("Nous avons le temps, et ce n'est pas pour la machine.", "fr"),
        ("Wir haben die Zeit, und sie ist nicht für die Maschine.", "de"),
        ("Tenemos el tiempo, y no es para la máquina.", None),
        ("لدينا الوقت", None),
        ("Attention.", None),
        ("", None),
    ],
)
def test_the_language_of_a_quotation_is_told_or_left_open(text: str, language: str | None) -> None:
    assert language_of(text) == language

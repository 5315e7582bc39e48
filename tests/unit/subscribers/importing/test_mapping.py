"""Which column is about what."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subscribers.errors import Refused
from subscribers.importing.fields import Field, plain
from subscribers.importing.mapping import Choices, assign, choices_for, recognise


def fields(headings: str, **choices: object) -> dict[str, str]:
    columns = assign("people.csv", headings.split(","), Choices(**choices))  # type: ignore[arg-type]  # by name, as it takes them
    return {columns.headings[position]: about.value for position, about in columns.fields.items()}


@pytest.mark.parametrize(
    "heading",
    ["E-Mail", "EMAIL_ADDRESS", " Adresse e-mail ", "Courriel", "E-Mail-Adresse", "Correo electrónico", "E-post",
     "Indirizzo e-mail", "Электронная почта", "メールアドレス", "البريد الإلكتروني"],
)  # fmt: skip
def test_an_address_has_many_names(heading: str) -> None:
    assert fields(heading) == {heading: "email"}


@pytest.mark.parametrize(
    ("headings", "about"),
    [
        ("email,Prénom,Nom,Langue,Date d'inscription", ["email", "first_name", "last_name", "language", "consented"]),
        ("email,Vorname,Nachname,Sprache,Anmeldedatum", ["email", "first_name", "last_name", "language", "consented"]),
        ("email,Full Name,Time Zone,Subscription Status", ["email", "name", "timezone", "status"]),
        ("email,Nombre,Apellidos,Idioma,Etiquetas", ["email", "first_name", "last_name", "language", "tags"]),
    ],
)
def test_headings_of_several_languages(headings: str, about: list[str]) -> None:
    assert list(fields(headings).values()) == about


def test_case_accents_and_punctuation_do_not_matter() -> None:
    assert plain("  E-Mail_Adresse: ") == plain("E MAIL ADRESSE") == "e mail adresse"
    assert plain("Prénom") == plain("PRENOM")


def test_ones_own_word_goes_first() -> None:
    found = fields("Email,Contact,Group", fields={"Contact": Field.EMAIL, "Group": Field.TAGS}, ignored=("Email",))
    assert found == {"Contact": "email", "Group": "tags"}
    assert fields("Email,Contact", fields={"contact": Field.EMAIL}) == {"Contact": "email"}


def test_a_column_can_be_left_out() -> None:
    assert fields("email,name,topics", ignored=("Topics",)) == {"email": "email", "name": "name"}


def test_what_shows_consent_may_stand_in_several_columns() -> None:
    assert fields("email,opt-in ip,signup ip") == {"email": "email", "opt-in ip": "proof", "signup ip": "proof"}


@pytest.mark.parametrize(
    ("headings", "choices", "reason"),
    [
        ("a,b", {}, "no column is called “email”, nor another word for it.*there are: “a”, “b”.*--map 'Column=email'"),
        ("", {}, "there are: none"),
        ("email,courriel", {}, "“email” and “courriel” are both about “email”: .*--ignore 'courriel'"),
        ("email,x,y", {"fields": {"x": Field.NAME, "y": Field.NAME}}, "both about “name”"),
        ("email", {"fields": {"nom": Field.NAME}}, "there is no column “nom”; there are: email"),
        ("email", {"ignored": ("nom",)}, "there is no column “nom”"),
    ],
)
def test_what_is_not_clear_is_refused_with_what_to_do(headings: str, choices: dict[str, object], reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        fields(headings, **choices)


@pytest.mark.parametrize(
    ("headings", "choices", "expected"),
    [
        (["", "Name"], {"fields": {"#1": Field.EMAIL}}, {0: "email", 1: "name"}),
        (["email", "email"], {"ignored": ("#2",)}, {0: "email"}),
        (
            ["name", "#1"],
            {"fields": {"#1": Field.EMAIL, "#2": Field.NAME}},
            {0: "email", 1: "name"},
        ),  # by number
    ],
)
def test_a_column_has_a_number_too(headings: list[str], choices: dict[str, object], expected: dict[int, str]) -> None:
    columns = assign("people.csv", headings, Choices(**choices))  # type: ignore[arg-type]  # by name, as it takes them
    assert columns.fields == expected
    assert columns.unread == ()


def test_two_columns_of_one_heading_are_told_apart_by_number() -> None:
    with pytest.raises(Refused, match="which one counts: --ignore '#2'"):
        assign("people.csv", ["E-Mail", "e mail"], Choices())


HEADINGS = st.sampled_from(
    ["email", "E-Mail", "courriel", "name", "Vorname", "", "  ", "#1", "#2", "tags", "Optin IP", "x"]
)


@given(st.data(), st.lists(HEADINGS, min_size=1, max_size=6))
def test_whatever_is_chosen_can_be_said_in_options(data: st.DataObject, headings: list[str]) -> None:
    places = st.integers(0, len(headings) - 1)
    wanted = data.draw(st.dictionaries(places, st.sampled_from(list(Field)), max_size=6))
    said = choices_for(headings, dict(sorted(wanted.items())))
    assert recognise("people.csv", headings, said).fields == wanted

"""Sentences that remember what they were made from."""

from __future__ import annotations

import pickle

from hypothesis import given
from hypothesis import strategies as st

from subscribers.address import normalised
from subscribers.errors import InvalidAddress, Refused
from subscribers.importing.fields import Field
from subscribers.sentences import Sentence, and_also, in_a_row


def test_it_is_its_english_wherever_a_text_is() -> None:
    said = Sentence("{column}: there is no “{word}”", column=Field.LANGUAGE, word="xx {y}")
    assert said == "language: there is no “xx {y}”"
    assert f"{said}" == str(Refused(said)) == said
    assert type(str(said)) is str


def test_a_refusal_gives_back_what_it_was_made_of() -> None:
    said = Sentence("There is no “{word}”.", word="xx")
    assert Refused(said).sentence is said
    assert (Refused("as it is").sentence, Refused().sentence) == ("as it is", "")


def test_it_comes_whole_out_of_another_process() -> None:
    inner = Sentence.worded("An address has an @.", "Something is missing.")
    said = and_also([in_a_row([inner, Sentence("Line {line}.", line=3)]), Sentence("over")])
    assert isinstance(said, Sentence)
    copy = pickle.loads(pickle.dumps(said))  # noqa: S301 - what was just pickled
    assert copy == said == "An address has an @. Line 3.; over"
    assert (copy.form, copy.values) == (said.form, said.values)
    assert copy.values["before"].values["before"].form == "Something is missing."


def test_none_and_one_are_what_they_are() -> None:
    one = Sentence("over")
    assert (in_a_row([]), and_also([])) == ("", "")
    assert in_a_row([one]) is and_also(iter([one])) is one


@given(st.one_of(st.text(max_size=30), st.from_regex(r"[a-zé.\-\"<> ]{0,9}@{0,2}[a-zé.\-\[\]]{0,9}(\.[a-z]{0,3})?")))
def test_whatever_is_wrong_with_an_address_can_be_said_in_other_languages(text: str) -> None:
    refusal = refused(text)
    assert refusal is None or isinstance(refusal.sentence, Sentence)
    assert refusal is None or str(refusal) == refusal.sentence


def refused(text: str) -> InvalidAddress | None:
    try:
        normalised(text)
    except InvalidAddress as refusal:
        return refusal
    return None

"""What can be chosen of a list."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subscribers.errors import Refused
from subscribers.preferences import Vocabulary

VOCABULARY = Vocabulary(topics=frozenset({"ct", "mri", "ai-act"}), languages=frozenset({"fr", "en", "pt-br"}))


@pytest.mark.parametrize(
    ("chosen", "kept"),
    [([], ""), (["mri", "ct"], "ct mri"), (["ct", "CT", " ct "], "ct"), (["", " "], ""), (["AI-Act"], "ai-act")],
)
def test_equal_choices_of_topics_are_equal_strings(chosen: list[str], kept: str) -> None:
    assert VOCABULARY.choose_topics(chosen) == kept


@pytest.mark.parametrize(
    ("chosen", "kept"),
    [
        ([], ""),
        (["en", "fr"], "en fr"),
        (["fr", "en", "FR"], "fr en"),
        (["fr-CA", "en_GB"], "fr en"),
        (["pt-BR"], "pt-br"),
        (["fr-Latn-CH"], "fr"),
    ],
)
def test_languages_keep_their_order_and_find_what_is_offered(chosen: list[str], kept: str) -> None:
    assert VOCABULARY.choose_languages(chosen) == kept


def test_what_is_unknown_is_refused_with_what_is_known() -> None:
    with pytest.raises(Refused, match=r"no topic “xray”\. Known topics: ai-act, ct, mri\."):
        VOCABULARY.choose_topics(["ct", "xray"])
    with pytest.raises(Refused, match=r"no language “de”\. Write a code such as fr, it, pt-br\."):
        VOCABULARY.choose_languages(["de"])
    with pytest.raises(Refused, match="The list has no topics yet"):
        Vocabulary(frozenset(), frozenset()).choose_topics(["ct"])


def test_a_part_of_a_known_language_is_not_guessed() -> None:
    with pytest.raises(Refused):
        VOCABULARY.choose_languages(["pt"])


@given(st.lists(st.one_of(st.sampled_from(["ct", "mri", "ai-act", ""]), st.text(max_size=6))))
def test_no_choice_ever_holds_what_the_list_does_not_have(chosen: list[str]) -> None:
    for choose, known in (
        (VOCABULARY.choose_topics, VOCABULARY.topics),
        (VOCABULARY.choose_languages, VOCABULARY.languages),
    ):
        try:
            kept = choose(chosen)
        except Refused:
            continue
        assert set(kept.split()) <= known
        assert choose(kept.split()) == kept


def test_a_language_that_nothing_is_written_in_yet_can_be_preferred() -> None:
    vocabulary = Vocabulary(topics=frozenset(), languages=frozenset({"fr", "pt-br"}), others=frozenset({"es", "pt"}))
    assert vocabulary.choose_languages(["es-MX", "pt-BR", "fr"]) == "es pt-br fr"
    with pytest.raises(Refused, match=r"no language “zz”"):
        vocabulary.choose_languages(["zz"])

"""Choices become variants, positions become chunks and calls: pure, so for any choices."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from newsletter.delivery.plan import Preference, Variant, assign, chunks, chunks_of_waves, leading

_preferences = st.builds(
    Preference, languages=st.sampled_from(["", "fr", "en fr"]), topics=st.sampled_from(["", "ct", "ct mri", "mri"])
)
_variants = st.none() | st.builds(
    Variant,
    language=st.sampled_from(["fr", "en"]),
    content_language=st.just("fr"),
    items=st.sampled_from([(0,), (0, 1), (0, 2)]),
)


@given(st.dictionaries(_preferences, _variants))
def test_everybody_gets_the_variant_that_was_chosen_for_their_choice(
    chosen: dict[Preference, Variant | None],
) -> None:
    assignment = assign(chosen, chosen.__getitem__)

    assert assignment.numbers.keys() == chosen.keys()
    for preference, number in assignment.numbers.items():
        assert chosen[preference] == (None if number is None else assignment.variants[number])


@given(st.dictionaries(_preferences, _variants))
def test_equal_variants_are_one_and_neighbours_share_their_edition(chosen: dict[Preference, Variant | None]) -> None:
    variants = assign(chosen, chosen.__getitem__).variants

    assert set(variants) == {variant for variant in chosen.values() if variant is not None}
    assert len(set(variants)) == len(variants)
    editions = [(variant.language, variant.content_language) for variant in variants]
    assert editions == sorted(editions)


@given(people=st.integers(0, 3_000), size=st.integers(1, 700))
def test_every_position_is_in_one_chunk(people: int, size: int) -> None:
    ranges = list(chunks(people, size))

    assert [position for first, last in ranges for position in range(first, last + 1)] == list(range(people))
    assert all(1 <= last - first + 1 <= size for first, last in ranges)


@given(waves=st.lists(st.integers(0, 900), max_size=6), size=st.integers(1, 400))
def test_no_chunk_spans_two_waves(waves: list[int], size: int) -> None:
    found = list(chunks_of_waves(waves, size))

    everybody = [wave for wave, people in enumerate(waves) for _ in range(people)]
    covered = [(position, wave) for wave, (first, last) in found for position in range(first, last + 1)]
    assert covered == list(enumerate(everybody))
    assert all(1 <= last - first + 1 <= size for _, (first, last) in found)


@given(variants=st.lists(st.integers(0, 2), max_size=8), limit=st.integers(1, 5))
def test_a_call_is_the_longest_beginning_of_one_variant(variants: list[int], limit: int) -> None:
    count = leading(variants, limit)

    assert count <= limit
    assert len(set(variants[:count])) <= 1
    assert count == min(limit, len(variants)) or variants[count] != variants[0]
    assert (count == 0) == (not variants)

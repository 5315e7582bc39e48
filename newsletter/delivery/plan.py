"""Who gets which items, decided for each distinct choice and not for each person. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence


class Skip(StrEnum):
    """Why somebody who may get mail got none; beside these, every `Standing` but `active` is a reason.

    Shown to people as it is.
    """

    NOTHING_FOR_THEM = "nothing for them"
    HAD_IT = "had it already"
    """From a campaign of the same issue that was cancelled half way."""
    DIGEST = "digest"
    """They chose one mail a month instead of every issue."""
    CANCELLED = "cancelled"
    """The campaign was, before their turn."""


@dataclass(frozen=True, slots=True, order=True)
class Preference:
    """What a group of subscribers chose, as their subscriptions hold it."""

    languages: str
    """Codes in order of preference, separated by a space; empty: the list's default."""
    topics: str
    """Slugs, sorted, separated by a space; empty: all."""
    excluded: str = ""
    """Slugs of what they do not want, likewise."""


@dataclass(frozen=True, slots=True, order=True)
class Variant:
    """What a group gets. Ordered so that neighbours share their edition."""

    language: str
    """The reader's."""
    content_language: str
    items: tuple[int, ...]
    """Positions in the issue, ascending."""


class Range(NamedTuple):
    """Positions of a chunk, both included."""

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Assignment:
    """Every preference's variant, by number; None: there is nothing for them."""

    variants: tuple[Variant, ...]
    """A variant's number is its index."""
    numbers: dict[Preference, int | None]


def assign(preferences: Iterable[Preference], choose: Callable[[Preference], Variant | None]) -> Assignment:
    """Give every preference its variant; equal variants become one, numbered in their order."""
    chosen = {preference: choose(preference) for preference in preferences}
    variants = tuple(sorted({variant for variant in chosen.values() if variant is not None}))
    number = {variant: index for index, variant in enumerate(variants)}
    return Assignment(
        variants, {preference: None if variant is None else number[variant] for preference, variant in chosen.items()}
    )


def chunks(people: int, size: int) -> Iterator[Range]:
    """Cut positions 0 … people-1 into ranges of at most `size`."""
    for first in range(0, people, size):
        yield Range(first, min(first + size, people) - 1)


def chunks_of_waves(waves: Sequence[int], size: int) -> Iterator[tuple[int, Range]]:
    """Cut the positions of waves of so many people, one after the other, likewise; no range spans two waves.

    Yields the number of the wave with each range.
    """
    before = 0
    for number, people in enumerate(waves):
        for first, last in chunks(people, size):
            yield number, Range(before + first, before + last)
        before += people


def leading(variants: Sequence[int], limit: int) -> int:
    """Return how many of the first entries are of one variant, at most `limit`: the size of the next call."""
    count = 0
    for variant in variants[:limit]:
        if variant != variants[0]:
            break
        count += 1
    return count

"""One thing to be done, and who does it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from newsletter.aws.service import Aws


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What differs, and what is done about it."""

    what: str
    """The setting; empty: the thing as a whole."""
    there: str | None
    """As it is; None: it is not there."""
    wanted: str
    why: str
    make: Callable[[], object] | None
    """Brings it about, and may be called again; None: it is for a person to decide."""


class Step(Protocol):
    """One thing that has to be there."""

    @property
    def title(self) -> str:
        """What it is, with its name."""

    def look(self, aws: Aws) -> Sequence[Change]:
        """Return what is to be done, as things stand now; nothing where all is as wanted. Changes nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute:
    """A setting that AWS keeps as text under a name."""

    name: str
    wanted: str
    why: str
    same: Callable[[str | None], bool]
    """Whether what is there means what is wanted."""


def exactly(name: str, wanted: str, why: str) -> Attribute:
    """Return an attribute that is compared letter by letter."""
    return Attribute(name=name, wanted=wanted, why=why, same=lambda there: there == wanted)


def differing(
    there: Mapping[str, str], attributes: Sequence[Attribute], set_one: Callable[[str, str], object]
) -> Iterator[Change]:
    """Yield a change for each attribute that is not as wanted; `set_one` sets one of them."""
    for each in attributes:
        if not each.same(there.get(each.name)):
            yield Change(
                what=each.name,
                there=there.get(each.name),
                wanted=each.wanted,
                why=each.why,
                make=lambda name=each.name, wanted=each.wanted: set_one(name, wanted),  # type: ignore[misc]  # its type is that of `make`
            )

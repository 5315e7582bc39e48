"""Which languages a reader's mail is in: one for what stands around the content, one for the content."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


@dataclass(frozen=True, slots=True)
class Languages:
    """The languages of one reader's mail."""

    reader: str
    """Of labels, dates, numbers and legal lines."""
    content: str
    """Of what the editors wrote."""


def languages_for(
    preferred: Sequence[str], *, default: str, catalogs: Sequence[str], written: Sequence[str]
) -> Languages:
    """Choose for somebody who prefers `preferred`, in this order.

    `default` is the list's, `catalogs` the languages that labels exist in, `written` those of the issue (neither
    empty). The first preferred one that is there, else the default if it is there, else the first there is.
    """
    return Languages(
        reader=_first(preferred, default, catalogs),
        content=_first(preferred, default, written),
    )


def _first(preferred: Sequence[str], default: str, available: Sequence[str]) -> str:
    wanted = (code for language in (*preferred, default) for code in _lookup(language))
    return next((code for code in wanted if code in available), available[0])


def _lookup(language: str) -> Iterator[str]:
    """Yield the language itself, then what it is a variety of: `fr-CA`, `fr` (RFC 4647 section 3.4)."""
    while language:
        yield language
        language = language.rpartition("-")[0]

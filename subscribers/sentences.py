"""English sentences that can be said in other languages, too: text that remembers what it was made from. Pure.

A sentence is a text like any other, in a result file, in a log, on the command line. A page that is read in another
language looks its form up (in `templates/locale`), and fills that with the same values. Made only where something is
to be said: whatever is all right costs nothing by it.
"""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class Sentence(str):
    """`Sentence("the same as in line {first}", first=3)`; values may be sentences, numbers, words of an enumeration."""

    __slots__ = ("form", "values")
    form: str
    """What is translated."""
    values: Mapping[str, Any]

    def __new__(cls, form: str, /, **values: object) -> Self:
        """Fill `form`; the English is what it says."""
        return cls.worded(form.format(**values), form, **values)

    @classmethod
    def worded(cls, english: str, form: str, /, **values: object) -> Self:
        """Return what is `english` as somebody else wrote it, and the same as `form` in every other language."""
        made = super().__new__(cls, english)
        made.form, made.values = form, values
        return made

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle it whole: rows are read in a process of their own."""
        return _again, (str(self), self.form, self.values)


def in_a_row(sentences: Iterable[str]) -> str:
    """Return sentences as one text; "" of none."""
    return reduce(lambda before, then: Sentence("{before} {then}", before=before, then=then), list(sentences) or [""])


def and_also(clauses: Iterable[str]) -> str:
    """Return clauses that are true together as one text; "" of none."""
    return reduce(lambda before, then: Sentence("{before}; {then}", before=before, then=then), list(clauses) or [""])


def _again(english: str, form: str, values: Mapping[str, Any]) -> Sentence:
    return Sentence.worded(english, form, **values)
